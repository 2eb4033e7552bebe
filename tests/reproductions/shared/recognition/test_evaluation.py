"""What features find, against comparisons one by one."""

import numpy as np
import pytest

from common.evidence.records import Data
from data_prep.prepared import shards
from data_prep.protocols import recognition_tests as searches
from data_prep.protocols.distractors import Distractors, GalleryWithDistractors
from data_prep.protocols.identification import leave_one_out
from data_prep.protocols.verification import drawn_pairs
from reproductions.shared.harness.run import Outcome
from reproductions.shared.recognition import evaluation as recognising
from tests.support.prepared_sets import write_prepared

DATA = Data("made-up", "Made up", "all", "0" * 64, "1" * 64, 24, 6, "all", stand_in=True)


def embed(images: np.ndarray) -> np.ndarray:
    """Rows of pixels as features, centred so that cosines differ."""
    flat = images.reshape(len(images), -1)[:, ::97].astype(np.float32)
    return flat - flat.mean(axis=1, keepdims=True)


@pytest.fixture
def prepared(tmp_path):
    made = write_prepared(tmp_path / "own", images=24)
    made.index["identity"] = [f"person {row // 4}" for row in range(24)]
    return made


def cosine(one, other):
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("size", [None, 16])
def test_strangers_are_nobody(prepared, tmp_path, size, monkeypatch):
    monkeypatch.setattr(recognising, "_READ", 4)
    other = write_prepared(tmp_path / "other", images=31)
    rows = np.arange(24, 31)  # those before are the same pictures
    distracted = GalleryWithDistractors(
        "", leave_one_out(prepared.index), (Distractors(other, rows),), "2" * 64
    )
    outcome = Outcome()

    own = embed(shards.read_images(prepared, size=size))
    crowd = embed(shards.read_images(other, rows, size))
    case = searches.DistractorTest("fgnet-crowd", DATA, distracted)
    recognising.add_distractor_test(outcome, case, prepared, own, embed, size)
    expected = []
    for probe in range(24):
        among = [(cosine(own[probe], own[row]), row // 4) for row in range(24) if row != probe]
        among += [(cosine(own[probe], one), None) for one in crowd]
        expected.append(100.0 * (max(among, key=lambda pair: pair[0])[1] == probe // 4))
    np.testing.assert_array_equal(outcome.predictions[0]["rank-1"], expected)
    assert outcome.measurements[0].value == pytest.approx(np.mean(expected))


def test_each_fold_is_asked_of_its_own_model(prepared):
    folds = np.arange(24) // 4 % 2
    (one_out,) = (
        one
        for one in searches.people_tests(_as_fgnet(prepared), "x", folds=folds)
        if one.column == "x-one-out"
    )
    knows = np.eye(6, dtype=np.float32)[np.arange(24) // 4]
    errs = np.eye(6, dtype=np.float32)[np.arange(24) % 4]
    measured, rows = recognising.measure_search(one_out, prepared, [knows, errs])
    np.testing.assert_array_equal(rows["rank-1"], 100.0 * (folds == 0))
    assert measured.value == 50.0


def test_pairs_are_scored_by_their_features(prepared):
    drawn = drawn_pairs(prepared.index, folds=2, pairs=3)
    verification = searches.verification("x", _as_fgnet(prepared), drawn, "pairs")
    outcome = Outcome()
    recognising.add_verification(outcome, verification, embed)

    features = embed(shards.read_images(prepared))
    pairs = verification.pairs
    expected = [cosine(features[a], features[b]) for a, b in zip(pairs.first, pairs.second, strict=True)]
    np.testing.assert_allclose(outcome.predictions[0]["cosine"], expected, atol=1e-4)


def _as_fgnet(prepared):
    prepared.manifest["settings"]["dataset"] = "fgnet"
    return prepared
