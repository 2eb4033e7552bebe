"""The batches are a function of seed, epoch and step, in memory as well as streamed."""

import dataclasses
import threading

import numpy as np
import pytest
import tensorflow as tf

import data_prep.prepared.faces
from common.errors import UserError
from common.evidence.records import Data
from common.faces.augmentation import Augmentation
from data_prep.prepared.batches import Batches, Plan, make_batches
from data_prep.prepared.faces import Faces
from tests.support.prepared_sets import write_prepared

SHIFTED = Augmentation(flip=0.5, shift=0.1)


@pytest.fixture(scope="module")
def faces(tmp_path_factory) -> Faces:
    prepared = write_prepared(tmp_path_factory.mktemp("set"), images=50)
    described = Data("made-up", "Made up", "all", "0" * 64, "1" * 64, 50, None, "50 files", stand_in=True)
    return Faces(prepared, np.arange(50), described)


@pytest.fixture(params=["in memory", "streamed"])
def either_way(request, monkeypatch):
    monkeypatch.setattr(data_prep.prepared.faces, "MEMORY", 0 if request.param == "streamed" else 2**30)


def plan(faces: Faces, batch: int, augmentation: Augmentation = SHIFTED, seed: int = 0, **changes) -> Plan:
    ages = faces.prepared.index["age"].to_numpy(np.int32)
    return Plan(batch, augmentation, seed, (ages,), **changes)


def collect(batches: Batches, epoch: int, skip: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(batches.source(epoch, skip).as_numpy_iterator())


@pytest.mark.usefixtures("either_way")
def test_an_epoch_is_the_same_twice_and_its_rest_is_its_rest(faces):
    first = collect(make_batches(faces, plan(faces, 8, seed=3)), epoch=1)
    again = collect(make_batches(faces, plan(faces, 8, seed=3)), epoch=1)
    rest = collect(make_batches(faces, plan(faces, 8, seed=3)), epoch=1, skip=4)
    assert len(first) == 6
    for (images, ages), (same_images, same_ages) in zip(first, again, strict=True):
        np.testing.assert_array_equal(images, same_images)
        np.testing.assert_array_equal(ages, same_ages)
    for (images, ages), (rest_images, rest_ages) in zip(first[4:], rest, strict=True):
        np.testing.assert_array_equal(images, rest_images)
        np.testing.assert_array_equal(ages, rest_ages)


@pytest.mark.usefixtures("either_way")
def test_another_epoch_or_seed_is_another_order_of_the_same_faces(faces):
    orders = [
        np.concatenate([ages for _, ages in collect(make_batches(faces, plan(faces, 10, seed=seed)), epoch)])
        for seed, epoch in ((0, 0), (0, 1), (1, 0))
    ]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(50))
    assert len({tuple(order) for order in orders}) == 3


@pytest.mark.usefixtures("either_way")
def test_each_image_comes_with_its_own_labels_as_they_are_arranged(faces):
    ages = faces.prepared.index["age"].to_numpy(np.int32)
    arranged = Plan(
        10,
        Augmentation(),
        0,
        (ages, ages + 1),
        lambda images, age, next_age: (images, {"a": age, "b": next_age}),
    )
    images = faces.images()
    for shown, labels in collect(make_batches(faces, arranged), 0):
        np.testing.assert_array_equal(shown, images[labels["a"]])
        np.testing.assert_array_equal(labels["b"], labels["a"] + 1)


@pytest.mark.usefixtures("either_way")
def test_only_the_rows_asked_for_are_shown(faces):
    half = dataclasses.replace(faces, rows=np.arange(0, 50, 2))
    made = make_batches(half, plan(half, 5, rows_of=lambda epoch: np.repeat([4, 8], 5 + 5 * (epoch > 0))))
    assert made.steps == 2
    for epoch in (0, 1):
        shown = np.concatenate([ages for _, ages in collect(made, epoch)])
        assert set(shown) == {4, 8}


@pytest.mark.usefixtures("either_way")
def test_faces_come_at_the_side_of_the_epoch(faces):
    made = make_batches(faces, plan(faces, 10, side=lambda epoch: (16, 32)[epoch]))
    assert [collect(made, epoch)[0][0].shape for epoch in (0, 1)] == [(10, 16, 16, 3), (10, 32, 32, 3)]


def test_the_files_of_a_batch_are_named(faces):
    made = make_batches(faces, plan(faces, 10, Augmentation()))
    for step, (_, ages) in enumerate(collect(made, 2)):
        assert made.describe(2, step) == [f"{age:05d}.jpg" for age in ages]


@pytest.mark.usefixtures("either_way")
def test_batches_are_made_ahead_of_a_training_with_deterministic_operations(faces):
    """TensorFlow would make one at a time, when it is asked for, of a function that it takes for stateful."""
    tf.config.experimental.enable_op_determinism()
    made = threading.Semaphore(0)

    def seen(images, rng):
        made.release()
        return images

    batches = iter(make_batches(faces, plan(faces, 5, seen)).source(0, 0))
    next(batches)
    assert all(made.acquire(timeout=10) for _ in range(3))


def test_a_batch_that_cannot_be_filled_is_refused(faces):
    with pytest.raises(UserError, match="50 images of Made up do not fill a batch of 64: add images"):
        make_batches(faces, plan(faces, 64))
