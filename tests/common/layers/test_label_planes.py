"""Planes against NumPy, for maps and for vectors."""

import numpy as np
import pytest
import tensorflow as tf

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


@pytest.mark.parametrize("label", [-1, 3, -100, 2**31 - 1])
def test_a_label_outside_the_classes_is_never_another(label):
    layer, x, labels = LabelPlanes(3), np.ones((2, 4), "float32"), np.array([0, label], "int32")
    with pytest.raises(ValueError, match="in row 1 is not one of the 3 classes"):
        layer([x, labels])
    in_graph = tf.function(lambda x, labels: layer([x, labels]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="not one of the 3 classes"):
        in_graph(x, labels)
    compiled = tf.function(lambda x, labels: layer([x, labels]), jit_compile=True)
    planes = compiled(x, labels).numpy()[:, 4:]
    np.testing.assert_array_equal(planes[0], [1, 0, 0])
    assert np.isnan(planes[1]).all()


def test_labels_that_sixteen_bits_would_round_are_refused():
    layer, x = LabelPlanes(300, dtype="mixed_bfloat16"), np.ones((1, 4), "float32")
    assert layer([x, np.array([257])])[0, 4 + 257] == 1
    with pytest.raises(ValueError, match="labels are given as integers: bfloat16 rounds one to another"):
        layer([x, np.array([257.0], "float32")])


def test_no_class_is_refused():
    with pytest.raises(ValueError, match="a class at least"):
        LabelPlanes(0)
