"""Protocol b: one network serves all folds, and each fold ends as with a network of its own."""

import dataclasses
import shutil

import numpy as np
import pytest

from common.evidence.records import Data
from common.training.fit import FINAL_WEIGHTS
from common.training.precision import precision_policy
from common.training.seeds import seed_everything
from data_prep.prepared.faces import Faces
from reproductions.neighborhood_loss.experiments import NEIGHBORHOOD_18, RECIPES
from reproductions.shared.age_estimation import evaluate, study
from reproductions.shared.age_estimation.data import Fold, Partition
from reproductions.shared.age_estimation.experiments import FineTuning
from reproductions.shared.age_estimation.model import build_network
from reproductions.shared.age_estimation.train import FineTuner
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Run
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
def run(tmp_path_factory) -> Run:
    """A run whose network is trained."""
    options = Options(runs_root=tmp_path_factory.mktemp("runs"))
    run = Run("neighborhood", "table2", NEIGHBORHOOD_18, RECIPE, options, 3, "float32")
    run.folder.mkdir(parents=True)
    seed_everything(7)
    with precision_policy("float32"):
        build_network(NEIGHBORHOOD_18, RECIPE).save_weights(run.folder / FINAL_WEIGHTS)
    return run


def test_a_fold_after_another_ends_as_a_fold_alone(folds, run):
    both = FineTuner(run, folds)
    first = both.tune(0).model.get_weights()
    after = both.tune(1)
    shutil.rmtree(run.folder / "fold-1")
    alone = FineTuner(run, folds).tune(1)
    assert after.history == alone.history
    for one, other in zip(after.model.get_weights(), alone.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(
        not np.array_equal(one, other) for one, other in zip(first, after.model.get_weights(), strict=True)
    )


def test_all_folds_take_as_many_steps_as_the_smallest(folds, run):
    model = FineTuner(run, folds).tune(0).model
    assert int(model.optimizer.iterations) == 2 * 4


def test_one_answer_is_taken_from_each_folds_own_training_set(folds):
    said = [(fold.test, evaluate.constant(fold.train.ages, len(fold.test.ages))) for fold in folds]
    partition = Partition(folds[0].train, None, {}, folds)
    outcome = study._constant(partition)
    errors = np.concatenate([np.abs(test.ages - one.decisions["median"]) for test, one in said])
    (found,) = [o for o in outcome.measurements if (o.metric, o.decision) == ("MAE", "median")]
    assert found.value == pytest.approx(errors.mean()) and found.column == "fgnet-folds"
