"""Blocked search against one product in float64, ties included."""

import numpy as np
import pytest

from common.metrics.search import nearest

RANDOM = np.random.default_rng(0)


def brute(probes, gallery):
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (probes, gallery)]
    return unit[0] @ unit[1].T


@pytest.mark.parametrize("block", [1, 7, 100, 1000])
def test_any_block_finds_what_one_product_finds(block):
    probes, gallery = RANDOM.normal(size=(13, 24)), RANDOM.normal(size=(100, 24))
    found = nearest(probes, gallery, block=block)
    similar = brute(probes, gallery)
    np.testing.assert_array_equal(found.rows, similar.argmax(axis=1))
    np.testing.assert_allclose(found.similarities, similar.max(axis=1), rtol=1e-12)


@pytest.mark.parametrize("block", [3, 64, 5000])
def test_of_equal_vectors_the_first_is_found_whatever_the_block(block):
    vector = RANDOM.normal(size=768).astype(np.float32)
    gallery = RANDOM.normal(size=(2000, 768)).astype(np.float32)
    # Multiples by powers of two are equal directions to the last bit.
    gallery[17::29] = vector * np.float32(2.0) ** np.arange(len(gallery[17::29]))[:, None].clip(0, 20)
    assert nearest(vector[None] * 3, gallery, block=block).rows == [17]


def test_a_near_tie_is_decided_by_more_than_float32():
    vector = RANDOM.normal(size=64)
    other = RANDOM.normal(size=64)
    gallery = np.stack([vector + 1e-6 * other, vector + 1e-7 * other, vector])
    assert nearest(vector[None], gallery).rows == [2]


def test_the_own_image_can_be_left_out():
    vectors = RANDOM.normal(size=(30, 8))
    found = nearest(vectors, vectors, leave_out=np.arange(30), block=7)
    similar = brute(vectors, vectors)
    np.fill_diagonal(similar, -2)
    np.testing.assert_array_equal(found.rows, similar.argmax(axis=1))
    kept = nearest(vectors[:2], vectors, leave_out=[-1, 1])
    assert kept.rows[0] == 0
    assert kept.rows[1] != 1


@pytest.mark.parametrize("block", range(1, 33))
def test_what_is_left_out_is_never_found_whatever_the_block(block):
    """Each vector stands in the gallery twice or more, so that ties are everywhere and the first must win."""
    vectors = np.random.default_rng(1).normal(size=(7, 3))
    gallery = vectors[np.random.default_rng(2).integers(0, 7, 31)]
    gallery[5] = 0
    probes = np.r_[gallery, -gallery[:4], np.zeros((1, 3))]
    leave_out = np.r_[np.arange(31), [-1, 0, 30, 5], [0]]
    found = nearest(probes, gallery, leave_out, block)
    length = np.linalg.norm(gallery, axis=1, keepdims=True)
    unit = gallery / np.where(length > 0, length, 1)
    for probe, out, row, cosine in zip(probes, leave_out, found.rows, found.similarities, strict=True):
        similar = np.array([np.sum(probe * one) / max(np.linalg.norm(probe), 1e-300) for one in unit])
        similar = np.round(similar, 12)
        if out >= 0:
            similar[out] = -2
        assert row == similar.argmax() and row != out
        assert cosine == pytest.approx(similar.max(), abs=1e-11)


def test_lengths_do_not_count_and_zeros_are_similar_to_nothing():
    gallery = np.array([[0.0, 0.0], [1e-30, 0.0], [0.0, 1e30]])
    assert list(nearest(np.array([[1e20, 1.0], [1e-20, 1.0]]), gallery).rows) == [1, 2]
    assert list(nearest(np.zeros((1, 2)), gallery).similarities) == [0]


def test_the_gallery_may_lie_on_the_disk(tmp_path):
    vectors = RANDOM.normal(size=(50, 16)).astype(np.float32)
    vectors.tofile(tmp_path / "gallery")
    stored = np.memmap(tmp_path / "gallery", np.float32, "r", shape=vectors.shape)
    probes = vectors[[3, 44]]
    np.testing.assert_array_equal(nearest(probes, stored, block=8).rows, [3, 44])


@pytest.mark.parametrize(
    ("probes", "gallery", "leave_out", "message"),
    [
        (np.ones((2, 3)), np.ones((4, 2)), None, "shape"),
        (np.ones(3), np.ones((4, 3)), None, "probes are vectors"),
        (np.ones((1, 3)), np.full((4, 3), np.nan), None, "gallery are not finite"),
        (np.ones((1, 3)), np.ones((0, 3)), None, "empty"),
        (np.ones((1, 3)), np.ones((1, 3)), [0], "empty"),
        (np.ones((2, 3)), np.ones((4, 3)), [0], "2 probes"),
        (np.ones((1, 3)), np.ones((4, 3)), [4], "from 0 to 3, or -1 for none"),
        (np.ones((1, 3)), np.ones((4, 3)), [-2], "from 0 to 3, or -1 for none"),
        (np.ones((1, 3)), np.ones((4, 3)), [0.5], "whole numbers"),
    ],
)
def test_what_does_not_fit_is_refused(probes, gallery, leave_out, message):
    with pytest.raises(ValueError, match=message):
        nearest(probes, gallery, leave_out)


@pytest.mark.parametrize("block", [0, -1])
def test_an_empty_block_is_refused(block):
    with pytest.raises(ValueError, match="a block holds a vector at least"):
        nearest(np.ones((1, 3)), np.ones((4, 3)), block=block)
