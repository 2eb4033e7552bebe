"""IPCGAN: an image-to-image network told the group by planes, and a patch discriminator.

Wang, Tang, Luo and Gao, "Face Aging with Identity-Preserved Conditional Generative Adversarial Networks",
CVPR 2018; sizes as in the authors' published code.
"""

from __future__ import annotations

import keras
from keras import layers

from common.layers import FusedBatchNormalization, LabelPlanes
from common.networks import scaled_channels
from common.number_formats import wide
from reproductions.mtlface.age_groups import GROUPS

CHANNELS = (32, 64, 128)
BLOCKS = 6
DISCRIMINATOR = (64, 128, 256, 512)
MAPS = 512
"""Channels of the discriminator's answer: the squared error is a mean over all of them."""

GREY = 127.5
"""Factor on the faces that the generator is shown: the code takes grey values less their mean, unscaled.

Beside them a plane of ones is faint. Were faces shown as small as the planes, batch normalisation would leave
of them nothing that the losses of 4,000 steps bring back.
"""

SPREAD = 0.02
"""Standard deviation of the truncated normal distribution from which all kernels start."""

_NORM = {"momentum": 0.9, "epsilon": 1e-5}


def generator(size: int, width: float = 1.0, synchronized: bool = False) -> keras.Model:
    """Build the generator: 7x7, two 3x3/2, six residual blocks, two 3x3 deconvolutions, 7x7, tanh.

    Batch normalisation follows all but the last; the group enters as planes beside the face.

    Returns:
        A model from {"faces": (B, size, size, 3) in [-1, 1], "group": (B,)} to (B, size, size, 3), float32.

    Raises:
        ValueError: the size is no multiple of 4.
    """
    if size % 4:
        raise ValueError(f"size is a multiple of 4, for two doublings, not {size}")
    faces = keras.Input((size, size, 3), name="faces")
    group = keras.Input((), dtype="int32", name="group")
    build = _Builder(synchronized)
    first, second, third = (scaled_channels(count, width) for count in CHANNELS)
    x = LabelPlanes(GROUPS, name="planes")([layers.Rescaling(GREY, name="grey")(faces), group])
    x = build.active(_convolution(first, 7, name="conv1")(x), "conv1")
    x = build.active(_convolution(second, 3, 2, name="conv2")(x), "conv2")
    x = build.active(_convolution(third, 3, 2, name="conv3")(x), "conv3")
    for number in range(1, BLOCKS + 1):
        x = build.block(x, third, f"block{number}")
    x = build.active(_convolution(second, 3, 2, layers.Conv2DTranspose, name="deconv1")(x), "deconv1")
    x = build.active(_convolution(first, 3, 2, layers.Conv2DTranspose, name="deconv2")(x), "deconv2")
    x = _convolution(3, 7, activation="tanh", dtype=wide(), name="pixels")(x)
    return keras.Model({"faces": faces, "group": group}, x, name="generator")


def patch_discriminator(size: int, width: float = 1.0, synchronized: bool = False) -> keras.Model:
    """Build the discriminator: 4x4 convolutions with strides 2, 2, 2, 1, 1; planes behind the first.

    All but first and last are followed by batch normalisation, all but the last by leaky ReLU.

    Returns:
        A model from {"faces": (B, size, size, 3), "group": (B,)} to (B, m, m, 512), float32.
    """
    faces = keras.Input((size, size, 3), name="faces")
    group = keras.Input((), dtype="int32", name="group")
    build = _Builder(synchronized)
    x = faces
    for number, count in enumerate(DISCRIMINATOR, start=1):
        stride = 2 if number < len(DISCRIMINATOR) else 1
        x = _convolution(scaled_channels(count, width), 4, stride, name=f"conv{number}")(x)
        x = build.normalised(x, f"conv{number}") if number > 1 else x
        x = layers.LeakyReLU(0.2, name=f"leaky{number}")(x)
        if number == 1:
            x = LabelPlanes(GROUPS, name="planes")([x, group])
    maps = _convolution(scaled_channels(MAPS, width), 4, dtype=wide(), name="map")
    return keras.Model({"faces": faces, "group": group}, maps(x), name="discriminator")


def _convolution(count: int, size: int, stride: int = 1, kind=layers.Conv2D, **options) -> layers.Layer:
    kernels = keras.initializers.TruncatedNormal(stddev=SPREAD)
    return kind(count, size, stride, "same", kernel_initializer=kernels, **options)


class _Builder:
    """Layers that share one option."""

    def __init__(self, synchronized: bool) -> None:
        self.synchronized = synchronized

    def normalised(self, x, name: str):
        return FusedBatchNormalization(**_NORM, synchronized=self.synchronized, name=f"{name}_norm")(x)

    def active(self, x, name: str):
        return layers.ReLU(name=f"{name}_relu")(self.normalised(x, name))

    def block(self, x, count: int, name: str):
        y = _convolution(count, 3, name=f"{name}_a")(x)
        y = _convolution(count, 3, name=f"{name}_b")(self.active(y, f"{name}_a"))
        return layers.Add(name=f"{name}_sum")([x, self.normalised(y, f"{name}_b")])
