"""The guard against losses that are not numbers, on its own."""

import math

import pytest

from common.errors import UserError
from common.training.guards import FiniteLoss, NonFiniteLoss
from common.training.run_state import RunState


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
