"""The improved residual networks of face recognition: IR-34, IR-50, IR-64 and IR-101."""

from __future__ import annotations

import keras
from keras import layers

from common.layers import FusedBatchNormalization, every_nth
from common.networks.convolutions import scaled_channels
from common.networks.residual import CHANNELS

IMPROVED_UNITS = {
    10: (1, 1, 1, 1),
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 14, 3),
    64: (3, 4, 10, 3),
    101: (3, 13, 30, 3),
}
"""Residual units of the four stages, by the number in the network's name; 10 and 18 suit small machines."""

EMBEDDING = 512
"""Numbers in an embedding, whatever the width."""

_SLOPE = 0.25
_NORM = {"momentum": 0.9, "epsilon": 1e-5}


def improved_residual(
    depth: int = 50,
    size: int = 112,
    width: float = 1.0,
    input_channels: int = 3,
    synchronized: bool = False,
    name: str | None = None,
) -> keras.Model:
    """Build the network from aligned faces to the map that recognises them.

    A 112 px face passes through

    ======== =========== ================================== =============
    layer    output      what                               units of IR-50
    ======== =========== ================================== =============
    stem     112x112x64  3x3/1, BN, PReLU
    stage1   56x56x64    improved units, the first with /2  3
    stage2   28x28x128   the same                           4
    stage3   14x14x256   the same                           14
    stage4   7x7x512     the same                           3
    ======== =========== ================================== =============

    An improved unit is BN, 3x3, BN, PReLU, 3x3 with the stride, BN, and nothing after the sum. Its shortcut
    is the input, of which every second pixel is taken where the unit halves, or a 1x1 convolution with BN
    where the unit has other channels. Convolutions have no bias and start from Glorot's uniform
    distribution; a PReLU has one slope a channel, 0.25 to begin with. Images are padded by one pixel on each
    side, so that a strided convolution is centred on the pixels that its shortcut takes.

    The layer named as in the table holds each stage's output; `stage2_3` is the third unit of the second.

    Args:
        depth: a key of `IMPROVED_UNITS`.
        size: side of the square faces in pixels, at least 16.
        width: factor on the channels, see `scaled_channels`.
        input_channels: 3 for colour, 1 for grey.
        synchronized: take batch statistics over all replicas.
        name: the model's name, by default "ir<depth>".

    Returns:
        A model from (B, size, size, input_channels), values in [-1, 1], to (B, m, m, 512 * width) with m the
        size halved four times, rounded up.

    Raises:
        ValueError: an argument outside what is said above.

    Reference: Deng, Guo, Xue and Zafeiriou, "ArcFace: Additive Angular Margin Loss for Deep Face
    Recognition", CVPR 2019, 3.1.
    """
    if depth not in IMPROVED_UNITS:
        raise ValueError(f"depth is one of {', '.join(map(str, IMPROVED_UNITS))}, not {depth}")
    if size < 16:
        raise ValueError(f"size is at least 16 pixels, for four halvings, not {size}")
    build = _Builder(synchronized)
    channels = [scaled_channels(count, width) for count in CHANNELS]
    images = keras.Input((size, size, input_channels), name="images")
    x = build.convolution(images, channels[0], "stem_conv")
    x = build.prelu(build.normalised(x, "stem"), "stem")
    for stage, (units, count) in enumerate(zip(IMPROVED_UNITS[depth], channels, strict=True), start=1):
        for unit in range(1, units + 1):
            last = unit == units
            name_of_sum = f"stage{stage}" if last else f"stage{stage}_{unit}"
            x = build.unit(x, count, 2 if unit == 1 else 1, f"stage{stage}_{unit}", name_of_sum)
    return keras.Model(images, x, name=name or f"ir{depth}")


def embedding_of(
    x, size: int = EMBEDDING, dropout: float = 0.5, synchronized: bool = False, name: str = "embedding"
):
    """Return the embedding of a map: BN, dropout, a dense layer on all of its values, BN.

    Args:
        x: (B, h, w, C), symbolic.
        size: numbers in the embedding.
        dropout: share of the map's values dropped in training.
        synchronized: take batch statistics over all replicas.
        name: of the layer that holds the embedding.

    Returns:
        (B, size), symbolic.

    Reference: as of `improved_residual`, setting "E".
    """
    x = FusedBatchNormalization(**_NORM, synchronized=synchronized, name=f"{name}_map_norm")(x)
    x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = layers.Flatten(name=f"{name}_flat")(x)
    x = layers.Dense(size, name=f"{name}_dense")(x)
    return layers.BatchNormalization(**_NORM, synchronized=synchronized, name=name)(x)


class _Builder:
    """The layers of one network, which share their options."""

    def __init__(self, synchronized: bool) -> None:
        self.synchronized = synchronized

    def convolution(self, x, count: int, name: str, size: int = 3, stride: int = 1):
        padding = "same"
        if size == 3 and stride == 2:
            # "same" would pad an even image on one side alone.
            x = layers.ZeroPadding2D(1, name=f"{name}_padding")(x)
            padding = "valid"
        if size == 1:
            x, stride = every_nth(x, stride, f"{name}_every_nth"), 1
        return layers.Conv2D(count, size, strides=stride, padding=padding, use_bias=False, name=name)(x)

    def normalised(self, x, name: str):
        return FusedBatchNormalization(**_NORM, synchronized=self.synchronized, name=f"{name}_norm")(x)

    def prelu(self, x, name: str):
        return layers.PReLU(keras.initializers.Constant(_SLOPE), shared_axes=[1, 2], name=name)(x)

    def unit(self, x, count: int, stride: int, label: str, name_of_sum: str):
        y = self.convolution(self.normalised(x, f"{label}_in"), count, f"{label}_a")
        y = self.prelu(self.normalised(y, f"{label}_a"), f"{label}_prelu")
        y = self.normalised(self.convolution(y, count, f"{label}_b", stride=stride), f"{label}_b")
        return layers.Add(name=name_of_sum)([self.shortcut(x, count, stride, label), y])

    def shortcut(self, x, count: int, stride: int, label: str):
        if x.shape[-1] != count:
            x = self.convolution(x, count, f"{label}_shortcut", size=1, stride=stride)
            return self.normalised(x, f"{label}_shortcut")
        return every_nth(x, stride, f"{label}_every_second")
