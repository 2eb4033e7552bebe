"""The identity conditional module: what is the person's in a map, taken to the features of an age group."""

from __future__ import annotations

import keras
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
