"""Strangers in the gallery: they can only be a wrong answer, and copies of the set's own images are none."""

import numpy as np
import pytest

from common.metrics.identification import rank1_hits
from common.metrics.search import nearest
from data_prep.protocols.distractors import with_distractors
from data_prep.protocols.identification import leave_one_out
from tests.support.prepared_sets import write_prepared

PEOPLE = np.array(["a", "a", "b", "b", "c"], object)


@pytest.fixture
def sets(tmp_path):
    """Five images of three people, and twelve images of others, of which the first five are copies."""
    own = write_prepared(tmp_path / "own", images=5)
    own.index["identity"] = PEOPLE
    return own, write_prepared(tmp_path / "other", images=12)


def test_the_joined_gallery_begins_with_the_own_one(sets):
    own, other = sets
    scheme = leave_one_out(own.index)
    found = with_distractors(own, scheme, [other])
    assert [len(crowd.rows) for crowd in found.crowds] == [7]
    assert found.crowds[0].rows.tolist() == [5, 6, 7, 8, 9, 10, 11]
    assert found.people(PEOPLE).tolist() == [*PEOPLE, *[None] * 7]
    assert found.description == ("each of 4 images against the 4 others, and 7 of Made up as distractors")


def test_a_stranger_is_always_wrong_and_the_own_image_no_answer(sets):
    own, other = sets
    scheme = leave_one_out(own.index)
    vectors = np.random.default_rng(1).normal(size=(5, 8))
    crowd = np.random.default_rng(2).normal(size=(7, 8))
    crowd[3] = vectors[2] + 1e-3
    found = with_distractors(own, scheme, [other])
    gallery = found.gallery(vectors, [crowd])
    answer = nearest(vectors[scheme.probes], gallery, scheme.leave_out)
    hits = rank1_hits(answer, PEOPLE[scheme.probes], found.people(PEOPLE))
    similarity = _unit(vectors[scheme.probes]) @ _unit(gallery).T
    similarity[np.arange(4), scheme.probes] = -2
    best = similarity.argmax(axis=1)
    expected = [
        100.0 * (place < 5 and PEOPLE[place] == PEOPLE[probe])
        for probe, place in zip(scheme.probes, best, strict=True)
    ]
    assert hits.tolist() == expected
    assert answer.rows[2] == 5 + 3 and hits[2] == 0


def test_without_others_the_gallery_is_the_own_one(sets):
    own, other = sets
    scheme = leave_one_out(own.index)
    alone = with_distractors(own, scheme, [])
    assert alone.gallery(np.eye(5), []).shape == (5, 5)
    assert alone.people(PEOPLE).tolist() == PEOPLE.tolist()
    hashes = {alone.hash, with_distractors(own, scheme, [other]).hash, scheme.hash}
    assert len(hashes) == 3


def test_sets_of_other_crops_are_refused(sets, tmp_path):
    own, _ = sets
    with pytest.raises(ValueError, match="is of other crops than"):
        with_distractors(own, leave_one_out(own.index), [write_prepared(tmp_path / "large", 3, size=40)])


def _unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
