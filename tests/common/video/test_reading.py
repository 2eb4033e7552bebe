"""Films are read at their own times, whatever their rate, colours and damage, or refused in a sentence."""

from __future__ import annotations

import os
import re
import time
import wave
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.video.reading import Video
from common.video.times import Times
from common.video.writing import write_webm
from tests.support.age_gender import annotated
from tests.support.films import film, half, moving, read, seconds_of, write_mp4


def test_every_frame_stands_at_its_own_time(tmp_path):
    """Half the frames at 25 a second, half at 6.25: by the mean rate frame 20 would stand at 2 seconds."""
    seconds = [0.04 * number if number < 20 else 0.8 + 0.16 * (number - 20) for number in range(40)]
    source = tmp_path / "film.webm"
    with write_webm(source, 10.0) as append:
        for second, frame in zip(seconds, moving(40), strict=True):
            append(frame, second)
    written = annotated(source, tmp_path / "out")
    assert list(pd.read_csv(written.table).seconds) == pytest.approx(seconds)
    assert seconds_of(written.video) == pytest.approx(seconds)
    assert written.remarks == ()


@pytest.mark.parametrize("name", ["me.jpg", "me.JPEG", "me.png", "me.tiff", "me.gif", "me.webp", "me.ppm"])
def test_a_photograph_is_no_film(tmp_path, name):
    cv2.imwrite(str(tmp_path / name), next(iter(moving(1))))
    with pytest.raises(UserError, match=rf"{name} is a photograph: give a film, or let make age-of"):
        Video(str(tmp_path / name))


@pytest.mark.parametrize(
    ("said", "second"),
    [
        ([0.0, 0.0, 0.0, 0.0], [0.0, 0.1, 0.2, 0.3]),
        ([0.0, 0.1, 0.1, 0.7], [0.0, 0.1, 0.1, 0.7]),
        # Two films put together, the second counting anew.
        ([5.0, 5.1, 0.3, 0.4, 0.5, 0.6, 0.7], [5.0, 5.1, 5.2, 5.3, 5.4, 5.5, 5.6]),
        # A frame that comes late, behind damage.
        ([1.0, 2.0, 1.1, 2.2, 2.3], [1.0, 2.0, 2.1, 2.2, 2.3]),
    ],
)
def test_times_that_are_missing_or_fall_are_made_up_by_the_rate(said, second):
    times = Times(rate=10.0)
    assert [times.next(one) for one in said] == pytest.approx(second)


