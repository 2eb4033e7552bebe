"""MTLFace's generator: the conditioned map upsampled level by level beside the encoder's features."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from common.layers import FusedBatchNormalization
from common.networks import scaled_channels
from common.number_formats import wide
from reproductions.mtlface.synthesis.conditioning import (
    NORM,
    SLOPE,
    first_kernels,
    identity_conditional_module,
)
from reproductions.mtlface.synthesis.doubling import BilinearDoubling

LEVELS = ("stage3", "stage2", "stage1", "stem")
"""The encoder's layers whose maps the decoder reads, the smallest first (see `improved_residual`)."""

CHANNELS = (256, 128, 64, 32)
"""Channels of the decoder's levels at width 1, as in the authors' code; the supplement names none."""

READINGS = ("supplement", "code")
"""The text of section B, and the authors' code where it differs."""


@dataclass(frozen=True)
class GeneratorParts:
    """What the generator is made of.

    Attributes:
        size: side of the faces in pixels, a multiple of 16.
        width: factor on the channels of module and decoder.
        kind, overlap: of the identity conditional module.
        reading: "supplement" ends in instance normalisation and ReLU and reads the stem's map at full size;
            "code" in batch normalisation and PReLU, reads the face itself there and adds it to its output.
    """

    size: int = 112
    width: float = 1.0
    kind: str = "router"
    overlap: float = 0.125
    reading: str = "supplement"


def generator(parts: GeneratorParts, features: dict[str, tuple], synchronized: bool = False) -> keras.Model:
    """Build the generator.

    Each level is the map of the level before, bilinearly upsampled, beside the encoder's map, and two
    residual blocks: the first, pre-activated, reads both and its shortcut is a 1x1 convolution of what was
    upsampled. A last 1x1 convolution makes the face.

    Args:
        parts: what it is made of.
        features: shapes (h, w, C) of x_id and of the maps of `LEVELS`, by name.
        synchronized: take batch statistics over all replicas.

    Returns:
        A model from {"faces": (B, size, size, 3) in [-1, 1], "x_id", "stage3", ... "stem": maps, "group":
        (B,)} to faces (B, size, size, 3), float32 at least, about [-1, 1] but not bounded.

    Raises:
        ValueError: the size is no multiple of 16, or the reading is not known.
    """
    if parts.size % 16:
        raise ValueError(f"size is a multiple of 16, for four doublings, not {parts.size}")
    if parts.reading not in READINGS:
        raise ValueError(f"reading is one of {', '.join(READINGS)}, not {parts.reading!r}")
    faces = keras.Input((parts.size, parts.size, 3), name="faces")
    maps = {name: keras.Input(shape, name=name) for name, shape in features.items()}
    group = keras.Input((), dtype="int32", name="group")
    shape = features["x_id"]
    module = identity_conditional_module(shape, parts.kind, parts.width, parts.overlap, synchronized)
    x = module({"x_id": maps["x_id"], "group": group})
    build = _Builder(parts.reading == "code", synchronized)
    for level, count in zip(LEVELS, CHANNELS, strict=True):
        beside = faces if build.code and level == LEVELS[-1] else maps[level]
        x = build.level(x, beside, scaled_channels(count, parts.width), level)
    x = layers.Conv2D(3, 1, kernel_initializer=first_kernels(), dtype=wide(), name="pixels")(x)
    if build.code:
        x = layers.Add(dtype=wide(), name="changed")([faces, x])
    return keras.Model({"faces": faces, **maps, "group": group}, x, name="generator")


class _Builder:
    """The decoder's layers, which share reading and options."""

    def __init__(self, code: bool, synchronized: bool) -> None:
        self.code = code
        self.synchronized = synchronized

    def active(self, x, name: str):
        """Normalise a map and let through what is positive."""
        if self.code:
            x = FusedBatchNormalization(**NORM, synchronized=self.synchronized, name=f"{name}_norm")(x)
            slopes = keras.initializers.Constant(SLOPE)
            return layers.PReLU(slopes, shared_axes=[1, 2], name=f"{name}_prelu")(x)
        # One group a channel: the statistics of a channel of a single image.
        x = layers.GroupNormalization(-1, epsilon=1e-5, name=f"{name}_norm")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    def convolution(self, x, count: int, size: int, name: str):
        return layers.Conv2D(count, size, padding="same", kernel_initializer=first_kernels(), name=name)(x)

    def branch(self, x, count: int, name: str):
        for half in "ab":
            x = self.active(x, f"{name}_{half}")
            x = self.convolution(x, count, 3, f"{name}_{half}_conv")
        return x

    def level(self, x, beside, count: int, name: str):
        if wide() == "float64":
            x = BilinearDoubling(name=f"{name}_up")(x)
        else:
            x = layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_up")(x)
        shortcut = self.convolution(x, count, 1, f"{name}_shortcut")
        both = layers.Concatenate(name=f"{name}_both")([x, beside])
        first = layers.Add(name=f"{name}_1")([shortcut, self.branch(both, count, f"{name}_1")])
        return layers.Add(name=f"{name}_2")([first, self.branch(first, count, f"{name}_2")])
