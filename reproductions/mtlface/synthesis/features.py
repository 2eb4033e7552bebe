"""What the frozen half says of a face: the encoder's maps, x_id and x_age, and the age head's groups."""

from __future__ import annotations

import keras

from reproductions.mtlface.synthesis.generator import LEVELS


def frozen_features(recogniser: keras.Model) -> keras.Model:
    """Return the part of a trained recogniser that synthesis reads, frozen.

    Args:
        recogniser: as of `reproductions.mtlface.network.recogniser`, with decomposition and age head.

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
    x_id, x_age = recogniser.get_layer("decomposition")(x)
    _, groups = recogniser.get_layer("age_head")(x_age)
    outputs = {"x_id": x_id, "x_age": x_age, "groups": groups, **dict(zip(LEVELS, maps, strict=True))}
    model = keras.Model(faces, outputs, name="features")
    model.trainable = False
    return model


def age_features(recogniser: keras.Model) -> keras.Model:
    """Return the part of a trained recogniser below its age head, frozen: from faces in [-1, 1] to x_age."""
    faces = keras.Input(recogniser.input["faces"].shape[1:], name="faces")
    _, x_age = recogniser.get_layer("decomposition")(recogniser.get_layer("encoder")(faces))
    model = keras.Model(faces, x_age, name="age_features")
    model.trainable = False
    return model


def feature_shapes(features: keras.Model) -> dict[str, tuple[int, int, int]]:
    """Return the shapes (h, w, C) of x_id and of the maps of `LEVELS`."""
    return {name: tuple(features.output[name].shape[1:]) for name in ("x_id", *LEVELS)}
