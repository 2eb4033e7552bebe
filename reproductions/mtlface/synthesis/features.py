"""What the frozen half says of a face: the encoder's maps, x_id and x_age, and the age head's groups."""

from __future__ import annotations

import keras

from reproductions.mtlface.network import age_head
from reproductions.mtlface.synthesis.generator import LEVELS

DIVISION, HEAD = "decomposition", "age_head"
"""Layers of a recogniser that not every one has."""


def frozen_features(recogniser: keras.Model) -> keras.Model:
    """Return the part of a trained recogniser that synthesis reads, frozen.

    Args:
        recogniser: as of `reproductions.mtlface.network.recogniser`, with an age head, see `with_age_head`.
            Where it divides its map into no parts, x_id and x_age are both the whole of it.

    Returns:
        A model from faces (B, size, size, 3) in [-1, 1] to {"x_id", "x_age", "groups": logits (B, 7),
        "stage3", "stage2", "stage1", "stem"}. Its weights are not trained, but a gradient passes through;
        call it with `training=False`.
    """
    encoder = recogniser.get_layer("encoder")
    levels = keras.Model(
        encoder.input, [*(encoder.get_layer(name).output for name in LEVELS), encoder.output]
    )
    faces = keras.Input(recogniser.input["faces"].shape[1:], name="faces")
    *maps, x = levels(faces)
    x_id, x_age = _parts(recogniser, x)
    _, groups = recogniser.get_layer(HEAD)(x_age)
    outputs = {"x_id": x_id, "x_age": x_age, "groups": groups, **dict(zip(LEVELS, maps, strict=True))}
    model = keras.Model(faces, outputs, name="features")
    model.trainable = False
    return model


def age_features(recogniser: keras.Model) -> keras.Model:
    """Return the part of a trained recogniser below its age head, frozen: from faces in [-1, 1] to x_age."""
    faces = keras.Input(recogniser.input["faces"].shape[1:], name="faces")
    _, x_age = _parts(recogniser, recogniser.get_layer("encoder")(faces))
    model = keras.Model(faces, x_age, name="age_features")
    model.trainable = False
    return model


def with_age_head(recogniser: keras.Model) -> keras.Model:
    """Return the recogniser itself or, where it has no age head, with one that has learnt nothing.

    A guide is fitted to faces with ages whatever the encoder has learnt.
    """
    if _has(recogniser, HEAD):
        return recogniser
    encoder = recogniser.get_layer("encoder")
    normalised = recogniser.get_layer("normalise")(recogniser.input["faces"])
    _, x_age = _parts(recogniser, encoder(normalised))
    ages, groups = age_head(x_age.shape[1:], HEAD)(x_age)
    return keras.Model(recogniser.input, {**recogniser.output, "age": ages, "age_group": groups})


def _parts(recogniser: keras.Model, x) -> tuple:
    """Return x_id and x_age of the encoder's map."""
    return recogniser.get_layer(DIVISION)(x) if _has(recogniser, DIVISION) else (x, x)


def _has(recogniser: keras.Model, layer: str) -> bool:
    return layer in {one.name for one in recogniser.layers}


def feature_shapes(features: keras.Model) -> dict[str, tuple[int, int, int]]:
    """Return the shapes (h, w, C) of x_id and of the maps of `LEVELS`."""
    return {name: tuple(features.output[name].shape[1:]) for name in ("x_id", *LEVELS)}
