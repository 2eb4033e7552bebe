"""Tracks keep their numbers and follow without lag; boxes and labels are steadier than what was found."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from common.faces.tracking import Opinion, RunningMean, Tracker, intersection_over_union, match

BOX = np.array([100.0, 50.0, 160.0, 110.0])


def numbers(tracks) -> list[int]:
    return [track.number for track in tracks]


def test_overlap_is_that_of_the_pixels_counted():
    rng = np.random.default_rng(0)
    corners = rng.integers(0, 20, (2, 6, 2))
    boxes = np.concatenate([corners, corners + rng.integers(0, 12, (2, 6, 2))], axis=2)
    y, x = np.mgrid[:40, :40]
    masks = [[(x >= x1) & (x < x2) & (y >= y1) & (y < y2) for x1, y1, x2, y2 in one] for one in boxes]
    expected = [[(a & b).sum() / max((a | b).sum(), 1) for b in masks[1]] for a in masks[0]]
    np.testing.assert_allclose(intersection_over_union(*boxes.astype(float)), expected)


def test_matching_is_the_best_of_all():
    rng = np.random.default_rng(1)
    for _ in range(20):
        corners = rng.uniform(0, 15, (2, 4, 2))
        first, second = np.concatenate([corners, corners + 20], axis=2)
        overlaps = intersection_over_union(first, second)
        possible = np.where(overlaps >= 0.3, overlaps, 0)
        best = max(possible[range(4), order].sum() for order in itertools.permutations(range(4)))
        assert sum(overlaps[pair] for pair in match(first, second, 0.3)) == pytest.approx(best)
        assert all(overlaps[pair] >= 0.3 for pair in match(first, second, 0.3))


def test_people_keep_their_numbers_in_whatever_order_they_are_found():
    tracker = Tracker()
    assert numbers(tracker.update([BOX, BOX + 200])) == [1, 2]
    tracks = tracker.update([BOX + 204, BOX + 400, BOX + 4])
    assert numbers(tracks) == [1, 2, 3]
    assert tracks[1].box[0] > 290


def test_people_who_pass_each_other_keep_their_numbers():
    tracker = Tracker()
    for step in range(40):
        right, left = BOX + [8 * step, 0] * 2, BOX + [320 - 8 * step, 30] * 2
        tracks = tracker.update([left, right] if step % 2 else [right, left])
    first = tracks[0].box
    assert len(tracks) == 2
    assert abs(first[0] - right[0]) < 4 and abs(first[1] - right[1]) < 4


def test_gap_is_bridged_at_the_last_velocity():
    tracker = Tracker(patience=3)
    for step in range(20):
        tracker.update([BOX + [5 * step, 0] * 2])
    for missed in range(1, 4):
        (track,) = tracker.update([])
        assert track.missed == missed
    np.testing.assert_allclose(track.box, BOX + [5 * 22, 0] * 2, atol=0.5)
    assert numbers(tracker.update([BOX + [5 * 23, 0] * 2])) == [1]


def test_track_ends_after_its_patience_and_its_number_is_not_given_again():
    tracker = Tracker(patience=2)
    tracker.update([BOX])
    tracker.update([BOX])
    assert [len(tracker.update([])) for _ in range(3)] == [1, 1, 0]
    assert numbers(tracker.update([BOX])) == [2]


def test_face_found_once_is_not_waited_for():
    tracker = Tracker()
    tracker.update([BOX])
    assert tracker.update([]) == []


def test_steady_movement_is_followed_without_lag():
    tracker = Tracker(steadiness=0.6)
    for step in range(60):
        (track,) = tracker.update([BOX + 3 * step])
    np.testing.assert_allclose(track.box, BOX + 3 * 59, atol=1e-6)
    np.testing.assert_allclose(track.velocity, 3, atol=1e-6)


def test_jitter_is_damped_by_the_filters_known_ratio():
    """Of the variance a g-h filter lets through (2 g^2 + h (2 - 3 g)) / (g (4 - h - 2 g)) in the long run."""
    s = 0.6
    g, h = 1 - s**2, (1 - s) ** 2
    expected = (2 * g**2 + h * (2 - 3 * g)) / (g * (4 - h - 2 * g))
    tracker = Tracker(steadiness=s)
    rng = np.random.default_rng(2)
    boxes = np.array([tracker.update([BOX + rng.normal(size=4)])[0].box for _ in range(1500)])
    assert boxes[100:].var(axis=0).mean() == pytest.approx(expected, rel=0.15)
    assert expected < 0.65


def test_opinion_is_the_mean_then_forgets():
    opinion = Opinion(2, memory=4)
    rows = np.array([[0.9, 0.1], [0.5, 0.5], [0.4, 0.6], [0.8, 0.2]])
    for row in rows:
        opinion.add(row)
    np.testing.assert_allclose(opinion.probabilities, rows.mean(axis=0))
    opinion.add(np.array([0.0, 1.0]))
    np.testing.assert_allclose(opinion.probabilities, 0.75 * rows.mean(axis=0) + [0, 0.25])


def test_label_does_not_flicker_but_changes_in_the_end():
    rng = np.random.default_rng(3)
    opinion, single, called = Opinion(2), [], []
    for _ in range(200):
        p = np.clip(rng.normal(0.5, 0.2), 0, 1)
        opinion.add(np.array([p, 1 - p]))
        single.append(p > 0.5)
        called.append(opinion.called)
    assert np.count_nonzero(np.diff(single)) > 60
    assert np.count_nonzero(np.diff(called)) <= 3
    for _ in range(60):
        opinion.add(np.array([0.1, 0.9]))
    assert opinion.called == 1


def test_before_anything_is_known_no_class_is_called():
    assert Opinion(4).called == -1


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (Tracker, {"overlap": 0}),
        (Tracker, {"patience": -1}),
        (Tracker, {"steadiness": 1}),
        (Opinion, {"classes": 0}),
        (Opinion, {"memory": 0, "classes": 2}),
        (RunningMean, {"memory": 0}),
        (Opinion, {"classes": 2, "lead": 1}),
    ],
)
def test_arguments_out_of_range_are_refused(make, options):
    with pytest.raises(ValueError, match=next(iter(options))):
        make(**options)
