"""The small RetinaFace: decoding against its definition, suppression against OpenCV's, and the network."""

import math
import subprocess
import sys

import cv2
import numpy as np
import pytest
from matplotlib import cbook

from common.errors import UserError
from common.faces import retinaface_mobilenet
from common.faces.mtcnn import MTCNN
from common.faces.priors import decoded, merged, overlaps, priors
from common.faces.retinaface_mobilenet import SIDE, RetinaFaceMobileNet
from common.files import sha256_file
from data_prep.synthetic import Latents, Nuisance, render, sample_identity


def test_priors_are_those_of_a_loop_over_cells():
    height, width = 41, 70
    expected = []
    for stride, sides in ((8, (16, 32)), (16, (64, 128)), (32, (256, 512))):
        for row in range(math.ceil(height / stride)):
            for column in range(math.ceil(width / stride)):
                expected += [((column + 0.5) * stride, (row + 0.5) * stride, side) for side in sides]
    np.testing.assert_array_equal(priors(height, width), expected)


def test_offsets_are_decoded_as_in_the_definition():
    """Encoding as SSD's paper has it, Eq. 2, with the variances; decoding must undo it."""
    draw = np.random.default_rng(1)
    at = priors(64, 96)[draw.integers(0, 200, 30)]
    middles, sizes = draw.uniform(0, 90, (30, 2)), draw.uniform(5, 60, (30, 2))
    points = draw.uniform(0, 90, (30, 5, 2))
    offsets = [
        [*((middle - one[:2]) / one[2] / 0.1), *(np.log(size / one[2]) / 0.2)]
        for middle, size, one in zip(middles, sizes, at, strict=True)
    ]
    marks = [((point - one[:2]) / one[2] / 0.1).ravel() for point, one in zip(points, at, strict=True)]
    boxes, landmarks = decoded(np.array(offsets), np.array(marks), at)
    np.testing.assert_allclose((boxes[:, :2] + boxes[:, 2:]) / 2, middles, atol=1e-9)
    np.testing.assert_allclose(boxes[:, 2:] - boxes[:, :2], sizes, atol=1e-9)
    np.testing.assert_allclose(landmarks, points, atol=1e-9)


def test_the_same_faces_stay_as_in_opencv():
    draw = np.random.default_rng(2)
    corners, sizes = draw.uniform(0, 200, (80, 2)), draw.uniform(20, 80, (80, 2))
    boxes, scores = np.concatenate([corners, corners + sizes], axis=1), draw.uniform(0.5, 1, 80)
    kept = cv2.dnn.NMSBoxes(np.concatenate([corners, sizes], axis=1), scores, 0.0, 0.4)
    faces = merged(boxes, draw.uniform(0, 200, (80, 5, 2)), scores)
    np.testing.assert_allclose([face.score for face in faces], scores[kept])


def test_overlapping_boxes_vote_by_their_scores():
    boxes = np.array([(0, 0, 10, 10), (0, 0, 10, 12), (50, 50, 60, 60)], float)
    points = np.arange(30, dtype=float).reshape(3, 5, 2)
    first, second = merged(boxes, points, np.array([0.9, 0.6, 0.8]))
    assert first.box == pytest.approx((0, 0, 10, (0.9 * 10 + 0.6 * 12) / 1.5))
    np.testing.assert_allclose(first.landmarks, (0.9 * points[0] + 0.6 * points[1]) / 1.5, rtol=1e-6)
    assert (first.score, second.score) == (0.9, 0.8)
    assert second.box == (50, 50, 60, 60)


def test_overlap_is_intersection_over_union():
    found = overlaps(np.array([0, 0, 10, 10]), np.array([(0, 0, 10, 10), (5, 0, 15, 10), (20, 20, 30, 30)]))
    np.testing.assert_allclose(found, [1, 1 / 3, 0])


