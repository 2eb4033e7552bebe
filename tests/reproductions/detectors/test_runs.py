"""The comparison of detectors: its judgement, its record and tables, and a small run from end to end."""

import csv
import dataclasses
import io
import json

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.evidence.records import Data
from common.faces.detection import DETECTORS
from common.faces.face import Face
from data_prep.datasets.samples import Rejected, Sample
from reproductions.detectors import runs as detector_benchmark
from reproductions.detectors import sheets as detector_sheets
from reproductions.detectors import tables as detector_table
from reproductions.detectors.judging import Outcome, judge
from reproductions.detectors.runs import NO_LANDMARKS, NO_WEIGHTS, Trial, measure, run, summarise
from reproductions.detectors.tables import Benchmark, Estimate, Row
from tests.support.cartoon import cartoon

EYES = [(40.0, 50.0), (60.0, 50.0), (50.0, 62.0), (43.0, 72.0), (57.0, 72.0)]


def face(box, shift=(0.0, 0.0), score=0.9):
    points = None if shift is None else np.array(EYES, np.float32) + np.float32(shift)
    return Face(box, points, score)


@pytest.mark.parametrize(
    ("faces", "which", "error"),
    [
        ([], None, None),
        ([face((30, 30, 70, 80))], 0, 0.0),
        ([face((30, 30, 70, 80), (3, 4))], 0, 0.25),
        ([face((30, 30, 70, 80), None)], 0, None),
        ([face((45, 30, 70, 80))], None, None),  # one eye only
        ([face((5, 5, 95, 95))], None, None),  # wider than four times the distance between the eyes
        ([face((10, 10, 90, 95))], 0, 0.0),  # just so
        ([face((100, 30, 140, 80)), face((30, 30, 70, 80), (0, 2))], 1, 0.1),
        ([face((30, 30, 70, 80), (2, 0)), face((29, 29, 71, 81), (0, 0), 0.5)], 0, 0.1),
    ],
)
def test_a_face_is_found_where_a_box_of_its_size_holds_both_eyes(faces, which, error):
    outcome = judge(faces, np.array(EYES))
    assert outcome.found is (None if which is None else faces[which])
    assert outcome.eye_error == (None if error is None else pytest.approx(error))
    assert outcome.faces == tuple(faces)


@pytest.fixture
def album(tmp_path):
    """Eight drawn faces of four people as samples on disk, and a picture of nobody."""
    samples = []
    for number in range(9):
        image, landmarks = cartoon(160 + 4 * number, 150, ((0.5, 0.5, 0.26),) if number < 8 else ())
        points = landmarks[0] if number < 8 else EYES
        path = tmp_path / "set" / f"{number}.png"
        detector_sheets.save_png(path, image)
        samples.append(Sample(path, path.name, f"person {number // 2}", landmarks=tuple(map(tuple, points))))
    return samples


def test_detectors_are_measured_and_summed_up(album):
    trials = measure(album, ["viola-jones", "mtcnn"], workers=1, plain_loop=False)
    rows = {row.detector: row for row in summarise(trials, album, {"retinaface": NO_WEIGHTS})}
    assert list(rows) == ["Viola-Jones", "MTCNN", "RetinaFace"]
    for name in ("Viola-Jones", "MTCNN"):
        assert rows[name].images == 9
        assert rows[name].found.value == pytest.approx(100 * 8 / 9)
        assert rows[name].found.low <= rows[name].found.value <= rows[name].found.high
        assert rows[name].rate_one > 0
        assert rows[name].rate_all > 0
    assert 0 < rows["MTCNN"].eye_error.value < 10
    assert rows["MTCNN"].eye_error.value <= rows["MTCNN"].eye_error_95 < 12
    assert (rows["Viola-Jones"].eye_error, rows["Viola-Jones"].note) == (None, NO_LANDMARKS)
    assert rows["RetinaFace"] == Row("RetinaFace", note=NO_WEIGHTS)


class Drawn:
    """A card like those of data sets, over samples made here."""

    name, title, folder = "fgnet", "FG-NET", "FG-NET"

    def __init__(self, samples):
        self.samples = samples

    def scan(self, root):
        return iter([*self.samples, Rejected("x", "no reason")])

    def coverage(self, files):
        return f"{files} of 1,002 files"


