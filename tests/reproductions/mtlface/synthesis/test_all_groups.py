"""One network for all age groups gives what the trained method gives group by group."""

import keras
import numpy as np
import pytest

from reproductions.mtlface.age_groups import GROUPS
from reproductions.mtlface.network import Parts, recogniser
from reproductions.mtlface.synthesis.all_groups import taken_to_all_groups
from reproductions.mtlface.synthesis.features import frozen_features
from reproductions.mtlface.synthesis.generator import GeneratorParts
from reproductions.mtlface.synthesis.methods import MTLFace

SIZE = 48


@pytest.fixture(scope="module")
def method():
    """Untrained, but with numbers in all of its variables that tell mistakes apart."""
    keras.utils.set_random_seed(0)
    model = MTLFace(
        GeneratorParts(SIZE, 0.25, reading="code"),
        frozen_features(recogniser(Parts(5, 10, 0.125, SIZE))),
        0.125,
    )
    random = np.random.default_rng(1)
    for variable in model.generator.variables:
        if variable.name == "kernel":
            variable.assign(variable * 10)
        elif variable.dtype == "float32":
            drawn = random.normal(0.5, 0.3, variable.shape)
            variable.assign(np.abs(drawn) + 0.2 if variable.name == "moving_variance" else drawn)
    return model


def test_all_groups_at_once_are_the_groups_one_by_one(method):
    faces = np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), np.uint8)
    network = taken_to_all_groups(method)
    found = np.asarray(network(faces, training=False)).reshape(3, GROUPS, SIZE, SIZE, 3)
    for group in range(GROUPS):
        expected = (np.asarray(method({"faces": faces, "group": np.full(3, group)})) + 1) / 2
        np.testing.assert_allclose(found[:, group], expected, rtol=1e-3, atol=1e-4)
    assert np.abs(found[:, 1:] - found[:, :1]).max() > 0.1
    assert network.layers[-1].name == "aged"


def test_what_a_group_does_not_use_is_left_out(method):
    whole = method.generator.count_params() + method.features.count_params()
    assert taken_to_all_groups(method).count_params() < 0.4 * whole
