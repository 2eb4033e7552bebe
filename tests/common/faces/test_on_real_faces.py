"""What the docstrings say was measured on real faces, checked again on a part of them."""

import numpy as np
import pytest

from common.faces.alignment import TEMPLATES
from common.faces.mtcnn import MTCNN
from common.metrics.detection import judge
from data_prep.datasets import get
from data_prep.datasets.samples import Sample
from data_prep.formats import images

pytestmark = pytest.mark.real_data


def draw(data_root, name, count):
    card = get(name)
    samples = [one for one in card.scan(data_root / card.folder) if isinstance(one, Sample)]
    order = np.random.default_rng(3).permutation(len(samples))
    return [samples[index] for index in order[:count]]


def read(sample):
    return images.decode(images.read_bytes(sample.path))


def test_the_larger_smallest_face_loses_no_face_of_fgnet(data_root):
    errors = []
    for sample in draw(data_root, "fgnet", 60):
        image, landmarks = read(sample), np.array(sample.landmarks)
        ours = judge(MTCNN().detect(image), landmarks)
        as_packaged = MTCNN(min_face=20 / min(image.shape[:2]), second_look=False)
        assert ours.found or not judge(as_packaged.detect(image), landmarks).found, sample.name
        errors += [ours.eye_error] if ours.found else []
    assert len(errors) >= 58
    assert np.mean(errors) < 0.05


def test_the_utkface_template_is_where_mtcnn_finds_the_chips_landmarks(data_root):
    detector = MTCNN()
    found = [detector.detect(read(sample)) for sample in draw(data_root, "utkface", 200)]
    landmarks = [faces[0].landmarks for faces in found if faces]
    assert len(landmarks) >= 190
    np.testing.assert_allclose(np.median(landmarks, axis=0), TEMPLATES["utkface"].at(200), atol=1.5)
