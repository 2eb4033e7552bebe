"""Shards that workers label: the labels of one machine, bit for bit, and none of them computed twice."""

from __future__ import annotations

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from reproductions.shared.harness.options import Options
from reproductions.shared.pseudo_labels import labelled_set as labelled
from reproductions.shared.pseudo_labels import spreading
from reproductions.shared.pseudo_labels.estimators import AgeEstimates, Estimator
from reproductions.shared.pseudo_labels.genders import GenderSource
from tests.support.prepared_sets import write_prepared

CALLS: list[tuple[str, int]] = []


def age(images, who="here"):
    CALLS.append((who, len(images)))
    means = images.reshape(len(images), -1).astype(float).mean(axis=1)
    return AgeEstimates(means / 3, means / 7)


def female(images, who="here"):
    CALLS.append((who, len(images)))
    return images.reshape(len(images), -1).mean(axis=1) / 255


def estimator(offer, who="here", fingerprint="f" * 64):
    function = partial({labelled.AGES: age, labelled.GENDERS: female}[offer], who=who)
    return Estimator(function, f"{offer}-seed1-0123abcd", fingerprint, 32, "utkface")


class Team:
    """Workers in this process; the second task ends them and comes back."""

    size = 2

    def __init__(self, address):
        assert address == "host:8786"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def spread(self, function, tasks, crashed):
        for number, task in enumerate(reversed(tasks)):
            yield task, (crashed if number == 1 else function)(pickle.loads(pickle.dumps(task)))


@pytest.fixture
def prepared(tmp_path):
    """25 images in three shards."""
    return write_prepared(tmp_path / "prepared" / "lfw-utkface-32-auto", dataset="lfw")


def as_the_command_does(*, short):
    """Graphs run as they are written under smoke alone: else labels differ in their last digits."""
    assert short is Options().is_first_look


@pytest.fixture
def workers(monkeypatch):
    """What workers find as estimators; `fingerprint` of their weights may be changed."""
    found = {"fingerprint": "f" * 64}
    monkeypatch.setattr(spreading, "Team", Team)
    monkeypatch.setattr(spreading, "import_tensorflow", as_the_command_does)
    monkeypatch.setattr(
        spreading, "offered", lambda offer: ("paper", lambda options: estimator(offer, "there", **found))
    )
    spreading._estimator.cache_clear()
    CALLS.clear()
    yield found
    spreading._estimator.cache_clear()


def ahead():
    return partial(spreading.spread_shards, Options(), "host:8786")


def says(prepared):
    return estimator(labelled.AGES), GenderSource(prepared, estimator(labelled.GENDERS))


def test_workers_say_what_one_machine_says_and_nothing_is_computed_twice(prepared, workers):
    spread = labelled.label(prepared, *says(prepared), ahead())
    assert sorted(CALLS) == sorted(2 * [("there", 10), ("there", 10), ("there", 5)])
    written = (labelled.folder_of(prepared) / labelled.LABELS).read_bytes()
    (labelled.folder_of(prepared) / labelled.MANIFEST).unlink()
    alone = labelled.label(prepared, *says(prepared))
    assert written == (labelled.folder_of(prepared) / labelled.LABELS).read_bytes()
    pd.testing.assert_frame_equal(spread, alone)


def test_what_stands_is_not_asked_for_again(prepared, workers, tmp_path):
    spreading.label_shard(spreading.Task(Options(), labelled.AGES, "f" * 64, prepared.folder, tmp_path, 1))
    ahead()(labelled.AGES, prepared, estimator(labelled.AGES), tmp_path)
    assert CALLS == [("there", 10), ("there", 5), ("there", 10)]
    ahead()(labelled.AGES, prepared, estimator(labelled.AGES), tmp_path)
    assert len(CALLS) == 3
    assert np.load(tmp_path / "part-00002.npy").shape == (5, 2)


def test_a_worker_with_other_weights_ends_the_command(prepared, workers):
    workers["fingerprint"] = "e" * 64
    with pytest.raises(UserError, match=r"a worker finds other weights of ages-seed1-0123abcd than the"):
        labelled.label(prepared, *says(prepared), ahead())
