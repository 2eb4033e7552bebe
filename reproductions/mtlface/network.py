"""The recognition half: an encoder, its map divided in two, and what is read from each part."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from common.layers import AttentionFeatureDecomposition, CosFaceHead, GradientReversal
from common.networks import embedding_of, improved_residual
from common.number_formats import wide
from reproductions.mtlface.age_groups import AGES, GROUPS

HIDDEN = 512
"""Numbers in the hidden layer of an age head."""


@dataclass(frozen=True)
class Parts:
    """What the network is made of.

    Attributes:
        people: number of identities.
        depth, width, size: of the encoder, see `common.networks.improved_residual`.
        dropout: share of the map's values dropped before the embedding.
        mask_momentum: of the moving statistics of the decomposition's masks.
        margin, scale: of the CosFace head.
        decomposed: divide the map by attention.
        reads_age: read the age from the age's part.
        bands: classes of age that are all an age is known by; None where years are known.
        reversal: coefficient of the reversed age head on the identity's part; None leaves the head out.
        ramp: `keras.optimizers.schedules.LearningRateSchedule` of that coefficient; None is constant.
    """

    people: int
    depth: int = 50
    width: float = 1.0
    size: int = 112
    dropout: float = 0.5
    mask_momentum: float = 0.9
    margin: float = 0.35
    scale: float = 64.0
    decomposed: bool = True
    reads_age: bool = True
    bands: int | None = None
    reversal: float | None = 1.0
    ramp: keras.optimizers.schedules.LearningRateSchedule | None = None


def recogniser(parts: Parts, synchronized: bool = False) -> keras.Model:
    """Build the network that is trained for recognition.

    Its inputs are "faces", (B, size, size, 3) uint8 RGB, which are scaled to [-1, 1] (B), and "identity",
    (B,) labels for the margin. Its outputs are the logits "identity", (B, people); with an age head "age"
    (B, 101) and "age_group" (B, 7), read from x_age; with the reversal "reversed_age" and
    "reversed_age_group", read from x_id. Where ages are known as bands there are the "..._group" alone, of
    (B, bands).

    The layers "encoder", "decomposition" (whose outputs are x_id and x_age), "age_head", "reversed_head" and
    "embedding" hold what their names say.

    Args:
        parts: what it is made of.
        synchronized: take batch statistics over all replicas.
    """
    faces = keras.Input((parts.size, parts.size, 3), dtype="uint8", name="faces")
    identity = keras.Input((), dtype="int32", name="identity")
    x = layers.Rescaling(1 / 127.5, -1.0, name="normalise")(faces)
    x = improved_residual(parts.depth, parts.size, parts.width, synchronized=synchronized, name="encoder")(x)
    outputs = {}
    x_id = x
    if parts.decomposed:
        divide = AttentionFeatureDecomposition(
            momentum=parts.mask_momentum, synchronized=synchronized, name="decomposition"
        )
        x_id, x_age = divide(x)

    def read(part, name: str, prefix: str) -> None:
        ages, groups = age_head(x.shape[1:], name, synchronized, parts.bands or GROUPS)(part)
        if parts.bands is None:
            outputs[f"{prefix}age"] = ages
        outputs[f"{prefix}age_group"] = groups

    if parts.decomposed and parts.reads_age:
        read(x_age, "age_head", "")
    if parts.reversal is not None:
        turned = GradientReversal(parts.reversal, parts.ramp, name="reversal")(x_id)
        read(turned, "reversed_head", "reversed_")
    embedding = embedding_of(x_id, dropout=parts.dropout, synchronized=synchronized)
    head = CosFaceHead(parts.people, parts.scale, parts.margin, name="identity_logits")
    outputs["identity"] = head([embedding, identity])
    return keras.Model({"faces": faces, "identity": identity}, outputs, name="mtlface")


def age_head(
    shape: tuple[int, int, int], name: str, synchronized: bool = False, groups: int = GROUPS
) -> keras.Model:
    """Build what reads an age from a map: BN, dense, ReLU, dense to the ages, and groups from those logits.

    In float32 at least: the expected age is a sum over 101 classes.

    Args:
        shape: (h, w, C) of the map.
        name: of the model, "age_head" or "reversed_head".
        synchronized: take batch statistics over all replicas.
        groups: how many groups there are.

    Returns:
        A model from (B, h, w, C) to [logits of the ages (B, 101), logits of the groups (B, groups)].
    """
    options = {"dtype": wide()}
    maps = keras.Input(shape, name="map")
    x = layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, synchronized=synchronized, name="norm", **options
    )(maps)
    x = layers.Flatten(name="flat", **options)(x)
    x = layers.Dense(HIDDEN, "relu", name="hidden", **options)(x)
    ages = layers.Dense(AGES, name="ages", **options)(x)
    return keras.Model(maps, [ages, layers.Dense(groups, name="groups", **options)(ages)], name=name)


def embedder(model: keras.Model) -> keras.Model:
    """Return the part of a trained network that recognises: from uint8 faces to embeddings, (B, 512)."""
    return keras.Model(model.input["faces"], model.get_layer("embedding").output, name="embedder")
