"""RetinaFace's own pre- and post-processing on network outputs made by hand; no weights, no network."""

import os
import subprocess
import sys

import numpy as np
import pytest

from common.errors import UserError
from common.faces.retinaface import WEIGHTS, RetinaFace, weights_path

# x1, y1, x2, y2 of the anchors at the origin, by stride; as the published network was trained with.
ANCHORS = {
    32: ((-248, -248, 263, 263), (-120, -120, 135, 135)),
    16: ((-56, -56, 71, 71), (-24, -24, 39, 39)),
    8: ((-8, -8, 23, 23), (0, 0, 15, 15)),
}
# As seen in the image.
LANDMARKS = np.array([(120.5, 150.0), (180.25, 149.0), (151.0, 185.5), (127.0, 215.0), (176.0, 214.75)])
BOX = (100, 110, 200, 240)


class HandMade:
    """A network that sees `faces`, each (box, landmarks, probability), in any image scaled by `scale`."""

    def __init__(self, faces, scale=1.0, stride=16, anchor=0):
        self.faces, self.scale, self.stride, self.anchor = faces, scale, stride, anchor
        self.seen = None

    def __call__(self, image):
        self.seen = image
        outputs = []
        for stride in ANCHORS:
            height, width = (-(-side // stride) for side in image.shape[1:3])
            scores, boxes, landmarks = (np.zeros((1, height, width, n), np.float32) for n in (4, 8, 20))
            if stride == self.stride:
                for face in self.faces:
                    self.encode(scores[0], boxes[0], landmarks[0], *face)
            outputs += [scores, boxes, landmarks]
        return outputs

    def encode(self, scores, boxes, landmarks, box, points, probability):
        x1, y1, x2, y2 = np.array(box) * self.scale
        row, column = int((y1 + y2) / 2 / self.stride), int((x1 + x2) / 2 / self.stride)
        ax1, ay1, ax2, ay2 = np.array(ANCHORS[self.stride][self.anchor]) + 2 * (
            column * self.stride,
            row * self.stride,
        )
        side, middle = np.array([ax2 - ax1 + 1, ay2 - ay1 + 1]), np.array([ax1 + ax2, ay1 + ay2]) / 2
        centre = np.array([x1 + x2, y1 + y2]) / 2
        size = np.array([x2 - x1 + 1, y2 - y1 + 1])
        scores[row, column, 2 + self.anchor] = probability
        first = 4 * self.anchor
        boxes[row, column, first : first + 4] = [*(centre - middle) / side, *np.log(size / side)]
        offsets = (np.array(points) * self.scale - middle) / side
        landmarks[row, column, 10 * self.anchor : 10 * self.anchor + 10] = offsets.ravel()


@pytest.mark.parametrize("stride", ANCHORS)
@pytest.mark.parametrize("anchor", [0, 1])
def test_a_face_comes_back_in_pixels_of_the_image(stride, anchor):
    model = HandMade([(BOX, LANDMARKS, 0.97)], stride=stride, anchor=anchor)
    (face,) = RetinaFace(model=model).detect(np.zeros((400, 300, 3), np.uint8))
    np.testing.assert_allclose(face.box, BOX, atol=1.01)
    np.testing.assert_allclose(face.landmarks, LANDMARKS, atol=1e-3)
    assert face.landmarks.dtype == np.float32
    assert face.score == pytest.approx(0.97)


@pytest.mark.parametrize(
    ("height", "width", "upscale", "scale"),
    [
        (400, 300, False, 1.0),
        (400, 300, True, 1024 / 300),
        (1200, 1300, False, 1024 / 1200),
        (1200, 2400, False, 1980 / 2400),
    ],
)
def test_a_scaled_image_gives_the_same_face(height, width, upscale, scale):
    model = HandMade([(BOX, LANDMARKS, 0.97)], scale)
    image = np.broadcast_to(np.array([10, 20, 30], np.uint8), (height, width, 3))
    (face,) = RetinaFace(model=model, upscale=upscale).detect(image.copy())
    assert model.seen.shape == (1, round(height * scale), round(width * scale), 3)
    assert model.seen[0, 5, 5].tolist() == [10, 20, 30], "the network takes RGB"
    np.testing.assert_allclose(face.landmarks, LANDMARKS, atol=1e-2)
    np.testing.assert_allclose(face.box, BOX, atol=1.01)


def test_faces_are_ordered_doubles_dropped_and_doubtful_ones_left_out():
    def moved(by):
        return tuple(np.array(BOX) + 2 * by), LANDMARKS + by

    faces = [
        (*moved((0, 0)), 0.93),
        (*moved((16, 0)), 0.91),  # the same face, seen by the next cell
        (*moved((250, 30)), 0.99),
        (*moved((100, 400)), 0.5),
    ]
    found = RetinaFace(model=HandMade(faces)).detect(np.zeros((900, 700, 3), np.uint8))
    assert [face.score for face in found] == pytest.approx([0.99, 0.93])
    np.testing.assert_allclose(found[0].landmarks, LANDMARKS + np.array([250, 30]), atol=1e-3)
    assert len(RetinaFace(0.4, model=HandMade(faces)).detect(np.zeros((900, 700, 3), np.uint8))) == 3


def test_no_face_is_an_empty_list():
    assert RetinaFace(model=HandMade([])).detect(np.zeros((90, 70, 3), np.uint8)) == []


def test_without_weights_the_sentence_says_where_they_come_from_and_go(monkeypatch, tmp_path):
    from retinaface.model.retinaface_onnx_model import WEIGHTS_URLS

    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    with pytest.raises(UserError) as caught:
        RetinaFace()
    place = tmp_path / ".deepface" / "weights" / WEIGHTS
    assert str(caught.value) == (
        f"RetinaFace needs its weights retinaface.onnx: download {WEIGHTS_URLS[0]} "
        f"and put the file at {place}."
    )
    assert list(tmp_path.iterdir()) == [], "nothing was fetched, nothing made"


def test_damaged_weights_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    weights_path().parent.mkdir(parents=True)
    weights_path().write_bytes(b"<html>Not Found</html>")
    with pytest.raises(UserError, match=r"retinaface\.onnx is not the network it should be: delete it"):
        RetinaFace()


@pytest.mark.parametrize("threshold", [0, 1.1, -1])
def test_a_threshold_that_is_no_probability_is_refused(threshold):
    with pytest.raises(ValueError, match="probability"):
        RetinaFace(threshold)


def test_keras_3_stays_on_and_the_environment_and_warnings_as_they_were():
    code = """
import os, warnings
from common.faces.retinaface import RetinaFace
filters = list(warnings.filters)
RetinaFace(model=lambda image: [])
assert "TF_USE_LEGACY_KERAS" not in os.environ, "legacy Keras asked for"
assert os.environ.get("DEEPFACE_BACKEND_ENGINE") == "tensorflow", "the user's choice lost"
assert warnings.filters == filters, "warnings silenced"
import sys
assert "tensorflow" not in sys.modules
import keras, tensorflow
assert keras.__version__.startswith("3."), keras.__version__
assert tensorflow.keras.__version__.startswith("3."), tensorflow.keras.__version__
"""
    environment = {name: value for name, value in os.environ.items() if name != "TF_USE_LEGACY_KERAS"}
    environment["DEEPFACE_BACKEND_ENGINE"] = "tensorflow"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
