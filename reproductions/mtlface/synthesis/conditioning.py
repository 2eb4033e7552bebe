"""The identity conditional module: what is the person's in a map, taken to the features of an age group."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from common.layers import FusedBatchNormalization, LabelPlanes, TaskRouter
from common.networks import scaled_channels
from reproductions.mtlface.age_groups import GROUPS

UNITS = 128
"""Channels of a group at width 1."""

BLOCKS = 4
"""B: "There are four ICBs in ICM"."""

KINDS = ("router", "one-hot")
"""How the group enters: fixed masks with shared neighbours, or planes beside the map ("w/o ICM")."""

NORM = {"momentum": 0.9, "epsilon": 1e-5}
SLOPE = 0.25
SPREAD = 0.01
"""Standard deviation of the normal distribution from which kernels start; in the code the generator's alone.

What is made is then at first nearly the face itself: from larger kernels its colours are arbitrary, and the
discriminator wins before the generator has learnt anything.
"""


def first_kernels() -> keras.initializers.Initializer:
    """Return what the kernels of a convolution start from, see `SPREAD`."""
    return keras.initializers.RandomNormal(stddev=SPREAD)


def framework_kernels() -> keras.initializers.Initializer:
    """Return PyTorch's own start of a convolution: even between -1 and 1 over the root of the fan-in."""
    return keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")


def identity_conditional_module(
    shape: tuple[int, int, int],
    kind: str = "router",
    width: float = 1.0,
    overlap: float = 0.125,
    synchronized: bool = False,
) -> keras.Model:
    """Build the module: 1x1, BN, PReLU, four blocks, and 1x1, BN, PReLU back to the map's channels.

    A block is 3x3, BN, mask, PReLU, 3x3, BN, mask, and PReLU of its sum with the block's input. The first BN
    is masked too, so that nothing but a group's own channels carries it from the first 1x1 to the last.

    With "one-hot" the group is seven planes beside x_id, and the blocks, without masks, have the channels
    that one group has in the router: as many numbers describe a face in both.

    Args:
        shape: (h, w, C) of x_id.
        kind: one of `KINDS`.
        width: factor on `UNITS`.
        overlap: share of a group's channels that the next has too.
        synchronized: take batch statistics over all replicas.

    Returns:
        A model from {"x_id": (B, h, w, C), "group": (B,)} to (B, h, w, C).

    Raises:
        ValueError: the kind is not known.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    x_id = keras.Input(shape, name="x_id")
    group = keras.Input((), dtype="int32", name="group")
    units = scaled_channels(UNITS, width)
    router = TaskRouter(GROUPS, units, overlap, name="router") if kind == "router" else None
    build = _Builder(group, router, synchronized)
    x = x_id if router else LabelPlanes(GROUPS, name="planes")([x_id, group])
    count = router.width if router else units
    x = build.prelu(build.masked(x, count, 1, "enter"), "enter")
    for number in range(1, BLOCKS + 1):
        x = build.block(x, count, f"block{number}")
    x = build.normalised(x, shape[-1], 1, "leave")
    return keras.Model({"x_id": x_id, "group": group}, build.prelu(x, "leave"), name="conditioning")


class _Builder:
    """The layers of one module, which share group, masks and options."""

    def __init__(self, group, router: TaskRouter | None, synchronized: bool) -> None:
        self.group = group
        self.router = router
        self.synchronized = synchronized

    def normalised(self, x, count: int, size: int, name: str):
        x = layers.Conv2D(
            count,
            size,
            padding="same",
            use_bias=False,
            kernel_initializer=first_kernels(),
            name=f"{name}_conv",
        )(x)
        return FusedBatchNormalization(**NORM, synchronized=self.synchronized, name=f"{name}_norm")(x)

    def masked(self, x, count: int, size: int, name: str):
        x = self.normalised(x, count, size, name)
        return self.router([x, self.group]) if self.router else x

    def prelu(self, x, name: str):
        return layers.PReLU(keras.initializers.Constant(SLOPE), shared_axes=[1, 2], name=f"{name}_prelu")(x)

    def block(self, x, count: int, name: str):
        y = self.prelu(self.masked(x, count, 3, f"{name}_a"), f"{name}_a")
        y = self.masked(y, count, 3, f"{name}_b")
        return self.prelu(layers.Add(name=f"{name}_sum")([x, y]), f"{name}_b")


def module_of_group(module: keras.Model, group: int) -> keras.Model:
    """Return what a trained module with a router does to one group, without the channels of the others.

    In inference alone: from x_id (B, h, w, C) to (B, h, w, C), to the last bit but for the order of sums.

    Args:
        module: as of `identity_conditional_module`, of the kind "router".
        group: from 0.
    """
    router = module.get_layer("router")
    (own,) = np.nonzero(router.masks[group])
    x_id = keras.Input(module.input["x_id"].shape[1:], name="x_id")
    build = _Builder(None, None, False)
    x = build.prelu(build.masked(x_id, len(own), 1, "enter"), "enter")
    for number in range(1, BLOCKS + 1):
        x = build.block(x, len(own), f"block{number}")
    x = build.normalised(x, module.output.shape[-1], 1, "leave")
    alone = keras.Model(x_id, build.prelu(x, "leave"), name=f"conditioning_{group}")
    for layer in alone.layers:
        weights = module.get_layer(layer.name).get_weights() if layer.weights else []
        layer.set_weights([_of_channels(one, own, router.width) for one in weights])
    return alone


def _of_channels(weight: np.ndarray, own: np.ndarray, width: int) -> np.ndarray:
    """Return a weight with its last two axes, where they count the router's channels, cut to a group's."""
    for axis in range(max(weight.ndim - 2, 0), weight.ndim):
        if weight.shape[axis] == width:
            weight = np.take(weight, own, axis)
    return weight
