"""The patch discriminator of MTLFace: is each patch of a face real, and of this age group?"""

from __future__ import annotations

import keras
from keras import layers

from common.layers import LabelPlanes
from common.networks import scaled_channels
from common.number_formats import wide
from reproductions.mtlface.age_groups import GROUPS
from reproductions.mtlface.synthesis.conditioning import first_kernels, framework_kernels
from reproductions.mtlface.synthesis.generator import READINGS

CHANNELS = (64, 128, 256, 512, 512)
"""Channels of the first five convolutions at width 1, as in the authors' code."""

KERNELS = {"normal": first_kernels, "framework": framework_kernels}
"""What the kernels start from: the generator's normal distribution or, as in the code, PyTorch's own."""


def patch_discriminator(
    size: int,
    width: float = 1.0,
    reading: str = "supplement",
    kernels: str = "normal",
    halvings: int = 4,
) -> keras.Model:
    """Build six 4x4 convolutions with strides 2, 2, 2, 2, 1, 1 and leaky ReLU after all but the last.

    The age group enters as one plane a group behind the first. With "supplement" all but the last are
    spectrally normalised and padded so that 112 px end in a 7x7 map; with "code" the first is not normalised
    and the last two shrink the map by a pixel each, to 5x5.

    Keras' spectral normalisation divides the kernel itself by its largest singular value in each training
    call; no gradient flows through that value.

    Args:
        size: side of the faces in pixels.
        width: factor on `CHANNELS`.
        reading: one of `READINGS`.
        kernels: one of `KERNELS`.
        halvings: how many of the first have stride 2. At 64 px three, with "code", end in the 5x5 map that
            four have at 112 px: patches that are as large a part of the face.

    Returns:
        A model from {"faces": (B, size, size, 3), "group": (B,)} to (B, m, m, 1) in float32.

    Raises:
        ValueError: the reading is not known, or its map would be empty: with "code" below 48 px, or 32 px
            where three halvings are asked for.
    """
    if reading not in READINGS:
        raise ValueError(f"reading is one of {', '.join(READINGS)}, not {reading!r}")
    least = 2**halvings * (len(CHANNELS) + 2 - halvings)
    if reading == "code" and size < least:
        raise ValueError(f"of {size} px the code's discriminator leaves nothing: {least} px are the least")
    faces = keras.Input((size, size, 3), name="faces")
    group = keras.Input((), dtype="int32", name="group")
    x = faces
    for number, count in enumerate(CHANNELS, start=1):
        strided = number <= halvings
        x, padding = (x, "same") if strided or reading == "supplement" else _padded(x, number)
        convolution = layers.Conv2D(
            scaled_channels(count, width),
            4,
            2 if strided else 1,
            padding,
            kernel_initializer=KERNELS[kernels](),
            name=f"conv{number}",
        )
        if number > 1 or reading == "supplement":
            convolution = layers.SpectralNormalization(convolution, name=f"normalised{number}")
        x = layers.LeakyReLU(0.2, name=f"leaky{number}")(convolution(x))
        if number == 1:
            x = LabelPlanes(GROUPS, name="planes")([x, group])
    x, padding = (x, "same") if reading == "supplement" else _padded(x, len(CHANNELS) + 1)
    x = layers.Conv2D(1, 4, padding=padding, kernel_initializer=KERNELS[kernels](), dtype=wide(), name="map")(
        x
    )
    return keras.Model({"faces": faces, "group": group}, x, name="discriminator")


def _padded(x, number: int):
    return layers.ZeroPadding2D(1, name=f"padding{number}")(x), "valid"
