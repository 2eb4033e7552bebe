"""The trained networks as they are offered to be published: vectors by which people are told apart."""

from __future__ import annotations

import dataclasses
import functools

import keras
import numpy as np

from common.metrics.search import unit_rows
from common.training.precision import precision_policy
from common.training.weights import load_weights
from data_prep.datasets.held import holds
from data_prep.prepared.faces import Faces, describe_data
from data_prep.protocols.recognition_tests import VerificationTest
from reproductions.mtlface.experiments import COSFACE
from reproductions.mtlface.model import untrained_network
from reproductions.mtlface.network import embedder
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Trained, Untrained, find_trained
from reproductions.shared.networks.candidates import Candidate, Member
from reproductions.shared.recognition import cross_age
from reproductions.shared.recognition.identity_sets import TEMPLATE, load_identities, prepared

DIRECTIONS = 128
"""Of the 512 of an embedding, those in which the training faces' vectors are longest: they hold nearly all of
its length, and what is left out is most of a small network's size."""


def candidate(options: Options) -> Candidate:
    """Return the networks of CosFace alone, one a seed that has weights, and pairs of people they never saw.

    It learns from no ages, and knows faces across age as well as the rows that do. Of the folds of pairs,
    which share nobody, those of even number are for validation, the others for tests.

    Raises:
        Untrained: none has been trained here under the profile of `options`.
    """
    recipe = COSFACE.recipe(options.profile)
    found, untrained = [], None
    for seed in options.seeds:
        own = dataclasses.replace(options, seeds=(seed,))
        try:
            found.append(
                find_trained(
                    own,
                    "mtlface",
                    COSFACE.name,
                    COSFACE.configuration(options.profile),
                    what="recogniser",
                    target="aifr-mtlface",
                )
            )
        except Untrained as error:
            untrained = untrained or error
    if not found:
        raise untrained
    identities = load_identities(options, recipe.crop, recipe.prefers)
    unseen, *others = identities.verifications
    pairs = {unseen.data.dataset: unseen, **{one.column: one for one in others}}
    if not unseen.data.stand_in and holds(options.data_root, "fgnet"):
        faces = prepared(options, "fgnet", recipe.crop)
        pairs |= {one.column: one for one in cross_age.fgnet_pairs(faces)}
    return Candidate(
        members=tuple(
            Member(one, functools.cache(functools.partial(_vectors, one, identities.faces))) for one in found
        ),
        size=recipe.size,
        template=TEMPLATE,
        mirrored=recipe.mirrored,
        zooms=(1.0,),
        validation=_validation(unseen),
        tests={},
        pairs=pairs,
    )


def _validation(unseen: VerificationTest) -> Faces:
    """Return the images of the pairs in folds of even number."""
    pairs, faces = unseen.pairs, unseen.prepared
    even = pairs.folds % 2 == 0
    rows = np.unique(np.concatenate([pairs.first[even], pairs.second[even]]))
    people = faces.index["identity"].iloc[rows].nunique()
    protocol = f"{people} people not trained on (folds of even number)"
    return Faces(faces, rows, describe_data(faces, protocol, pairs.hash, len(rows), people))


def _vectors(trained: Trained, learnt: Faces) -> keras.Model:
    """Build (N, size, size, 3) uint8 -> (N, at most `DIRECTIONS`) of length one."""
    recipe, people = COSFACE.recipe(trained.record.profile), trained.record.trained_on[0].subjects
    with precision_policy("float32"):
        whole = untrained_network(COSFACE, recipe, people)
        load_weights(whole, trained.weights, trained.stated)
        network = embedder(whole)
        vectors = unit_rows(network.predict(learnt.images(), batch_size=256, verbose=0))
        _, _, directions = np.linalg.svd(vectors, full_matrices=False)
        narrow = _along(network, directions[:DIRECTIONS].T)
        return keras.Model(narrow.input, keras.layers.UnitNormalization(name="length_one")(narrow.output))


def _along(network: keras.Model, directions: np.ndarray) -> keras.Model:
    """Return an embedder that gives its embedding's components along directions, (512, D) orthonormal.

    The last layers are linear: dense layer, normalisation and directions are one dense layer.
    """
    kernel, bias = network.get_layer("embedding_dense").get_weights()
    norm = network.get_layer("embedding")
    gamma, beta, mean, variance = norm.get_weights()
    scale = gamma / np.sqrt(variance + norm.epsilon)
    dense = keras.layers.Dense(directions.shape[1], name="embedding_along")
    narrow = keras.Model(network.input, dense(network.get_layer("embedding_flat").output))
    dense.set_weights([(kernel * scale) @ directions, ((bias - mean) * scale + beta) @ directions])
    return narrow
