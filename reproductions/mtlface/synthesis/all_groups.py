"""A trained MTLFace as one network that takes a face to every age group at once, for the use of others."""

from __future__ import annotations

import keras
from keras import layers, ops

from reproductions.mtlface.age_groups import GROUPS
from reproductions.mtlface.synthesis.conditioning import module_of_group
from reproductions.mtlface.synthesis.generator import LEVELS
from reproductions.mtlface.synthesis.methods import MTLFace


def taken_to_all_groups(model: MTLFace, output: str = "aged") -> keras.Model:
    """Return a network from (B, S, S, 3) uint8 RGB to (B, 7 S, S, 3) float32 of about 0 to 1, for inference.

    The seven faces of an example lie below one another, the youngest group's first. The encoder reads a face
    once; of the identity conditional module each group keeps the channels that are its own, which is a
    fifth of its weights.

    Args:
        model: trained, its generator of the kind "router".
        output: name of the last layer.
    """
    size = model.generator.output.shape[1]
    faces = keras.Input((size, size, 3), dtype="uint8", name="faces")
    scaled = layers.Rescaling(1 / 127.5, -1.0, name="normalise")(faces)
    features = model.features(scaled, training=False)
    module = model.generator.get_layer("conditioning")
    groups = [module_of_group(module, group)(features["x_id"]) for group in range(GROUPS)]
    x = ops.reshape(ops.stack(groups, axis=1), (-1, *module.output.shape[1:]))
    seen = [scaled, *(features[name] for name in LEVELS)]
    made = _decoder(model.generator)([x, *(ops.repeat(one, GROUPS, axis=0) for one in seen)], training=False)
    rows = ops.reshape(made, (-1, GROUPS * size, size, 3))
    return keras.Model(faces, layers.Rescaling(0.5, 0.5, name=output)(rows), name="all_groups")


def _decoder(generator: keras.Model) -> keras.Model:
    """Return the generator behind its module: it takes what that gives, the faces and the encoder's maps."""
    conditioned = generator.get_layer(f"{LEVELS[0]}_up").input
    seen = [generator.input[name] for name in ("faces", *LEVELS)]
    return keras.Model([conditioned, *seen], generator.output, name="decoder")