def test_a_run_writes_record_tables_and_sheets(album, tmp_path, monkeypatch, capsys):
    (tmp_path / "set" / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    broken = Sample(tmp_path / "set" / "broken.jpg", "broken.jpg", landmarks=album[0].landmarks)
    unmarked = dataclasses.replace(album[0], name="unmarked", landmarks=None)
    monkeypatch.setattr(detector_benchmark, "get", lambda name: Drawn([*album, broken, unmarked]))
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    plain = monkeypatch_package(monkeypatch)
    results = tmp_path / "results"
    files = run(tmp_path, tmp_path / "prepared", results, tmp_path / "runs", workers=1)
    assert [path.name for path in files] == ["fgnet.md", "fgnet.csv", "fgnet.tex"]
    said = capsys.readouterr().out
    assert "broken.jpg is left out: " in said
    assert "RetinaFace is left out. RetinaFace needs its weights retinaface.onnx: download https" in said
    assert plain.images == 10, "the first image warms up"
    record = detector_table.read(results / "detectors" / "runs" / "fgnet.json")
    assert (record.data.images, record.data.subjects, record.timed, record.rounds) == (9, 5, 9, 5)
    assert [row.detector for row in record.rows] == [
        "Viola-Jones",
        "MTCNN",
        "mtcnn package, plain loop",
        "RetinaFace",
    ]
    assert record.rows[2].found.value == 0
    assert "MTCNN above finds 8 of them" in record.rows[2].note
    sheets = sorted(path.name for path in (tmp_path / "runs" / "detectors" / "fgnet").iterdir())
    assert sheets == [
        "mtcnn-found.png",
        "mtcnn-missed.png",
        "mtcnn-worst.png",
        "viola-jones-found.png",
        "viola-jones-missed.png",
    ]
    assert not list(results.rglob("*.png"))


def monkeypatch_package(monkeypatch):
    """Let the mtcnn package see one face far off, without TensorFlow."""
    point = {
        "left_eye": [1, 1],
        "right_eye": [9, 1],
        "nose": [5, 5],
        "mouth_left": [2, 8],
        "mouth_right": [8, 8],
    }

    class Package:
        images = 0

        def detect_faces(self, image):
            Package.images += 1
            return [{"box": [0, 0, 10, 10], "confidence": 0.9, "keypoints": point}]

    module = type("module", (), {"MTCNN": Package})
    monkeypatch.setattr(detector_benchmark.importlib, "import_module", lambda name: module)
    return Package


def test_images_without_marked_landmarks_are_a_users_mistake(tmp_path, monkeypatch):
    monkeypatch.setattr(detector_benchmark, "get", lambda name: Drawn([]))
    with pytest.raises(UserError, match="holds no images with landmarks marked by hand"):
        run(tmp_path, tmp_path, tmp_path / "results", tmp_path / "runs")
    assert not (tmp_path / "results").exists()


def benchmark(**changes):
    data = Data("fgnet", "FG-NET", "all", "ab" * 32, "cd" * 32, 1002, 82, "1,002 of 1,002 files", False)
    rows = (
        Row("Viola-Jones", 1002, Estimate(95.81, 94.2, 97.0), None, None, 60.1, 118.0, NO_LANDMARKS),
        Row("MTCNN", 1002, Estimate(99.8, 99.4, 100.0), Estimate(3.3, 3.1, 3.6), 7.1, 42.0, 81.26),
        Row("RetinaFace", note=NO_WEIGHTS),
    )
    fields = {"data": data, "rows": rows, "workers": 2, "timed": 100, "rounds": 5, "code_version": "0123"}
    fields |= {"libraries": {"numpy": "2.4"}, "device": "a processor, 2 cores", "load": 0.25}
    return Benchmark(**{**fields, **changes})


def test_a_record_is_read_back_as_it_was(tmp_path):
    path = detector_table.write(benchmark(), tmp_path)
    assert path == tmp_path / "detectors" / "runs" / "fgnet.json"
    assert detector_table.read(path) == benchmark()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 9}', '{"schema": 1, "rows": []}'])
