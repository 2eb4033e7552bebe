"""Videos are written whole, at every size and rate, or not at all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from common import video
from common.errors import UserError
from common.video import write_mp4
from tests.support.age_gender import moving, read


@pytest.mark.parametrize(
    ("height", "width", "written"),
    [(48, 64, (48, 64)), (47, 65, (48, 66)), (96, 33, (96, 34)), (1, 1, (2, 2))],
)
def test_frames_come_back_at_an_even_size(tmp_path, height, width, written):
    frames = [np.full((height, width, 3), (200, 60, 20 * number), np.uint8) for number in range(4)]
    with write_mp4(tmp_path / "clip.mp4", 25) as append:
        for frame in frames:
            append(frame)
    found = read(tmp_path / "clip.mp4")
    assert [frame.shape[:2] for frame in found] == [written] * 4
    for before, after in zip(frames, found, strict=True):
        assert np.abs(after[0, 0, ::-1].astype(int) - before[0, 0]).max() < 12


@pytest.mark.parametrize("rate", [0.5, 12.0, 23.976, 29.97, 119.88, 240.0])
def test_rate_is_kept(tmp_path, rate):
    with write_mp4(tmp_path / "clip.mp4", rate) as append:
        for frame in moving(3, 48, 64):
            append(frame)
    assert cv2.VideoCapture(str(tmp_path / "clip.mp4")).get(cv2.CAP_PROP_FPS) == pytest.approx(rate, rel=1e-3)


def test_frames_of_another_size_are_brought_to_that_of_the_first(tmp_path):
    with write_mp4(tmp_path / "clip.mp4", 25) as append:
        append(np.zeros((48, 64, 3), np.uint8))
        append(np.zeros((100, 30, 3), np.uint8))
    assert {frame.shape for frame in read(tmp_path / "clip.mp4")} == {(48, 64, 3)}


def test_video_that_is_not_whole_does_not_appear(tmp_path, monkeypatch):
    monkeypatch.setattr(video, "_frames", lambda path: 2)
    with pytest.raises(UserError, match=r"cannot write .*clip.mp4 whole: is the disk full\?"):
        write_three(tmp_path / "clip.mp4", 25)
    assert list(tmp_path.iterdir()) == []


def write_three(path, rate):
    with write_mp4(path, rate) as append:
        for frame in moving(3, 48, 64):
            append(frame)


def write_none(path, rate):
    with write_mp4(path, rate):
        pass


@pytest.mark.parametrize(
    ("write", "rate", "sentence"),
    [
        (write_none, 25, "no frame was written"),
        (write_three, 0, "above 0"),
        (write_three, float("nan"), "nan"),
    ],
)
def test_mistakes_of_the_program_are_refused(tmp_path, write, rate, sentence):
    with pytest.raises(ValueError, match=sentence):
        write(tmp_path / "clip.mp4", rate)
    assert list(tmp_path.iterdir()) == []
