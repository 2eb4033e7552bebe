"""Protocol b: one network serves all folds, and each fold ends as with a network of its own."""

import dataclasses

import numpy as np
import pytest

from common.evidence.records import Data
from common.training.precision import precision_policy
from common.training.seeds import seed_everything
from data_prep.prepared.faces import Faces
from reproductions.neighborhood_loss.data import Fold
from reproductions.neighborhood_loss.experiments import NEIGHBORHOOD_18, RECIPES, FineTuning
from reproductions.neighborhood_loss.model import build_network
from reproductions.neighborhood_loss.train import FineTuner
from reproductions.shared.harness.options import Options
from tests.support.prepared_sets import write_prepared

RECIPE = dataclasses.replace(
    RECIPES["smoke"], size=32, growth=(), folds=FineTuning(epochs=2, learning_rate=1e-3, batch=8)
)


@pytest.fixture(scope="module")
def folds(tmp_path_factory) -> tuple[Fold, ...]:
    prepared = write_prepared(tmp_path_factory.mktemp("set"), images=50)

    def faces(rows: np.ndarray) -> Faces:
        split = f"{rows[0]:064d}"
        data = Data("made-up", "Made up", "folds", "0" * 64, split, len(rows), None, "all", stand_in=True)
        return Faces(prepared, rows, data)

    # The first fold fills five batches of 8, the second four.
    return (
        Fold(faces(np.arange(42)), faces(np.arange(42, 50))),
        Fold(faces(np.arange(16, 50)), faces(np.arange(16))),
    )


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    path = tmp_path_factory.mktemp("start") / "final.weights.h5"
    seed_everything(7)
    with precision_policy("float32"):
        build_network(NEIGHBORHOOD_18, RECIPE).save_weights(path)
    return path


def tuner(folds, start) -> FineTuner:
    return FineTuner(NEIGHBORHOOD_18, RECIPE, folds, start, Options(precision="float32"), seed=3)


def test_a_fold_after_another_ends_as_a_fold_alone(folds, start, tmp_path):
    both = tuner(folds, start)
    first = both.tune(0, tmp_path / "first").model.get_weights()
    after = both.tune(1, tmp_path / "after")
    alone = tuner(folds, start).tune(1, tmp_path / "alone")
    assert after.history == alone.history
    for one, other in zip(after.model.get_weights(), alone.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(
        not np.array_equal(one, other) for one, other in zip(first, after.model.get_weights(), strict=True)
    )


def test_all_folds_take_as_many_steps_as_the_smallest(folds, start, tmp_path):
    model = tuner(folds, start).tune(0, tmp_path).model
    assert int(model.optimizer.iterations) == 2 * 4
