"""The ages of an epoch are evened out, and the faces grow over the epochs."""

import dataclasses

import numpy as np

from common.evidence.records import Data
from common.faces.augmentation import Augmentation
from data_prep.prepared.faces import Faces
from reproductions.neighborhood_loss.experiments import RECIPES
from reproductions.shared.age_estimation import train
from tests.support.prepared_sets import write_prepared


def recipe(batch: int, **changes):
    """Return a recipe for the 32 px faces of this file."""
    changes = {"size": 32, "growth": (), "batch": batch, "augmentation": Augmentation(), **changes}
    return dataclasses.replace(RECIPES["smoke"], **changes)


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


def test_faces_grow_over_the_epochs(tmp_path):
    prepared = write_prepared(tmp_path, images=50)
    described = Data("made-up", "Made up", "all", "0" * 64, "1" * 64, 50, None, "50 files", stand_in=True)
    faces = Faces(prepared, np.arange(50), described)
    made = train.age_batches(faces, recipe(10, growth=((1, 16), (2, 24))), seed=0)
    sides = [next(made.source(epoch, 0).as_numpy_iterator())[0].shape[1] for epoch in range(5)]
    assert sides == [16, 24, 24, 32, 32]
