"""Seeds: the same one gives the same numbers, and a draw depends on nothing but where it is made."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.training.seeds import epoch_order, epoch_seed, seed_everything, stateless_seed


def draws():
    return random.random(), np.random.rand(), float(tf.random.uniform(())), float(keras.random.uniform(()))


def test_one_seed_fixes_every_generator():
    seed_everything(3, deterministic=False)
    first = draws()
    seed_everything(3, deterministic=False)
    assert draws() == first
    seed_everything(4, deterministic=False)
    assert all(a != b for a, b in zip(draws(), first, strict=True))


def test_a_stateless_seed_depends_on_each_of_its_arguments():
    triples = [(s, e, i) for s in (0, 1, 2**32 - 1) for e in (0, 1) for i in (0, 1, 40_000)]
    seeds = {tuple(stateless_seed(*triple).numpy()) for triple in triples}
    assert len(seeds) == len(triples)


def test_a_stateless_seed_is_the_same_inside_a_parallel_pipeline():
    outside = [stateless_seed(1, 2, index).numpy() for index in range(20)]
    dataset = tf.data.Dataset.range(20).map(lambda index: stateless_seed(1, 2, index), num_parallel_calls=4)
    np.testing.assert_array_equal(list(dataset.as_numpy_iterator()), outside)


def test_an_epoch_visits_every_item_once_in_an_order_of_its_own():
    orders = [epoch_order(seed, epoch, 50) for seed in (1, 2) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    np.testing.assert_array_equal(epoch_order(1, 1, 50), orders[1])


def test_an_epoch_has_a_seed_of_its_own():
    seeds = [epoch_seed(seed, epoch) for seed in (1, 2) for epoch in range(50)]
    assert len(set(seeds)) == 100
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert epoch_seed(1, 7) == seeds[7]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises((ValueError, OverflowError)):
        seed_everything(seed, deterministic=False)
