"""The comparison of detectors from end to end, on a few drawn faces."""

import dataclasses

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.evidence import records
from common.evidence.audit import audit
from common.faces.detection import DETECTORS
from common.faces.face import Face
from common.metrics.detection import Judgement
from data_prep.datasets.samples import Rejected, Sample
from data_prep.synthetic import people
from data_prep.synthetic.sheets import save_png
from reproductions.detectors import experiments, sheets, study
from reproductions.detectors.experiments import EXPERIMENTS, PROFILE
from reproductions.detectors.study import DECISION, ERROR, FOUND, STUDY, TAIL, TIME, ranges
from reproductions.detectors.tables import COMPARISON, YAW, show
from reproductions.shared.harness.options import Options
from tests.support.cartoon import cartoon

EYES = [(40.0, 50.0), (60.0, 50.0), (50.0, 62.0), (43.0, 72.0), (57.0, 72.0)]
BY_NAME = {one.name: one for one in EXPERIMENTS}


class Drawn:
    """A card like those of data sets, over samples made here."""

    name, title, folder = "fgnet", "FG-NET", "FG-NET"

    def __init__(self, samples):
        self.samples = samples

    def scan(self, root):
        return iter([*self.samples, Rejected("x", "no reason")])

    def coverage(self, files):
        return f"{files} of 1,002 files"


@pytest.fixture
def album(tmp_path):
    """Eight drawn faces of four people on disk, two of them marked as turned, and one of nobody."""
    samples = []
    for number in range(9):
        image, landmarks = cartoon(160 + 4 * number, 150, ((0.5, 0.5, 0.26),) if number < 8 else ())
        points = np.array(landmarks[0] if number < 8 else EYES)
        if number in (1, 2):
            points[2, 0] += 0.15 * (points[1, 0] - points[0, 0])
        path = tmp_path / "set" / f"{number}.png"
        save_png(path, image)
        samples.append(Sample(path, path.name, f"person {number // 2}", landmarks=tuple(map(tuple, points))))
    return samples


@pytest.fixture
def options(tmp_path, album, monkeypatch) -> Options:
    """Options over the album as FG-NET, without RetinaFace's weights; the package finds one face far off."""
    point = dict(zip(experiments._Package._points, [[1, 1], [9, 1], [5, 5], [2, 8], [8, 8]], strict=True))
    found = {"box": [0, 0, 10, 10], "confidence": 0.9, "keypoints": point}
    package = type("MTCNN", (), {"detect_faces": lambda self, image: [found]})
    (tmp_path / "set" / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    broken = Sample(tmp_path / "set" / "broken.jpg", "broken.jpg", landmarks=album[0].landmarks)
    unmarked = dataclasses.replace(album[0], name="unmarked", landmarks=None)
    monkeypatch.setattr(study, "get", lambda name: Drawn([*album, broken, unmarked]))
    monkeypatch.setattr(experiments._Package, "__init__", lambda self: setattr(self, "_detector", package()))
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    study._marked.cache_clear()
    return Options(
        data_root=tmp_path,
        prepared_root=tmp_path / "prepared",
        results_root=tmp_path / "results",
        runs_root=tmp_path / "runs",
    )


def test_every_detector_leaves_a_record_its_predictions_and_sheets(options, tmp_path, capsys):
    show(options)
    said = capsys.readouterr().out
    assert "broken.jpg is left out: " in said
    assert "retinaface: passed over, since it needs its weights retinaface.onnx: download https" in said
    assert "Viola-Jones" in said and f"results/detectors/{YAW.name}.md" in said
    folder = tmp_path / "results" / "detectors"
    assert audit(folder) == []
    made = {one.experiment: one for one in records.load(tmp_path / "results", "detectors")}
    assert set(made) == {"viola-jones", "mtcnn", "mtcnn-package", "retinaface-mobilenet"}
    for name, shares in (("viola-jones", (8, 6, 2)), ("mtcnn", (8, 6, 2)), ("mtcnn-package", (0, 0, 0))):
        record = made[name]
        assert (record.trained_on, record.seconds, record.profile, record.seed) == ((), 0, PROFILE, 1)
        measured = {(one.column, one.metric): one for one in record.measurements}
        columns = ("fgnet", "fgnet-yaw-0", "fgnet-yaw-10")
        for column, share, images in zip(columns, shares, (9, 7, 2), strict=True):
            one = measured[column, FOUND]
            assert (one.data.images, one.decision) == (images, DECISION)
            assert one.value == pytest.approx(100 * share / images)
            assert measured[column, TIME].value > 0
        assert ("fgnet-yaw-20", FOUND) not in measured, "nobody is turned so far"
        assert (("fgnet", ERROR) in measured) == (name == "mtcnn")
    assert measured["fgnet", FOUND].data.subjects == 5
    mtcnn = {one.metric: one.value for one in made["mtcnn"].measurements if one.column == "fgnet"}
    stored = records.predictions_of(made["mtcnn"], tmp_path / "results", "fgnet", [FOUND, "yaw", TIME])
    assert 0 < mtcnn[ERROR] < mtcnn[TAIL] < 12
    assert mtcnn[TAIL] == pytest.approx(np.percentile(stored[ERROR].dropna(), 95), abs=1e-4)
    found = stored[stored[FOUND] > 0]
    assert (found["x1"] < found["left-x"]).all() and (found["right-x"] < found["x2"]).all()
    drawn = sorted(path.name for path in (tmp_path / "runs" / "detectors").rglob("*.png"))
    assert drawn == [
        "mtcnn-found.png",
        "mtcnn-missed.png",
        "mtcnn-package-missed.png",
        "mtcnn-worst.png",
        "retinaface-mobilenet-found.png",
        "retinaface-mobilenet-missed.png",
        "retinaface-mobilenet-worst.png",
        "viola-jones-found.png",
        "viola-jones-missed.png",
    ]
    assert not list(folder.rglob("*.png")), "pictures of people are not results"

    page = (folder / f"{COMPARISON.name}.md").read_text()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if "|" in line
    ]
    # Where the code was not committed as it ran, its footnote comes first.
    mark = rows[2][2].removeprefix("–")
    assert rows[2][0].startswith("Viola-Jones") and mark in ("<sup>a</sup>", "<sup>b</sup>")
    assert f"{mark} Finds boxes only, no eyes." in page
    assert 'Not run here: "RetinaFace, ResNet-50" (needs its weights, retinaface.onnx; ' in page
    assert "9 images of 5 subjects (9 of 1,002 files" in page

    show(options)
    assert capsys.readouterr().out.count("its record stands") == 4


