"""A video comes back with its people labelled steadily, whatever its size, and whole when it is stopped."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import types
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.faces.alignment import usual_landmarks
from common.faces.face import Face
from common.video.following import Pace, follow
from reproductions.age_gender import video
from reproductions.age_gender.video import ClassObserver
from reproductions.shared.harness.options import Options
from tests.support.age_gender import AGES, Told, annotated
from tests.support.cartoon import cartoon
from tests.support.films import film, half, moving, read, write_mp4

ROOT = Path(__file__).resolve().parents[3]


def test_every_frame_is_annotated_and_told_of(tmp_path):
    source = film(tmp_path / "my film.mp4", frames=30)
    written = annotated(source, tmp_path / "out")
    assert (written.frames, written.tracks, written.stopped) == (30, 1, False)
    assert sorted((tmp_path / "out").iterdir()) == [written.table, written.video]
    assert re.fullmatch(r"my-film-[0-9a-f]{8}-annotated\.webm", written.video.name)
    assert written.table.stem == written.video.stem and written.table.suffix == ".csv"
    frames = read(written.video)
    assert len(frames) == 30
    assert all(np.abs(a.astype(int) - b).max() > 60 for a, b in zip(frames, read(source), strict=True))
    table = pd.read_csv(written.table)
    assert list(table.frame) == list(range(30))
    assert table.seconds.iloc[-1] == pytest.approx(29 / 25)
    assert set(table.track) == {1}
    assert "30 frames with 1 track" in str(written) and "frames/s" in str(written)


def test_label_is_the_mean_over_the_track_and_does_not_flicker(tmp_path):
    """Told answers 31-45 and 0-30 in turn, which a label from single frames would show."""
    written = annotated(film(tmp_path / "film.mp4"), tmp_path / "out")
    table = pd.read_csv(written.table)
    assert set(table.age) == {"31-45"}
    assert set(table.gender) == {"male"}
    np.testing.assert_allclose(
        table[[f"p_{name}" for name in AGES]].iloc[-1], [0.3, 0.5, 0.1, 0.1], atol=0.05
    )
    assert table.age_probability.iloc[0] == pytest.approx(0.7)
    assert table.gender_probability.iloc[0] == pytest.approx(0.9)


def test_box_moves_with_the_face_between_the_frames_looked_at(tmp_path):
    table = pd.read_csv(annotated(film(tmp_path / "film.mp4"), tmp_path / "out").table)
    middle = (table.x1 + table.x2) / 2
    drawn = 90 + 2 * table.frame  # the face's place in `moving`
    assert np.abs(middle - drawn).max() < 8
    assert np.diff(middle).min() > 0 and np.diff(middle).max() < 4


@pytest.mark.parametrize("batch", [1, 4])
def test_faces_are_classified_in_batches(tmp_path, batch):
    told = Told()
    annotated(film(tmp_path / "film.mp4", frames=24), tmp_path / "out", told, Pace(every=3, batch=batch))
    assert told.asked == [(batch, 32, 32)] * (8 // batch)


@pytest.mark.parametrize(
    ("height", "width", "frames", "rate"),
    [
        (180, 240, 1, 25.0),
        (182, 242, 4, 12.5),
        (320, 200, 4, 29.97),
        (120, 120, 7, 60.0),
        (400, 500, 2, 25.0),
        (180, 240, 4, 480.0),
    ],
)
def test_sizes_rates_and_short_clips(tmp_path, height, width, frames, rate):
    source = film(tmp_path / "film.mp4", frames, height, width, rate)
    written = annotated(source, tmp_path / "out")
    assert written.tracks == 1
    found = read(written.video)
    assert [frame.shape[:2] for frame in found] == [(height + height % 2, width + width % 2)] * frames
    table = pd.read_csv(written.table)
    assert len(table) == frames
    assert table.seconds.iloc[-1] == pytest.approx((frames - 1) / rate, abs=2e-3)


def test_films_that_differ_in_folder_or_ending_have_their_own_results(tmp_path):
    films = [tmp_path / name for name in ("a.mp4", "a.mov", "b/a.mp4", "c/a.mp4", f"{'é' * 120}.mp4")]
    written = []
    for source in films:
        source.parent.mkdir(exist_ok=True)
        written.append(annotated(film(source, 1, 120, 120), tmp_path / "out"))
    assert len({one.video for one in written} | {one.table for one in written}) == 10
    assert len(list((tmp_path / "out").iterdir())) == 10
    assert annotated(films[0], tmp_path / "out").video == written[0].video


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"video": "gone.mp4"}, "gone.mp4 is not there"),
        ({"video": "half.mp4"}, "the end of .*half.mp4 is missing"),
        (
            {"out": Path("half.mp4")},
            r"cannot write into half.mp4 \(File exists\): give another folder with --out",
        ),
    ],
)
def test_what_is_named_is_looked_at_before_anything_is_rendered_or_trained(
    tmp_path, monkeypatch, given, sentence
):
    module = types.ModuleType("reproductions.age_gender.predict")
    module.load_classifier = lambda options: pytest.fail("it trains")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(video, "write_clip", lambda path: pytest.fail("it renders"))
    monkeypatch.chdir(tmp_path)
    half(tmp_path / "half.mp4")
    with pytest.raises(UserError, match=sentence):
        video.main(Options(), **given)


def test_face_seen_once_by_mistake_is_not_shown(tmp_path, monkeypatch):
    """The detector takes something for a face in one frame, and there is a face in the others."""
    looked = []

    def detect(self, image):
        looked.append(len(looked))
        faces = [Face((60, 60, 110, 110), None, 1.0)]
        return faces + [Face((150, 20, 200, 70), None, 1.0)] * (looked[-1] == 3)

    monkeypatch.setattr(video.ViolaJones, "detect", detect)
    people = [people for _, people in follow(moving(30), ClassObserver(Told()), Pace())]
    assert {person.track for one in people for person in one} == {1}


def test_face_lost_for_a_moment_stays_and_then_goes(monkeypatch):
    looked = []

    def detect(self, image):
        looked.append(len(looked))
        return [] if looked[-1] in (3, 4) or looked[-1] > 7 else [Face((60, 60, 110, 110), None, 1.0)]

    monkeypatch.setattr(video.ViolaJones, "detect", detect)
    shown = [len(people) for _, people in follow(moving(60), ClassObserver(Told()), Pace(every=3))]
    assert shown == [1] * 3 * 10 + [0] * 3 * 10


def test_who_has_left_the_frame_is_not_in_it(monkeypatch):
    looked = []

    def detect(self, image):
        looked.append(len(looked))
        x = 60 + 25 * looked[-1]
        return [Face((x, 60, x + 50, 110), None, 1.0)] if x < 220 else []

    monkeypatch.setattr(video.ViolaJones, "detect", detect)
    frames = list(follow(moving(30), ClassObserver(Told()), Pace(every=3)))
    assert all(person.box[0] < 240 for _, people in frames for person in people)
    shown = [len(people) for _, people in frames]
    assert shown[:20] == [1] * 20 and shown[24:] == [0] * 6


def test_crop_puts_the_landmarks_of_a_box_onto_the_template():
    image, (landmarks,) = cartoon(300, 300)
    usual = usual_landmarks((0.5, 0.5, 99.5, 99.5), "viola-jones") / 100
    side = np.ptp(landmarks, axis=0) / np.ptp(usual, axis=0)
    corner = landmarks.mean(axis=0) - usual.mean(axis=0) * side
    marked = image.copy()
    for x, y in np.rint(landmarks).astype(int):
        cv2.circle(marked, (int(x), int(y)), 4, (0, 255, 0), cv2.FILLED)
    told = Told()
    told.size = 64
    observer, box = ClassObserver(told), (*corner, *(corner + side))
    face = observer.cut(marked, Face(box, None, 1.0), box)
    assert face.shape == (64, 64) and face.dtype == np.uint8
    plain = observer.cut(image, Face(box, None, 1.0), box)
    y, x = np.nonzero(np.abs(face.astype(int) - plain) > 40)
    eyes = y < 32
    assert x[eyes & (x < 32)].mean() == pytest.approx(64 * 0.30, abs=4)
    assert x[eyes & (x >= 32)].mean() == pytest.approx(64 * 0.685, abs=4)


def test_video_without_a_face_writes_nothing(tmp_path):
    write_mp4(tmp_path / "wall.mp4", [np.full((120, 160, 3), 120, np.uint8)] * 5)
    with pytest.raises(UserError, match=r"no face was found in the 5 frames of wall.mp4: Viola-Jones finds"):
        annotated(tmp_path / "wall.mp4", tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_folder_that_cannot_be_written_to_is_told(tmp_path):
    source = film(tmp_path / "film.mp4", frames=2)
    with pytest.raises(
        UserError, match=r"cannot write into .*film.mp4/out \(.*\): give another folder with --out"
    ):
        annotated(source, source / "out")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_run_leaves_whole_files_of_the_frames_so_far(tmp_path, number, monkeypatch):
    def stop(asked: int) -> None:
        if asked == 2:
            signal.raise_signal(number)

    module = types.ModuleType("reproductions.age_gender.predict")
    module.load_classifier = lambda options: Told(stop)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    before = signal.getsignal(number)
    source = film(tmp_path / "film.mp4", frames=60)
    with pytest.raises(
        KeyboardInterrupt, match=r"the first [0-9]+ frames are in .*film-[0-9a-f]+-annotated.webm"
    ) as told:
        video.main(Options(), video=str(source), out=tmp_path / "out")
    said = int(str(told.value).split()[2])
    assert 12 < said < 40
    table, written = sorted((tmp_path / "out").iterdir())
    assert len(read(written)) == said
    assert list(pd.read_csv(table).frame) == list(range(said))
    assert signal.getsignal(number) == before


@pytest.fixture
def interruptible():
    """Ctrl-C interrupts, also where the tests run in the background of a shell, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_second_interruption_gives_up(tmp_path, interruptible):
    def stop(asked: int) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        annotated(film(tmp_path / "film.mp4"), tmp_path / "out", Told(stop))
    assert list((tmp_path / "out").iterdir()) == []


