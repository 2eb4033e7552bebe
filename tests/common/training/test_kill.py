"""Runs killed at any moment end as an undisturbed one, to the last bit."""

import random
import time

import numpy as np
import pytest

from tests.support import forked
from tests.support.training_runs import (
    STEPS,
    Recipe,
    outcome,
    train_and_die_writing,
    train_and_stop,
    train_and_store,
)

RECIPE = Recipe()
SIGKILL = -9


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    forked.run(train_and_store, folder, RECIPE)
    return outcome(folder)


def finish_and_compare(folder, recipe, expected):
    forked.run(train_and_store, folder, recipe)
    (weights, facts), (expected_weights, expected_facts) = outcome(folder), expected
    assert facts == expected_facts
    for ours, theirs in zip(weights, expected_weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_same_training_gives_the_same_bits_twice(tmp_path, undisturbed):
    finish_and_compare(tmp_path, RECIPE, undisturbed)


def checkpoints(folder):
    return set((folder / "checkpoints").glob("epoch-*.npz"))


def kill_soon(folder, wait, delay):
    """Start the run, let it write up to `wait` checkpoints, and kill it `delay` seconds later."""
    process = forked.start(train_and_store, folder, RECIPE)
    seen = checkpoints(folder)
    while wait and process.is_alive():
        wait -= bool(checkpoints(folder) - seen)
        seen |= checkpoints(folder)
        time.sleep(0.002)
    time.sleep(delay)
    process.kill()
    process.join()
    return process.exitcode


def test_killed_at_random_moments(tmp_path, undisturbed):
    moments = random.Random(0)
    codes = [kill_soon(tmp_path, moments.randint(1, 3), moments.uniform(0, 0.01)) for _ in range(4)]
    assert codes.count(SIGKILL) >= 3
    finish_and_compare(tmp_path, RECIPE, undisturbed)


def test_killed_while_a_checkpoint_is_written(tmp_path, undisturbed):
    for moment in ("half", "written", "renamed"):
        process = forked.start(train_and_die_writing, tmp_path, RECIPE, 3, moment)
        process.join()
        assert process.exitcode == SIGKILL
    finish_and_compare(tmp_path, RECIPE, undisturbed)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 2


def test_killed_between_two_epochs(tmp_path, undisturbed):
    forked.start(train_and_store, tmp_path, RECIPE, STEPS).join()
    finish_and_compare(tmp_path, RECIPE, undisturbed)


def test_killed_within_an_epoch_of_two_replicas_in_float16(tmp_path):
    """Each replica's share of the epoch's metrics and the loss scale must come back too."""
    recipe = Recipe(replicas=2, precision="float16", epochs=2)
    forked.run(train_and_store, tmp_path / "undisturbed", recipe)
    process = forked.start(train_and_store, tmp_path / "killed", recipe, 7)
    process.join()
    assert process.exitcode == SIGKILL
    finish_and_compare(tmp_path / "killed", recipe, outcome(tmp_path / "undisturbed"))


def test_a_stop_asked_for_where_a_checkpoint_is_due_is_kept(tmp_path):
    """Killed between the batch that ends the training and the end of its epoch."""
    forked.run(train_and_stop, tmp_path / "undisturbed")
    process = forked.start(train_and_stop, tmp_path / "killed", True)
    process.join()
    assert process.exitcode == SIGKILL
    forked.run(train_and_stop, tmp_path / "killed")
    ours, theirs = (outcome(tmp_path / name) for name in ("killed", "undisturbed"))
    assert ours[1] == theirs[1]
    for one, other in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_array_equal(one, other)