def test_generated_faces_stand_in_and_say_so(options, album, tmp_path, monkeypatch):
    card = Drawn(album)
    card.name, card.title = "synthetic", "Generated faces"
    monkeypatch.setattr(study, "get", lambda name: card)
    monkeypatch.setattr(people, "generated_in", lambda root: root)
    asked = dataclasses.replace(options, data_root=None, profile=PROFILE)
    record = STUDY.run(BY_NAME["mtcnn-package"], COMPARISON.name, asked, 1)
    assert {one.column for one in record.measurements} == {"synthetic", "synthetic-yaw-0", "synthetic-yaw-10"}
    assert all(one.data.stand_in for one in record.measurements)


def test_images_without_marked_landmarks_are_a_users_mistake(options, tmp_path, monkeypatch):
    monkeypatch.setattr(study, "get", lambda name: Drawn([]))
    with pytest.raises(UserError, match="holds no images with landmarks marked by hand"):
        show(options)
    assert not (tmp_path / "results").exists()


def test_ranges_of_yaw_leave_none_out():
    ends = [(low, high) for _, _, low, high in ranges((10.0, 20.0))]
    assert ends == [(0, 10), (10, 20), (20, 90)]


def test_every_detector_has_a_row():
    assert set(DETECTORS) <= set(BY_NAME)
    assert [row.experiment for row in COMPARISON.rows] == list(BY_NAME)


def test_sheets_show_found_missed_and_worst_and_old_ones_go(tmp_path, album):
    right = Face((30, 30, 70, 80), np.array(EYES, np.float32), 0.9)
    judgements = [Judgement((right,), right, 0.02 * number) for number in range(len(album))]
    judgements[-1] = Judgement((Face((0, 0, 9, 9), None, 0.9),), None, None)
    paths = sheets.write(tmp_path / "sheets", "mtcnn", album, judgements)
    assert [path.name for path in paths] == ["mtcnn-found.png", "mtcnn-missed.png", "mtcnn-worst.png"]
    assert cv2.imread(str(paths[0])).shape == (4 + 112 + 16 + 4, 4 + 8 * 116, 3)
    assert cv2.imread(str(paths[1])).shape == (4 + 280 + 16 + 4, 4 + 284, 3)
    sheets.write(tmp_path / "sheets", "mtcnn", album[:-1], judgements[:-1])
    assert not paths[1].exists()
