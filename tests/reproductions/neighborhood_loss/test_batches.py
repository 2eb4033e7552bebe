"""The batches are a function of seed, epoch and step, in memory as well as streamed."""

import dataclasses

import numpy as np
import pytest

from common.evidence.records import Data
from common.faces.augmentation import Augmentation
from reproductions.neighborhood_loss import data, train
from reproductions.neighborhood_loss.data import Faces
from reproductions.neighborhood_loss.experiments import RECIPES
from tests.support.prepared_sets import write_prepared

SHIFTED = Augmentation(flip=0.5, shift=0.1)


def recipe(batch: int, augmentation: Augmentation = SHIFTED, **changes):
    """Return a recipe for the 32 px faces of this file."""
    changes = {"size": 32, "growth": (), "batch": batch, "augmentation": augmentation, **changes}
    return dataclasses.replace(RECIPES["smoke"], **changes)


@pytest.fixture(scope="module")
def faces(tmp_path_factory) -> Faces:
    prepared = write_prepared(tmp_path_factory.mktemp("set"), images=50)
    described = Data("made-up", "Made up", "all", "0" * 64, "1" * 64, 50, None, "50 files", stand_in=True)
    return Faces(prepared, np.arange(50), described)


def collect(batches: train.Batches, epoch: int, skip: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    return [(images, ages) for images, ages in batches.source(epoch, skip).as_numpy_iterator()]


@pytest.mark.parametrize("streamed", [False, True])
def test_an_epoch_is_the_same_twice_and_its_rest_is_its_rest(faces, streamed, monkeypatch):
    monkeypatch.setattr(data, "_MEMORY", 0 if streamed else 2**30)
    first = collect(train.make_batches(faces, recipe(8), seed=3), epoch=1)
    again = collect(train.make_batches(faces, recipe(8), seed=3), epoch=1)
    rest = collect(train.make_batches(faces, recipe(8), seed=3), epoch=1, skip=4)
    assert len(first) == 6
    for (images, ages), (same_images, same_ages) in zip(first, again, strict=True):
        np.testing.assert_array_equal(images, same_images)
        np.testing.assert_array_equal(ages, same_ages)
    for (images, ages), (rest_images, rest_ages) in zip(first[4:], rest, strict=True):
        np.testing.assert_array_equal(images, rest_images)
        np.testing.assert_array_equal(ages, rest_ages)


@pytest.mark.parametrize("streamed", [False, True])
def test_another_epoch_or_seed_is_another_order_of_the_same_faces(faces, streamed, monkeypatch):
    monkeypatch.setattr(data, "_MEMORY", 0 if streamed else 2**30)
    orders = [
        np.concatenate([ages for _, ages in collect(train.make_batches(faces, recipe(10), seed), epoch)])
        for seed, epoch in ((0, 0), (0, 1), (1, 0))
    ]
    for order in orders:
        np.testing.assert_array_equal(np.sort(order), np.arange(50))
    assert len({tuple(order) for order in orders}) == 3


def test_each_image_comes_with_its_own_age(faces):
    batches = train.make_batches(faces, recipe(10, Augmentation()), seed=0)
    images = faces.images()
    for shown, ages in collect(batches, 0):
        np.testing.assert_array_equal(shown, images[ages])


def test_the_files_of_a_batch_are_named(faces):
    batches = train.make_batches(faces, recipe(10, Augmentation()), seed=0)
    for step, (_, ages) in enumerate(collect(batches, 2)):
        assert batches.describe(2, step) == [f"{age:05d}.jpg" for age in ages]


def test_balancing_shows_rare_ages_more_often_and_other_images_each_epoch(tmp_path):
    prepared = write_prepared(tmp_path, images=40)
    # Ages: thirty of 30, ten of 5.
    prepared.index["age"] = [30] * 30 + [5] * 10
    faces = Faces(prepared, np.arange(40), None)
    rows_of = train.balanced_rows(faces, recipe(8, balance=12, repeats=2), seed=0)
    first, second = rows_of(0), rows_of(1)
    for rows in (first, second):
        assert np.sum(rows < 30) == 12 and len(set(rows[rows < 30])) == 12
        assert np.sum(rows >= 30) == 12 and set(rows[rows >= 30]) == set(range(30, 40))
    assert set(first) != set(second)
    np.testing.assert_array_equal(first, rows_of(0))


@pytest.mark.parametrize("streamed", [False, True])
def test_faces_grow_over_the_epochs(faces, streamed, monkeypatch):
    monkeypatch.setattr(data, "_MEMORY", 0 if streamed else 2**30)
    batches = train.make_batches(faces, recipe(10, growth=((1, 16), (2, 24))), seed=0)
    assert [collect(batches, epoch)[0][0].shape[1] for epoch in range(5)] == [16, 24, 24, 32, 32]
