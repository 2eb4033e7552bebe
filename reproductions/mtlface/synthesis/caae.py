"""CAAE: an autoencoder whose code says nothing of the age, decoded with another age.

Zhang, Song and Qi, "Age Progression/Regression by Conditional Adversarial Autoencoder", CVPR 2017; what the
article leaves open is as in the authors' published code.
"""

from __future__ import annotations

import keras
from keras import layers

from common.layers import FusedBatchNormalization, LabelPlanes
from common.networks import scaled_channels
from common.number_formats import wide
from reproductions.mtlface.age_groups import GROUPS

CODE = 50
"""Numbers of the code z, each between -1 and 1."""

ENCODER = (64, 128, 256, 512)
GENERATOR = (512, 256, 128, 64)
FIRST_MAP = 1024
CODE_DISCRIMINATOR = (64, 32, 16)
DISCRIMINATOR = (16, 32, 64, 128)
HIDDEN = 1024

_NORM = {"momentum": 0.9, "epsilon": 1e-5}


def encoder(size: int, width: float = 1.0) -> keras.Model:
    """Build the encoder: four 5x5/2 convolutions with ReLU, dense to the code, tanh.

    Returns:
        A model from faces (B, size, size, 3) in [-1, 1] to z (B, 50).
    """
    faces = keras.Input((size, size, 3), name="faces")
    x = faces
    for number, count in enumerate(ENCODER, start=1):
        x = layers.Conv2D(
            scaled_channels(count, width), 5, 2, "same", activation="relu", name=f"conv{number}"
        )(x)
    x = layers.Flatten(name="flat")(x)
    z = layers.Dense(CODE, "tanh", dtype=wide(), name="code")(x)
    return keras.Model(faces, z, name="encoder")


def generator(size: int, width: float = 1.0) -> keras.Model:
    """Build the generator: code and label to a map a 16th of the size, four 5x5 deconvolutions, tanh.

    The label, 1 in its place and -1 elsewhere, is repeated until it is about as long as the code.

    Returns:
        A model from {"code": (B, 50), "group": (B,)} to faces (B, size, size, 3) in [-1, 1], float32.

    Raises:
        ValueError: the size is no multiple of 16.
    """
    if size % 16:
        raise ValueError(f"size is a multiple of 16, for four doublings, not {size}")
    code = keras.Input((CODE,), name="code")
    group = keras.Input((), dtype="int32", name="group")
    x = code
    for number in range(1, CODE // GROUPS + 1):
        x = LabelPlanes(GROUPS, -1.0, name=f"label{number}")([x, group])
    side, count = size // 16, scaled_channels(FIRST_MAP, width)
    x = layers.Dense(side * side * count, "relu", name="dense")(x)
    x = layers.Reshape((side, side, count), name="map")(x)
    for number, count in enumerate(GENERATOR, start=1):
        x = layers.Conv2DTranspose(
            scaled_channels(count, width), 5, 2, "same", activation="relu", name=f"deconv{number}"
        )(x)
    x = layers.Conv2D(3, 5, padding="same", activation="tanh", dtype=wide(), name="pixels")(x)
    return keras.Model({"code": code, "group": group}, x, name="generator")


def code_discriminator(synchronized: bool = False) -> keras.Model:
    """Build what tells codes from numbers drawn evenly: dense 64, 32, 16 with BN and ReLU, dense 1.

    Returns:
        A model from (B, 50) to logits (B, 1), float32.
    """
    code = keras.Input((CODE,), name="code")
    x = code
    for number, count in enumerate(CODE_DISCRIMINATOR, start=1):
        x = layers.Dense(count, name=f"dense{number}")(x)
        x = layers.BatchNormalization(**_NORM, synchronized=synchronized, name=f"norm{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
    return keras.Model(code, layers.Dense(1, dtype=wide(), name="logit")(x), name="code_discriminator")


def face_discriminator(size: int, width: float = 1.0, synchronized: bool = False) -> keras.Model:
    """Build what tells real faces of a group from generated ones: four 5x5/2 convolutions, dense 1024, 1.

    The label enters as planes behind the first convolution.

    Returns:
        A model from {"faces": (B, size, size, 3), "group": (B,)} to logits (B, 1), float32.
    """
    faces = keras.Input((size, size, 3), name="faces")
    group = keras.Input((), dtype="int32", name="group")
    x = faces
    for number, count in enumerate(DISCRIMINATOR, start=1):
        x = layers.Conv2D(scaled_channels(count, width), 5, 2, "same", name=f"conv{number}")(x)
        x = FusedBatchNormalization(**_NORM, synchronized=synchronized, name=f"norm{number}")(x)
        x = layers.ReLU(name=f"relu{number}")(x)
        if number == 1:
            x = LabelPlanes(GROUPS, -1.0, name="planes")([x, group])
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(scaled_channels(HIDDEN, width), name="hidden")(x)
    x = layers.LeakyReLU(0.2, name="leaky")(x)
    x = layers.Dense(1, dtype=wide(), name="logit")(x)
    return keras.Model({"faces": faces, "group": group}, x, name="face_discriminator")
