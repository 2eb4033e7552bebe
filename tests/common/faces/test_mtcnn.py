"""The NumPy cascade gives what the `mtcnn` package gives, network by network and face by face."""

import subprocess
import sys

import numpy as np
import pytest

from common.errors import UserError
from common.faces import mtcnn_networks
from common.faces.mtcnn import MTCNN, _pyramid
from tests.support.cartoon import cartoon

TWO_FACES = ((0.35, 0.5, 0.2), (1.0, 0.55, 0.15))


@pytest.fixture(scope="module")
def package():
    from mtcnn import MTCNN as Package

    return Package()


@pytest.fixture(scope="module")
def networks():
    return mtcnn_networks.load_networks()


@pytest.mark.parametrize(
    ("stage", "shape"),
    [
        (0, (1, 12, 12, 3)),
        (0, (2, 45, 61, 3)),
        (0, (1, 200, 301, 3)),
        (1, (1, 24, 24, 3)),
        (1, (130, 24, 24, 3)),
        (2, (1, 48, 48, 3)),
        (2, (37, 48, 48, 3)),
    ],
)
def test_each_network_gives_the_packages_outputs(package, networks, stage, shape):
    inputs = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
    ours = networks[stage](inputs)
    theirs = [output.numpy() for output in package.stages[stage].model(inputs)]
    theirs[-1] = theirs[-1][..., 1]
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    ("height", "width", "faces"),
    [
        (240, 240, ((0.5, 0.5, 0.25),)),
        (300, 420, TWO_FACES),
        (331, 207, ((0.5, 0.8, 0.3),)),
        (150, 190, ((0.2, 0.5, 0.35),)),
    ],
)
def test_faces_are_the_packages_faces(package, height, width, faces):
    image, _ = cartoon(height, width, faces)
    ours = MTCNN(min_face=20 / min(height, width)).detect(image)
    theirs = package.detect_faces(image, box_format="xyxy", output_type="numpy")
    assert len(ours) == len(theirs) == len(faces)
    for face, row in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(face.box, row[1:5], atol=0.02)
        np.testing.assert_allclose(face.score, row[5], atol=1e-4)
        np.testing.assert_allclose(face.landmarks.T.ravel(), row[6:], atol=0.02)


def test_landmarks_are_where_they_were_drawn():
    image, drawn = cartoon(300, 420, TWO_FACES)
    found = sorted(MTCNN().detect(image), key=lambda face: face.box[0])
    assert len(found) == 2
    for face, landmarks in zip(found, drawn, strict=True):
        eyes = np.linalg.norm(landmarks[1] - landmarks[0])
        assert np.linalg.norm(face.landmarks - landmarks, axis=1).max() < 0.1 * eyes
        assert face.landmarks.dtype == np.float32
        x1, y1, x2, y2 = face.box
        assert (face.landmarks > (x1, y1)).all()
        assert (face.landmarks < (x2, y2)).all()


def test_the_pyramid_goes_from_the_smallest_face_to_the_shorter_side():
    assert _pyramid(300, 0.2)[0] == pytest.approx(12 / 60)
    assert _pyramid(3000, 0.2)[0] == pytest.approx(12 / 600)
    assert 12 / 300 <= _pyramid(300, 0.2)[-1] < 12 / 300 / 0.709
    assert _pyramid(300, 1.0) == [pytest.approx(12 / 300)]
    assert _pyramid(40, 0.1)[0] == 1, "no image is enlarged"
    assert _pyramid(11, 1.0) == []


def test_an_enlarged_image_has_the_same_faces():
    image, _ = cartoon(300, 420, TWO_FACES)
    enlarged = image.repeat(3, axis=0).repeat(3, axis=1)
    for one, other in zip(MTCNN().detect(image), MTCNN().detect(enlarged), strict=True):
        np.testing.assert_allclose((other.landmarks - 1) / 3, one.landmarks, atol=2)


def test_a_second_look_follows_only_where_the_first_finds_nothing(monkeypatch):
    looks = []
    cascade = MTCNN._cascade

    def watched(self, pixels, min_face):
        looks.append(min_face)
        return cascade(self, pixels, min_face)

    monkeypatch.setattr(MTCNN, "_cascade", watched)
    MTCNN().detect(cartoon()[0])
    assert looks == [0.1]
    looks.clear()
    assert MTCNN().detect(np.full((99, 99, 3), 128, np.uint8)) == []
    assert looks == pytest.approx([0.1, 0.1 * 0.709**0.5])
    looks.clear()
    MTCNN(second_look=False).detect(np.full((99, 99, 3), 128, np.uint8))
    assert looks == [0.1]


def test_noise_is_survived_whatever_it_proposes():
    noise = np.random.default_rng(0).integers(0, 256, (60, 200, 3), dtype=np.uint8)
    MTCNN(min_face=0.5, thresholds=(0.0, 0.0, 0.0)).detect(noise)


@pytest.mark.parametrize(
    "options",
    [{"min_face": 0}, {"min_face": 1.5}, {"thresholds": (0.5, 0.5)}, {"thresholds": (0.6, 0.7, 1.0)}],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match=r"min_face|thresholds"):
        MTCNN(**options)


def test_missing_or_foreign_weights_are_named(monkeypatch, tmp_path):
    import joblib

    with pytest.raises(UserError, match=r"pnet\.lz4 is missing: install the package mtcnn 1\.0"):
        mtcnn_networks._load(tmp_path / "pnet.lz4", mtcnn_networks._SHAPES["pnet"])
    joblib.dump([np.zeros((3, 3, 3, 8))], tmp_path / "pnet.lz4")
    with pytest.raises(UserError, match=r"does not hold the network of mtcnn 1\.0"):
        mtcnn_networks._load(tmp_path / "pnet.lz4", mtcnn_networks._SHAPES["pnet"])
    monkeypatch.setattr(mtcnn_networks.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"package mtcnn, whose weights .* is not installed"):
        mtcnn_networks.load_networks()


def test_a_worker_needs_no_deep_learning_library():
    code = (
        "import sys; from common.faces.detection import make_detector; make_detector('mtcnn');"
        "assert not {'tensorflow', 'keras', 'mtcnn'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