def restated(path: Path, rate: int) -> Path:
    """An AVI that states another rate than it was written with."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (240, 180))
    for frame in moving(12):
        writer.write(frame)
    writer.release()
    data = bytearray(path.read_bytes())
    place = data.index(b"strh") + 8 + 20
    data[place : place + 8] = (1).to_bytes(4, "little") + rate.to_bytes(4, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("stated", "rate", "remarks"), [(480, 480.0, 0), (10, 10.0, 0), (1_000_000, 25.0, 1)]
)
def test_rate_is_what_the_film_states_unless_that_is_nonsense(tmp_path, stated, rate, remarks):
    written = annotated(restated(tmp_path / "film.avi", stated), tmp_path / "out")
    assert pd.read_csv(written.table).seconds.iloc[-1] == pytest.approx(11 / rate, abs=6e-4)
    assert len(written.remarks) == remarks
    if remarks:
        assert written.remarks[0] in str(written)
        assert re.fullmatch(
            r"film.avi states 1e\+06 frames/s, which is nonsense: its times are those of 25 frames/s\.",
            written.remarks[0],
        )


def damaged(path: Path, frames: int, share: tuple[float, float]) -> Path:
    """A film whose encoded frames between two shares of them all are overwritten with noise."""
    data = bytearray(film(path, frames).read_bytes())
    start = data.index(b"mdat") + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big") - 8
    first, last = (start + round(length * part) for part in share)
    data[first:last] = np.random.default_rng(0).bytes(last - first)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("share", [(0.2, 0.7), (0.7, 1.0)])
def test_damaged_film_is_gone_on_with_and_what_is_lost_is_said(tmp_path, share):
    """OpenCV gives up after 64 frames in a row that cannot be decoded."""
    with Video(str(damaged(tmp_path / "film.mp4", 240, share))) as opened:
        seconds = [second for second, _ in opened]
    assert 60 < len(seconds) < 200
    assert seconds[-1] == pytest.approx(239 / 25) or share[1] == 1
    assert opened.remarks() == [
        f"of the 240 frames of film.mp4, {240 - len(seconds)} could not be read: damaged, missing, or left "
        "out by the film's own list of edits."
    ]


def test_film_without_a_list_of_frames_misses_what_its_length_promises(tmp_path):
    """A WebM that was cut off states the length that it had."""
    source = tmp_path / "film.webm"
    with write_webm(source, 25.0) as append:
        for number, frame in enumerate(moving(40)):
            append(frame, number / 25)
    with Video(str(source)) as whole:
        assert len(list(whole)) == 40
    assert whole.remarks() == []
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with Video(str(source)) as half:
        frames = len(list(half))
    assert 5 < frames < 35
    assert f"of the 40 frames of film.webm, {40 - frames} could not be read" in half.remarks()[0]


def test_grey_film_is_read(tmp_path):
    path = tmp_path / "grey.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (240, 180), isColor=False)
    for frame in moving(4):
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
    writer.release()
    assert annotated(path, tmp_path / "out").tracks == 1


def test_film_held_sideways_is_turned_upright(tmp_path):
    source = tmp_path / "film.mp4"
    write_mp4(source, map(np.rot90, moving(4, 180, 240)))
    data = bytearray(source.read_bytes())
    matrix = data.index(b"tkhd") + 44
    quarter = np.array([0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30], ">i4").tobytes()
    assert data[matrix : matrix + 4] == b"\0\1\0\0", "the matrix of an upright film starts with 1"
    data[matrix : matrix + 36] = quarter
    source.write_bytes(data)
    written = annotated(source, tmp_path / "out")
    assert read(written.video)[0].shape == (180, 240, 3)
    assert written.tracks == 1


def wav(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16000))


@pytest.mark.parametrize(
    ("name", "make", "sentence"),
    [
        ("gone.mp4", lambda path: None, "gone.mp4 is not there: give a video file or a camera's number"),
        ("folder.mp4", Path.mkdir, "folder.mp4 is a folder: give a video file or a camera's number"),
        ("pipe.mp4", os.mkfifo, "pipe.mp4 is no file: give a video file or a camera's number"),
        ("empty.mp4", Path.touch, "empty.mp4 is empty: give another video file."),
        (
            "noise.mp4",
            lambda path: path.write_bytes(np.random.default_rng(0).bytes(5000)),
            "noise.mp4 has no video that can be read",
        ),
        ("half.mp4", half, "the end of .*half.mp4 is missing, and with it the list of its frames"),
        ("sound.wav", wav, "sound.wav has no video that can be read: it is broken, holds sound alone"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path, name, make, sentence, capfd):
    make(tmp_path / name)
    with pytest.raises(UserError, match=sentence):
        Video(str(tmp_path / name))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("seed", range(1, 13))
def test_noise_is_told_in_a_sentence_whatever_it_looks_like(tmp_path, seed):
    """Some of it begins like a film: then it opens, and holds no picture."""
    path = tmp_path / "noise.mp4"
    path.write_bytes(np.random.default_rng(seed).bytes(5000))
    with pytest.raises(UserError, match=r"noise\.mp4 (has no video|holds no picture) that can be read"):
        Video(str(path))


class Camera:
    """Gives three frames, one every 20 ms, and says that it gives 30 a second."""

    def __init__(self, *_: int) -> None:
        self._left = 3

    def isOpened(self) -> bool:
        return True

    def grab(self) -> bool:
        time.sleep(0.02)
        self._left -= 1
        return self._left >= 0

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, np.zeros((48, 64, 3), np.uint8)

    def get(self, asked: int) -> float:
        return {cv2.CAP_PROP_FPS: 30.0, cv2.CAP_PROP_FRAME_COUNT: -1.0}[asked]

    def release(self) -> None:
        pass


def test_times_of_a_camera_are_those_at_which_its_frames_came(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    with Video("0") as opened:
        seconds = [second for second, _ in opened]
    assert opened.camera and opened.name == "camera 0" and opened.frames is None
    assert len(seconds) == 3 and seconds[0] < 0.015
    assert np.diff(seconds).min() >= 0.02
    assert opened.remarks() == []


def test_missing_camera_is_told_in_a_sentence(capfd):
    with pytest.raises(UserError, match="there is no camera 97: plug it in, or give another number"):
        Video("97")
    assert capfd.readouterr().err == ""