def test_killed_run_leaves_nothing_under_the_final_names(tmp_path):
    source = film(tmp_path / "film.mp4", frames=60)
    script = (
        "import os, signal, pathlib\n"
        "from common.video.annotation import Video, annotate_video\n"
        "from reproductions.age_gender.video import ClassObserver\n"
        "from tests.support.age_gender import Told\n"
        "kill = lambda asked: asked == 3 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "observer = ClassObserver(Told(kill))\n"
        f"annotate_video(Video({str(source)!r}), observer, pathlib.Path({str(tmp_path / 'out')!r}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert all(path.name.startswith(".") for path in (tmp_path / "out").iterdir())


def test_generated_clip_is_the_default_and_rendered_once(tmp_path, monkeypatch, capsys):
    rendered, source = [], film(tmp_path / "film.mp4", frames=3)
    (tmp_path / "prepared" / "generated").mkdir(parents=True)
    monkeypatch.setattr(video, "write_clip", lambda path: rendered.append(shutil.copy(source, path)))
    module = types.ModuleType("reproductions.age_gender.predict")
    module.load_classifier = lambda options: Told()
    monkeypatch.setitem(sys.modules, module.__name__, module)
    options = Options(prepared_root=tmp_path / "prepared", runs_root=tmp_path / "runs")
    for _ in range(2):
        video.main(options)
    assert len(rendered) == 1
    assert "3 frames with 1 track" in capsys.readouterr().out
    assert sorted(path.suffix for path in (tmp_path / "runs" / "video").iterdir()) == [".csv", ".webm"]
