"""A film answered as photographs are: every person an age that does not flicker, with its interval."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from common.video.writing import write_webm
from reproductions import photos
from reproductions.shared.command_line.cli import main
from reproductions.shared.networks.ages import Age
from reproductions.shared.networks.example import example_picture
from reproductions.shared.photographs import film_command
from reproductions.shared.photographs.films import COLUMNS, STEADY, AgeImpression
from tests.support.films import read


@pytest.fixture(scope="module")
def portraits():
    """Two generated people side by side, (192, 384, 3) uint8 RGB."""
    return np.concatenate([example_picture(), example_picture(3, 8, "male")], axis=1)


def written(path: Path, frames) -> Path:
    with write_webm(path, 25.0) as append:
        for number, frame in enumerate(frames):
            append(frame, number / 25)
    return path


def test_people_of_a_film_are_answered_as_those_of_a_photograph(tmp_path, portraits, capsys):
    film = written(tmp_path / "film.webm", [portraits] * 9)
    assert main(["video", str(film)]) == 0
    video, table = (Path(line) for line in capsys.readouterr().out.splitlines()[-2:])
    assert video.parent == table.parent == tmp_path
    assert len(read(video)) == 9
    rows = pd.read_csv(table)
    assert list(rows.columns[7:]) == list(COLUMNS)
    assert rows.groupby("frame").size().tolist() == [2] * 9
    # VP8 changes the picture a little, and with it the age.
    for face, (_, row) in zip(photos.ages(portraits), rows[rows.frame == 8].iterrows(), strict=True):
        assert np.abs(np.array(face.box) - row[["x1", "y1", "x2", "y2"]].to_numpy(float)).max() < 4
        assert row.age == pytest.approx(face.age.years, abs=3)
        assert row.low <= row.age <= row.high
        assert row.gender == face.gender.name
        assert row.gender_probability == pytest.approx(face.gender.probability, abs=0.1)


def test_age_is_said_anew_only_where_it_changes_by_a_year():
    class Plain:
        @staticmethod
        def told(above):
            return [Age(float(row.sum()), 10.0, 50.0, 0.8, 4.0, None) for row in above]

    impression = AgeImpression(Plain(), None)
    said = []
    for years in (30.0, 31.0, 30.0, 31.5, 36.0, 36.0):
        impression.add((np.full(99, years / 99), None))
        said.append(float(impression.said().values[0]))
    means = [30.0, 30.5, 91 / 3, 30.625, 31.7, 32 + 5 / 12]
    assert STEADY == 1.0
    assert said == pytest.approx([means[0]] * 4 + [means[4]] * 2, abs=0.005)
    assert impression.said().lines == ("32 years (10 to 50)",)


def test_errors_of_more_than_ten_years_are_said():
    class Unsure:
        @staticmethod
        def told(above):
            return [Age(70.0, 55.0, 90.0, 0.8, 12.0, "it errs")] * len(above)

    impression = AgeImpression(Unsure(), None)
    impression.add((np.zeros(99), None))
    said = impression.said()
    assert said.lines == ("70 years (55 to 90)", "errs by 12 in the mean")
    assert said.values[-3:] == (None, None, "it errs")


@pytest.mark.parametrize(("count", "counted"), [(4, "4 frames"), (1, "one frame")])
def test_film_without_a_face_writes_nothing(tmp_path, capsys, count, counted):
    film = written(tmp_path / "wall.webm", [np.full((96, 128, 3), 120, np.uint8)] * count)
    assert main(["video", str(film), "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    sentence = f"no face was found in the {counted} of wall.webm: choose a film in which a face is larger"
    assert sentence in told
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["gone.mp4"], "gone.mp4 is not there: give a video file or a camera's number"),
        (["film.webm", "--network", "nowhere"], "nowhere"),
        (["film.webm", "--detector", "eyes"], "unknown --detector 'eyes'"),
        (["film.webm", "--out", "film.webm"], "cannot write into film.webm"),
    ],
)
def test_what_cannot_be_used_is_told_by_name(tmp_path, portraits, monkeypatch, capsys, given, sentence):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "film.webm", [portraits] * 2)
    assert main(["video", *given]) == 2
    assert sentence in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["film.webm"]


def test_stopped_film_leaves_the_frames_so_far(tmp_path, portraits, monkeypatch):
    looked = []

    def find(frame, detector):
        looked.append(frame)
        if len(looked) == 5:
            signal.raise_signal(signal.SIGTERM)
        return found(frame, detector)

    from reproductions.shared.photographs import films

    found = films.find
    monkeypatch.setattr(films, "find", find)
    film = written(tmp_path / "film.webm", [portraits] * 60)
    with pytest.raises(KeyboardInterrupt, match=r"the first [0-9]+ frames are in .*film-[0-9a-f]+-annotated"):
        film_command.video(str(film))
    (table,) = tmp_path.glob("*.csv")
    frames = sorted(set(pd.read_csv(table).frame))
    assert frames == list(range(len(frames))) and 12 <= len(frames) < 40