def test_a_record_that_is_none_is_named(tmp_path, content):
    path = tmp_path / "fgnet.json"
    path.write_text(content)
    with pytest.raises(
        UserError, match=r"fgnet\.json is not a readable record: .* make table-detectors again"
    ):
        detector_table.read(path)


def test_the_markdown_table_says_what_was_measured_and_dashes_what_was_not():
    page = detector_table.to_markdown(benchmark())
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if "|" in line
    ]
    assert lines[0][1:] == [
        "found, %",
        "eye error,<br>mean",
        "eye<br>error,<br>95th<br>percentile",
        "images/s,<br>1<br>process",
        "images/s,<br>2<br>processes",
    ]
    assert lines[2] == ["Viola-Jones<sup>a</sup>", "95.8 [94.2, 97.0]", "–", "–", "60.1", "118"]
    assert lines[3] == ["MTCNN", "99.8 [99.4, 100.0]", "3.3 [3.1, 3.6]", "7.1", "42", "81.3"]
    assert lines[4] == ["RetinaFace<sup>b</sup>", "–", "–", "–", "–", "–"]
    assert f"<sup>a</sup> {NO_LANDMARKS}  \n<sup>b</sup> {NO_WEIGHTS}" in page
    assert "1,002 images of 82 subjects (1,002 of 1,002 files) with landmarks marked by hand." in page
    assert "load average 0.2 before" in page


def test_generated_faces_are_never_shown_as_the_real_set():
    data = dataclasses.replace(benchmark().data, dataset="synthetic", title="Generated faces", stand_in=True)
    for form in (detector_table.to_markdown, detector_table.to_latex, detector_table.to_text):
        shown = form(benchmark(data=data))
        assert "Face detectors on Generated faces (stand-in)" in shown
        assert "FG-NET" not in shown


def test_the_csv_holds_every_number():
    lines = list(csv.DictReader(io.StringIO(detector_table.to_csv(benchmark()))))
    assert [line["detector"] for line in lines] == ["Viola-Jones", "MTCNN", "RetinaFace"]
    assert lines[1]["images_per_second_all"] == "81.26"
    assert lines[0]["eye_error_percent"] == ""
    assert lines[2]["note"] == NO_WEIGHTS


def test_the_latex_table_is_escaped_and_whole():
    text = detector_table.to_latex(benchmark())
    assert r"Viola-Jones\textsuperscript{a} & 95.8 [94.2, 97.0] & -- & -- & 60.1 & 118 \\" in text
    assert r"found, \%" in text
    assert text.count(r"\begin") == text.count(r"\end") == 2


def test_rendering_reads_records_only_and_is_repeatable(tmp_path):
    detector_table.write(benchmark(), tmp_path)
    files = detector_table.render(tmp_path)
    before = {path: path.read_bytes() for path in files}
    assert detector_table.render(tmp_path) == files
    assert {path: path.read_bytes() for path in files} == before
    assert detector_table.render(tmp_path / "empty") == []


def test_sheets_show_found_missed_and_worst_and_old_ones_go(tmp_path, album):
    right = [face((30, 30, 70, 80)) for _ in album]
    outcomes = [Outcome((one,), one, 0.02 * number) for number, one in enumerate(right)]
    outcomes[-1] = Outcome((face((0, 0, 9, 9)),), None, None)
    paths = detector_sheets.write(tmp_path / "sheets", "mtcnn", album, outcomes)
    assert [path.name for path in paths] == ["mtcnn-found.png", "mtcnn-missed.png", "mtcnn-worst.png"]
    assert cv2.imread(str(paths[0])).shape == (4 + 112 + 16 + 4, 4 + 8 * 116, 3)
    assert cv2.imread(str(paths[1])).shape == (4 + 280 + 16 + 4, 4 + 284, 3)
    detector_sheets.write(tmp_path / "sheets", "mtcnn", album[:-1], outcomes[:-1])
    assert not paths[1].exists()


def test_every_detector_has_a_title():
    assert set(detector_benchmark.TITLES) == set(DETECTORS)
    assert Trial("x").outcomes == []
    json.dumps(dataclasses.asdict(benchmark()))
