"""One replica and several on the same global batches: where they agree, and where they cannot."""

import dataclasses

import numpy as np
import pytest

from tests.support import forked
from tests.support.training_runs import Recipe, outcome, train_and_store

RECIPE = Recipe(epochs=2, dropout=0.0, norm="synchronized", weighted=True, checkpoint_seconds=1000.0)


def trained(folder, *recipes):
    """Train the recipes side by side and return what came of each."""
    folders = [folder / str(number) for number in range(len(recipes))]
    processes = [forked.start(train_and_store, *pair) for pair in zip(folders, recipes, strict=True)]
    for process in processes:
        process.join()
    return [outcome(folder) for folder in folders]


def largest_difference(ours, theirs):
    return max(np.abs(a - b).max() for a, b in zip(ours, theirs, strict=True))


def both(tmp_path, recipe, replicas):
    return trained(tmp_path, *(dataclasses.replace(recipe, replicas=n) for n in (1, replicas)))


def test_three_replicas_train_the_network_that_one_trains(tmp_path):
    """With AdamW, weight decay, a moving average, sample weights, augmentation, and batches of seven."""
    (one, facts), (three, facts_of_three) = both(tmp_path, dataclasses.replace(RECIPE, batch=7), 3)
    assert largest_difference(one, three) < 1e-5
    for name in ("loss", "accuracy"):
        assert facts["history"][name] == pytest.approx(facts_of_three["history"][name], rel=1e-4)


def test_batch_normalisation_that_is_not_synchronised_makes_a_difference(tmp_path):
    recipe = dataclasses.replace(RECIPE, norm="batch", epochs=1)
    (one, _), (two, _) = both(tmp_path, recipe, 2)
    assert largest_difference(one, two) > 1e-3


def test_an_overflow_in_one_replica_skips_the_step_in_all(tmp_path):
    """The first replica's gradients are finite here: Keras alone would apply the other's infinite ones."""
    recipe = Recipe(
        epochs=1,
        replicas=2,
        dropout=0.0,
        norm="none",
        precision="float16",
        optimizer="sgd",
        augment=False,
        overflow_in_replica=1,
    )
    ((weights, facts),) = trained(tmp_path, recipe)
    assert all(np.isfinite(weight).all() for weight in weights)
    assert facts["loss_scale"] < 2.0**15