class HandMade:
    """A network that answers one face, in pixels of what it sees, from the prior nearest to its middle."""

    def __init__(self, box, points, probability):
        self.box, self.points, self.probability = np.array(box, float), np.array(points, float), probability
        self.seen = None

    def __call__(self, pixels):
        self.seen = pixels
        at = priors(*pixels.shape[2:])
        middle, size = (self.box[:2] + self.box[2:]) / 2, self.box[2:] - self.box[:2]
        place = np.abs(at - [*middle, size.max()]).sum(axis=1).argmin()
        x, y, side = at[place]
        offsets, scores, marks = (np.zeros((1, len(at), n), np.float32) for n in (4, 2, 10))
        offsets[0, place] = [*((middle - (x, y)) / side / 0.1), *(np.log(size / side) / 0.2)]
        scores[0, place, 1] = self.probability
        marks[0, place] = ((self.points - (x, y)) / side / 0.1).ravel()
        return offsets, scores, marks


POINTS = np.array([(40, 50), (70, 50), (55, 65), (45, 80), (66, 80)])


def test_a_shrunk_image_gives_pixels_of_the_image():
    model = HandMade((30, 30, 80, 100), POINTS, 0.9)
    image = np.full((2 * 160, 2 * SIDE, 3), (10, 20, 30), np.uint8)
    (face,) = RetinaFaceMobileNet(model=model).detect(image)
    assert model.seen.shape == (1, 3, 160, SIDE) and model.seen.dtype == np.float32
    assert model.seen[0, :, 7, 9].tolist() == [30 - 104, 20 - 117, 10 - 123]
    assert face.box == pytest.approx((59.5, 59.5, 159.5, 199.5), abs=1e-4)
    np.testing.assert_allclose(face.landmarks, 2 * POINTS - 0.5, atol=1e-4)
    assert face.landmarks.dtype == np.float32 and face.score == pytest.approx(0.9)


def test_a_small_image_is_not_enlarged_and_a_doubtful_face_left_out():
    model = HandMade((30, 30, 80, 100), POINTS, 0.6)
    assert RetinaFaceMobileNet(model=model).detect(np.zeros((120, 101, 3), np.uint8)) == []
    assert model.seen.shape == (1, 3, 120, 101)
    assert len(RetinaFaceMobileNet(0.5, model=model).detect(np.zeros((120, 101, 3), np.uint8))) == 1


def test_the_network_finds_a_portrait_and_a_drawn_face():
    with cbook.get_sample_data("grace_hopper.jpg") as file:
        portrait = cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR_RGB)
    (face,) = RetinaFaceMobileNet().detect(portrait)
    (other,) = MTCNN().detect(portrait)
    apart = np.linalg.norm(other.landmarks[1] - other.landmarks[0])
    assert np.linalg.norm(face.landmarks - other.landmarks, axis=1).max() < 0.15 * apart
    person = sample_identity(np.random.default_rng(7))
    drawn = render(Latents(person, age=35, gender="female", nuisance=Nuisance(seed=7)), size=192)
    (face,) = RetinaFaceMobileNet().detect(drawn.image)
    apart = np.linalg.norm(drawn.landmarks[1] - drawn.landmarks[0])
    assert np.linalg.norm(face.landmarks - drawn.landmarks, axis=1).max() < 0.25 * apart


def test_the_file_is_the_one_that_is_pinned(monkeypatch, tmp_path):
    assert sha256_file(retinaface_mobilenet.WEIGHTS) == retinaface_mobilenet.SHA256
    other = tmp_path / "retinaface-mobilenet.onnx"
    for content in (None, b"another"):
        if content:
            other.write_bytes(content)
        monkeypatch.setattr(retinaface_mobilenet, "WEIGHTS", other)
        with pytest.raises(UserError, match=r"needs retinaface-mobilenet\.onnx as it came .* fetch-detector"):
            RetinaFaceMobileNet()


@pytest.mark.parametrize("wrong", [{"threshold": 0}, {"threshold": 1.1}, {"side": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"probability|pixel"):
        RetinaFaceMobileNet(**wrong)


def test_no_deep_learning_framework_is_loaded():
    code = """
import sys, numpy
from common.faces.detection import make_detector
make_detector("retinaface-mobilenet").detect(numpy.zeros((40, 50, 3), numpy.uint8))
print(sorted({"tensorflow", "keras", "torch", "retinaface"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
