"""The generated film shows people whom Viola-Jones finds, cut out cleanly, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from common.faces.viola_jones import ViolaJones
from data_prep.synthetic import Latents, Nuisance, clip, render, sample_identity
from tests.support.films import read

PERSON = Latents(sample_identity(np.random.default_rng([2, 8])), 23, "female", Nuisance(zoom=0.6, seed=8))


@pytest.fixture
def stiff(monkeypatch) -> None:
    """People who keep one pose, which is rendered soon."""
    monkeypatch.setattr(clip, "_POSES", 1)


@pytest.mark.parametrize("grey", [0.1, 0.5])
def test_cut_out_laid_on_a_wall_is_the_person_rendered_before_it(grey):
    cut = clip.cut_out(PERSON, 96)
    expected = render(PERSON, 96, background=grey).image.astype(float)
    wall = expected[0, 0]
    laid = cut[..., :3] + (1 - cut[..., 3:]) * wall
    difference = np.abs(laid - expected)
    sure = np.abs(cut[..., 3] - 0.5) > 0.49
    assert sure.mean() > 0.9
    assert difference[sure].max() < 4
    assert difference.mean() < 1


def test_cut_out_covers_the_person_alone():
    cover = clip.cut_out(PERSON, 96)[..., 3]
    landmarks = np.rint(render(PERSON, 96).landmarks).astype(int)
    assert (cover[landmarks[:, 1], landmarks[:, 0]] > 0.99).all()
    assert cover[0].max() < 0.01
    assert 0.2 < cover.mean() < 0.6


def test_every_person_is_found_where_the_film_puts_them(stiff):
    for actor in clip.CAST:
        second = 4.8
        (frame,) = clip.film([round(second * clip.RATE)], [actor])
        (face,) = ViolaJones(min_face=0.15).detect(frame)
        x, _ = actor.place(second)
        assert abs((face.box[0] + face.box[2]) / 2 - x) < 25


def test_film_is_the_same_every_time_and_people_move(stiff):
    first, again = (list(clip.film((120, 121, 122), clip.CAST[:1])) for _ in range(2))
    assert np.array_equal(first, again)
    assert first[0].shape == (480, 640, 3) and first[0].dtype == np.uint8
    assert not np.array_equal(first[0], first[2])


def test_film_is_written_as_a_video(stiff, tmp_path, monkeypatch):
    monkeypatch.setattr(clip, "CAST", clip.CAST[:1])
    clip.write_clip(tmp_path / "clip.webm", frames=3)
    assert [frame.shape for frame in read(tmp_path / "clip.webm")] == [(480, 640, 3)] * 3
