"""Masks against a loop, no dead channel, and that only a group's own channels learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.layers import TaskRouter, router_masks
from tests.support.layers import check_layer

RANDOM = np.random.default_rng(0)
CASES = [(7, 128, 0.1), (7, 128, 0.125), (7, 16, 0.125), (5, 8, 0.0), (1, 4, 0.5), (3, 10, 0.9), (7, 10, 0.1)]


@pytest.mark.parametrize(("groups", "units", "overlap"), CASES)
def test_every_channel_belongs_to_a_group_and_neighbours_alone_overlap_as_asked(groups, units, overlap):
    masks = router_masks(groups, units, overlap)
    assert set(np.unique(masks)) <= {0, 1}
    assert masks.any(axis=0).all()
    np.testing.assert_array_equal(masks.sum(axis=1), units)
    for group in range(groups - 1):
        shared = int((masks[group] * masks[group + 1]).sum())
        assert shared == min(int(np.ceil(round(overlap * units, 6))), units - 1)
    starts = masks.argmax(axis=1)
    np.testing.assert_array_equal(np.diff(starts), np.diff(starts)[:1].repeat(max(groups - 1, 0)))


def test_the_sizes_of_the_authors_code_without_its_dead_channel():
    masks = router_masks(7, 128, 0.1)
    np.testing.assert_array_equal(masks.argmax(axis=1), 115 * np.arange(7))
    assert masks.shape == (7, 818)
    # Theirs is a channel wider, and no group ever reaches it.
    assert int((7 - 6 * 0.1) * 128) == 819


def test_output_is_a_loop_over_the_examples():
    router = TaskRouter(3, 4, 0.25)
    x = RANDOM.normal(size=(5, 2, 2, router.width)).astype("float32")
    groups = np.array([0, 2, 1, 0, 2])
    expected = np.zeros_like(x)
    for example, group in enumerate(groups):
        own = slice(3 * group, 3 * group + 4)
        expected[example, ..., own] = x[example, ..., own]
    np.testing.assert_array_equal(router([x, groups]), expected)
    np.testing.assert_array_equal(router([x[:, 0, 0], groups]), expected[:, 0, 0])


def test_only_a_groups_own_channels_learn():
    router, dense = TaskRouter(3, 4, 0.25), keras.layers.Dense(10, use_bias=False)
    x = tf.constant(RANDOM.normal(size=(6, 5)).astype("float32"))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(router([dense(x), tf.ones(6, tf.int32)])))
    learnt = np.abs(tape.gradient(loss, dense.kernel.value)).max(axis=0) > 0
    np.testing.assert_array_equal(learnt, router.masks[1] > 0)


@pytest.mark.parametrize("shape", [(10,), (3, 3, 10)])
def test_it_is_a_sound_layer(shape):
    inputs = [RANDOM.normal(size=(4, *shape)).astype("float32"), np.array([0, 1, 2, 1], "int32")]
    arguments = {"groups": 3, "units_per_group": 4, "overlap": 0.25}
    check_layer(TaskRouter, arguments, inputs, output_shape=(4, *shape))


@pytest.mark.parametrize("arguments", [(0, 4, 0.1), (3, 0, 0.1), (3, 4, 1.0), (3, 4, -0.1)])
def test_masks_that_cannot_be_are_refused(arguments):
    with pytest.raises(ValueError, match="from 1 up"):
        router_masks(*arguments)


@pytest.mark.parametrize("group", [-1, 3, 2**31 - 1])
def test_a_group_that_is_none_is_never_another(group):
    router, x, groups = TaskRouter(3, 4, 0.25), np.ones((2, 10), "float32"), np.array([0, group], "int32")
    with pytest.raises(ValueError, match="in row 1 is not one of the 3 classes"):
        router([x, groups])
    in_graph = tf.function(lambda x, groups: router([x, groups]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="not one of the 3 classes"):
        in_graph(x, groups)
    compiled = tf.function(lambda x, groups: router([x, groups]), jit_compile=True)
    routed = compiled(x, groups).numpy()
    np.testing.assert_array_equal(routed[0], router.masks[0])
    assert np.isnan(routed[1]).all()


def test_another_width_is_refused():
    with pytest.raises(ValueError, match="3 groups have 10 channels, not 9"):
        TaskRouter(3, 4, 0.25)([np.zeros((1, 9), "float32"), np.array([0])])
