"""The cascade read and evaluated in NumPy does, window by window, what OpenCV's own does."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.faces.haar_cascade import Feature, integral_image, read_cascade, rectangle_sum, scan
from common.faces.viola_jones import ViolaJones, cascade_path
from tests.support.cartoon import cartoon

CASCADE = read_cascade()


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    """Windows of a drawn face, from plain background to the face's middle, (N, 20, 20)."""
    image, _ = cartoon(100, 100)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.concatenate([found for found, _ in scan(grey, CASCADE.size)])


def first_stages(count: int, path: Path) -> cv2.CascadeClassifier:
    """Return OpenCV's classifier of the cascade's first stages alone."""
    root = ElementTree.parse(cascade_path()).getroot()
    stages = root.find("cascade/stages")
    for stage in list(stages)[count:]:
        stages.remove(stage)
    path.write_text('<?xml version="1.0"?>\n' + ElementTree.tostring(root, "unicode"))
    return cv2.CascadeClassifier(str(path))


def opencv_sum(classifier: cv2.CascadeClassifier, window: np.ndarray) -> float | None:
    """Return the last stage's sum for a window that passes all stages, None for one that does not."""
    # OpenCV leaves out the last window of a row and of a column.
    image = cv2.copyMakeBorder(window, 0, 1, 0, 1, cv2.BORDER_REPLICATE)
    _, _, weights = classifier.detectMultiScale3(
        image, minNeighbors=0, minSize=(20, 20), maxSize=(20, 20), outputRejectLevels=True
    )
    return float(weights[0]) if len(weights) else None


def test_cascade_is_what_the_file_says():
    assert (CASCADE.size, len(CASCADE.stages), len(CASCADE.features)) == (20, 20, 2094)
    assert [len(stage.trees) for stage in CASCADE.stages][:4] == [3, 9, 14, 19]
    assert CASCADE.features[0] == Feature(((2, 7, 16, 4), (2, 9, 16, 2)), (-1.0, 2.0))
    assert CASCADE.stages[0].trees[0].nodes[0] == (0, 1, 0, pytest.approx(0.0043272329494357109))


def test_integral_image_is_opencvs():
    image = np.random.default_rng(0).integers(0, 256, (13, 17), np.uint8)
    np.testing.assert_array_equal(integral_image(image), cv2.integral(image))


def test_rectangle_sum_is_the_sum_of_its_pixels():
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (3, 20, 20), np.uint8)
    for x, y, width, height in [(0, 0, 20, 20), (3, 5, 1, 1), (2, 7, 16, 4), (19, 19, 1, 1)]:
        expected = images[:, y : y + height, x : x + width].sum(axis=(1, 2))
        np.testing.assert_array_equal(rectangle_sum(integral_image(images), x, y, width, height), expected)


def test_value_of_a_feature_is_by_hand_and_ignores_light_and_contrast():
    rng = np.random.default_rng(2)
    window = rng.integers(60, 120, (20, 20), np.uint8)
    inside = window[1:-1, 1:-1].astype(float)
    by_hand = (2.0 * window[9:11, 2:18].sum() - window[7:11, 2:18].sum()) / (inside.std() * 324)
    values = CASCADE.values(0, np.stack([window, 2 * window + 7]).astype(np.uint8))
    np.testing.assert_allclose(values, by_hand)


# Not 1: OpenCV's mark of a flat window, -1, is also that of one that passed the only stage.
@pytest.mark.parametrize("count", [2, 3, 7, 15, 20])
def test_windows_pass_the_first_stages_as_in_opencv(windows, count, tmp_path):
    passed = CASCADE.passed(windows)
    classifier = first_stages(count, tmp_path / "first.xml")
    rng = np.random.default_rng(count)
    for expected, group in ((True, passed >= count), (False, passed == count - 1), (False, passed < count)):
        for place in rng.permutation(np.flatnonzero(group))[:40]:
            found = opencv_sum(classifier, windows[place])
            assert (found is not None) == expected
            if found is not None:
                assert CASCADE.sums(count - 1, windows[[place]])[0] == pytest.approx(found, abs=1e-5)
    assert (passed >= count).sum() > 5


def test_flat_window_passes_nothing():
    assert CASCADE.passed(np.full((1, 20, 20), 90, np.uint8)).tolist() == [0]


def test_windows_that_pass_lie_where_the_detector_finds_the_face():
    image, _ = cartoon(120, 160, ((0.6, 0.5, 0.25),))
    (face,) = ViolaJones(min_face=0.15).detect(image)
    found = [
        boxes[CASCADE.passed(cut) == len(CASCADE.stages)]
        for cut, boxes in scan(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), CASCADE.size)
    ]
    np.testing.assert_allclose(np.median(np.concatenate(found), axis=0), face.box, atol=6)


def test_cascade_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="windows of 14 x 28 px"):
        read_cascade(cascade_path().with_name("haarcascade_fullbody.xml"))
