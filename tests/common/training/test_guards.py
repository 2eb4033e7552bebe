"""The guards against losses and weights that are not numbers."""

import math

import keras
import numpy as np
import pytest

from common.errors import UserError
from common.training.guards import FiniteLoss, NonFiniteLoss, NonFiniteWeights, spoilt
from common.training.optimizers import optimizers_of
from common.training.run_state import RunState
from common.training.weights import load_weights
from tests.common.training.test_adversarial import compiled
from tests.support.training_runs import STEPS, Recipe, build, train


def guard(tmp_path, describe=None):
    return FiniteLoss(RunState(epoch=2, step=16), 18, describe, tmp_path / "run" / "files.txt")


def stop(callback, first=16, last=16, loss=math.nan):
    callback.on_train_batch_begin(first)
    with pytest.raises(NonFiniteLoss) as caught:
        callback.on_train_batch_end(last, {"loss": loss})
    return caught.value


def test_a_finite_loss_passes(tmp_path):
    callback = guard(tmp_path)
    callback.on_train_batch_begin(0)
    callback.on_train_batch_end(0, {"loss": 1e30})


def test_without_names_the_batch_is_told_by_its_number(tmp_path):
    error = stop(guard(tmp_path), loss=math.inf)
    assert isinstance(error, UserError)
    assert str(error) == (
        "the loss became inf in epoch 3, batch 17: lower the learning rate, or look for what is wrong with "
        "these images."
    )
    assert (error.epoch, error.step, error.files) == (2, 16, [])


def test_files_are_named_and_the_whole_list_is_written(tmp_path):
    error = stop(guard(tmp_path, lambda epoch, step: [f"{epoch}-{step}-{i}.jpg" for i in range(5)]))
    report = tmp_path / "run" / "files.txt"
    assert f"batch 17 (2-16-0.jpg, 2-16-1.jpg, 2-16-2.jpg and 2 more, all in {report}): lower" in str(error)
    assert report.read_text().splitlines() == error.files == [f"2-16-{i}.jpg" for i in range(5)]


def test_several_steps_an_execution_name_the_batches_of_all_that_there_were(tmp_path):
    error = stop(guard(tmp_path, lambda epoch, step: [f"{step}.jpg"]), first=16, last=19)
    assert "one of the batches 17 to 18 (16.jpg, 17.jpg)" in str(error)


def one_player():
    model = build(Recipe())
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.mark.parametrize("make", [one_player, compiled])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_every_variable_of_a_training_is_looked_at(make, value):
    """Kernels, batch statistics, and every optimizer's slots and moving averages of the weights."""
    model = make()
    owners = (model, *optimizers_of(model))
    assert spoilt(*owners) == ""
    variables = [v for owner in owners for v in owner.variables if v.dtype == "float32" and v.shape]
    assert len(variables) > 20
    for variable in variables:
        before = variable.numpy()
        after = before.copy()
        after.flat[-1] = value
        variable.assign(after)
        assert spoilt(*owners) == variable.path
        variable.assign(before)


class Spoil(keras.callbacks.Callback):
    """Makes a variable NaN after batch number `after` of the run, as a step may."""

    def __init__(self, after, choose):
        super().__init__()
        self._after, self._choose = after, choose

    def get_state(self):
        return {}

    def set_state(self, state):
        pass

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations.numpy()) == self._after:
            variable = self._choose(self.model)
            variable.assign(np.full(variable.shape, np.nan, "float32"))


def kernel(model):
    return model.layers[0].kernel


def average(model):
    """Of the weights, by which the last epoch replaces them: no loss ever sees it."""
    return model.optimizer._model_variables_moving_average[0]


@pytest.mark.parametrize(
    ("after", "choose", "seconds", "told"),
    [
        (STEPS + 2, average, 0.0, "after batch 2 of epoch 2"),
        (STEPS + 2, average, 1000.0, "at the end of epoch 2"),
        (2 * STEPS, kernel, 0.0, "at the end of epoch 2"),
    ],
)
def test_what_is_spoilt_is_never_kept(tmp_path, after, choose, seconds, told):
    recipe = Recipe(epochs=2, norm="none", dropout=0.0, checkpoint_seconds=seconds)
    for _ in range(2):
        with pytest.raises(NonFiniteWeights, match=f"infinite or not a number, as seen {told}"):
            train(tmp_path, recipe, [Spoil(after, choose)])
    assert not (tmp_path / "final.weights.h5").exists()
    fitted = train(tmp_path, recipe, [Spoil(None, choose)])
    assert spoilt(fitted.model) == ""
    assert len(fitted.history["loss"]) == 2


def test_a_network_that_begins_spoilt_is_refused(tmp_path, monkeypatch):
    model = one_player()
    kernel(model).assign(np.full(kernel(model).shape, np.nan))
    model.save_weights(tmp_path / "start.weights.h5")
    with pytest.raises(UserError, match=r"start.weights.h5 holds weights that are not finite \(\S*kernel\)"):
        load_weights(one_player(), tmp_path / "start.weights.h5")
    monkeypatch.setattr("tests.support.training_runs.build", lambda recipe: model)
    with pytest.raises(NonFiniteWeights, match="infinite or not a number from the start"):
        train(tmp_path, Recipe())
