"""Planes against NumPy, for maps and for vectors."""

import numpy as np
import pytest

from common.layers import LabelPlanes
from tests.support.layers import check_layer

RANDOM = np.random.default_rng(0)
LABELS = np.array([0, 2, 1], "int32")


@pytest.mark.parametrize("shape", [(4,), (2, 5, 4)])
@pytest.mark.parametrize("low", [0.0, -1.0])
def test_the_planes_are_the_labels(shape, low):
    x = RANDOM.normal(size=(3, *shape)).astype("float32")
    found = np.asarray(LabelPlanes(3, low)([x, LABELS]))
    np.testing.assert_array_equal(found[..., :4], x)
    for example, label in enumerate(LABELS):
        for plane in range(3):
            assert (found[example, ..., 4 + plane] == (1.0 if plane == label else low)).all()


@pytest.mark.parametrize("shape", [(4,), (2, 5, 4)])
def test_it_is_a_sound_layer(shape):
    inputs = [RANDOM.normal(size=(3, *shape)).astype("float32"), LABELS]
    expected = (3, *shape[:-1], shape[-1] + 3)
    check_layer(LabelPlanes, {"classes": 3, "low": -1.0}, inputs, output_shape=expected)


def test_no_class_is_refused():
    with pytest.raises(ValueError, match="a class at least"):
        LabelPlanes(0)
