"""Videos are written whole, at every size, each frame at its time, and open at any moment; or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.video import writing
from common.video.writing import write_webm
from tests.support.films import moving, read, seconds_of


def write(path: Path, seconds: Sequence[float], rate: float = 25.0) -> None:
    with write_webm(path, rate) as append:
        for second, frame in zip(seconds, moving(len(seconds), 48, 64), strict=True):
            append(frame, second)


@pytest.mark.parametrize(
    ("height", "width", "written"),
    [(48, 64, (48, 64)), (47, 65, (48, 66)), (96, 33, (96, 34)), (17, 31, (18, 32))],
)
def test_frames_come_back_at_an_even_size(tmp_path, height, width, written):
    frames = [np.full((height, width, 3), (200, 60, 20 * number), np.uint8) for number in range(4)]
    with write_webm(tmp_path / "clip.webm", 25) as append:
        for number, frame in enumerate(frames):
            append(frame, number / 25)
    found = read(tmp_path / "clip.webm")
    assert [frame.shape[:2] for frame in found] == [written] * 4
    for before, after in zip(frames, found, strict=True):
        assert np.abs(after[0, 0, ::-1].astype(int) - before[0, 0]).max() < 12


@pytest.mark.parametrize("rate", [0.5, 12.0, 23.976, 29.97, 119.88, 240.0, 480.0])
def test_constant_rate_is_stated(tmp_path, rate):
    seconds = np.arange(4) / rate
    write(tmp_path / "clip.webm", seconds, rate)
    assert cv2.VideoCapture(str(tmp_path / "clip.webm")).get(cv2.CAP_PROP_FPS) == pytest.approx(
        rate, rel=1e-3
    )
    assert seconds_of(tmp_path / "clip.webm") == pytest.approx(seconds, abs=1e-3)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        ([0, 0.04, 0.08, 0.5, 0.501, 7.25], [0, 0.04, 0.08, 0.5, 0.501, 7.25]),
        ([0.0, 0.0, 0.0, 1.0], [0.0, 0.001, 0.002, 1.0]),
        ([3600.0, 3600.25], [3600.0, 3600.25]),
    ],
)
def test_every_frame_is_at_its_time(tmp_path, seconds, shown):
    write(tmp_path / "clip.webm", seconds)
    # Of the first frame's time nothing is to be seen by OpenCV, which counts from it.
    assert seconds_of(tmp_path / "clip.webm") == pytest.approx(np.array(shown) - shown[0], abs=1e-9)


def test_only_frames_that_stand_alone_are_marked_to_start_from(tmp_path):
    """A browser that seeks starts at a marked frame, whatever is in it; VP8 tells by its lowest bit."""
    write(tmp_path / "clip.webm", [0.1 * number for number in range(30)])
    marked, alone = zip(*_blocks((tmp_path / "clip.webm").read_bytes()), strict=True)
    assert len(marked) == 30
    assert marked == alone
    assert 1 < sum(marked) < 10


def _blocks(data: bytes) -> Iterator[tuple[bool, bool]]:
    """Yield of each SimpleBlock (RFC 9559, 10.2) whether it is marked as a key frame and is one."""
    place = 0
    while place < len(data):
        start = place + 9 - data[place].bit_length()
        length = 9 - data[start].bit_length()
        body = start + length
        size = int.from_bytes(data[start:body], "big") & ((1 << 7 * length) - 1)
        kind = data[place:start]
        if kind == b"\xa3":
            yield bool(data[body + 3] & 0x80), not data[body + 4] & 1
        place = body if kind in (b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75") else body + size


def test_frames_of_another_size_are_brought_to_that_of_the_first(tmp_path):
    with write_webm(tmp_path / "clip.webm", 25) as append:
        append(np.zeros((48, 64, 3), np.uint8), 0.0)
        append(np.zeros((100, 30, 3), np.uint8), 0.04)
    assert {frame.shape for frame in read(tmp_path / "clip.webm")} == {(48, 64, 3)}


def test_video_that_is_not_whole_does_not_appear(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "_count", lambda path: 2)
    with pytest.raises(UserError, match=r"cannot write .*clip.webm whole: is the disk full\?"):
        write(tmp_path / "clip.webm", [0, 1, 2])
    assert list(tmp_path.iterdir()) == []


def test_larger_than_the_format_is_refused(tmp_path):
    with (
        pytest.raises(UserError, match="a video of 16384 x 2 cannot be written: VP8 has at most 16383"),
        write_webm(tmp_path / "clip.webm", 25) as append,
    ):
        append(np.zeros((2, 16384, 3), np.uint8), 0.0)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_said_of_a_video_that_is_written(tmp_path, capfd):
    write(tmp_path / "clip.webm", [0, 1, 2])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("seconds", "rate", "sentence"),
    [([], 25, "no frame was written"), ([0, 1], 0, "above 0"), ([0, 1], float("nan"), "nan")],
)
def test_mistakes_of_the_program_are_refused(tmp_path, seconds, rate, sentence):
    with pytest.raises(ValueError, match=sentence):
        write(tmp_path / "clip.webm", seconds, rate)
    assert list(tmp_path.iterdir()) == []
