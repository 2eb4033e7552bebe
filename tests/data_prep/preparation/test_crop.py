"""Where a face's landmarks come from, which face is taken, and what the crop looks like."""

import dataclasses
import math

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.faces.alignment import TEMPLATES, align, usual_landmarks
from common.faces.face import Face
from data_prep.datasets.samples import Sample
from data_prep.preparation import crop as crops
from data_prep.preparation.crop import Crop, Recipe, choose, make_crop
from data_prep.preparation.sources import list_sources
from tests.support.image_files import encoded, jpeg, picture

POINTS = np.array([(30, 40), (60, 42), (44, 60), (33, 75), (58, 76)], np.float32)
RECIPE = Recipe(size=32, template="utkface", margin=0.0, detector="auto")


def source(tmp_path, content=None, **fields):
    path = tmp_path / "face.png"
    path.write_bytes(encoded(picture(1, 96, 112), "PNG") if content is None else content)
    return list_sources([Sample(path, path.name, **fields)]).sources[0]


def decoded(crop):
    return cv2.imdecode(np.frombuffer(crop.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)


@pytest.fixture
def finds(monkeypatch):
    """Replace every detector by one that finds the given faces, or raises the given error."""

    def replace(result):
        class Fake:
            def detect(self, image):
                if isinstance(result, Exception):
                    raise result
                return result(image) if callable(result) else result

        monkeypatch.setattr(crops, "_detector", lambda name: Fake())

    return replace


def test_a_published_crop_is_only_resized(tmp_path, finds):
    finds(AssertionError("a detector was asked"))
    pixels = picture(2, 96, 96)
    crop = make_crop(source(tmp_path, encoded(pixels, "PNG"), aligned="utkface"), RECIPE)
    assert (crop.landmark_source, crop.face, crop.width, crop.height) == ("published", None, 96, 96)
    means = pixels.reshape(32, 3, 32, 3, 3).mean((1, 3))
    assert np.abs(decoded(crop) - means).mean() < 3


def test_a_published_crop_with_margin_shows_black_around_it(tmp_path):
    pixels = np.full((96, 96, 3), 200, np.uint8)
    recipe = Recipe(48, "utkface", 0.25, "auto")
    shown = decoded(make_crop(source(tmp_path, encoded(pixels, "PNG"), aligned="utkface"), recipe))
    assert shown[:6].max() < 20
    assert abs(int(shown[10:38, 10:38].mean()) - 200) < 3


def test_a_published_crop_that_is_no_square_is_refused(tmp_path):
    reason = make_crop(source(tmp_path, jpeg(1, 40, 50), aligned="utkface"), RECIPE)
    assert reason == "the image is 40 x 50 px, not the square of a published crop"


def test_a_file_aligned_to_another_template_is_detected(tmp_path, finds):
    finds([Face((20, 30, 70, 90), POINTS, 0.99)])
    assert make_crop(source(tmp_path, aligned="arcface"), RECIPE).landmark_source == "mtcnn"


def test_detected_faces_are_aligned(tmp_path, finds):
    finds([Face((20, 30, 70, 90), POINTS, 0.99)])
    crop = make_crop(source(tmp_path), Recipe(32, "arcface", 0.1, "retinaface"))
    assert crop.landmark_source == "retinaface"
    assert crop.face.box == (20, 30, 70, 90)
    expected = align(picture(1, 96, 112), POINTS, "arcface", 32, 0.1)
    assert np.abs(decoded(crop).astype(int) - expected).mean() < 3


def test_jpegs_keep_the_colour_of_every_pixel(tmp_path, finds):
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:, ::2, 0] = 255
    pixels[:, 1::2, 2] = 255
    finds(AssertionError)
    shown = decoded(make_crop(source(tmp_path, encoded(pixels, "PNG"), aligned="utkface"), RECIPE))
    assert np.abs(shown.astype(int) - pixels).mean() < 8


@pytest.mark.parametrize(
    ("faces", "why"),
    [
        ([], "no face found by mtcnn"),
        (
            [Face((0, 0, 9, 9), np.zeros((5, 2)), 0.9)],
            "the face cannot be aligned: landmarks are all the same point",
        ),
        ([Face((0, 0, 9, 9), None, 0.9)], "mtcnn found a face but no landmarks to align it by"),
        (RuntimeError("out of tune"), "mtcnn failed: RuntimeError: out of tune"),
    ],
)
def test_manual_landmarks_are_the_last_resort(tmp_path, finds, faces, why):
    finds(faces)
    marked = tuple(map(tuple, POINTS.tolist()))
    assert make_crop(source(tmp_path), RECIPE) == why
    crop = make_crop(source(tmp_path, landmarks=marked), RECIPE)
    assert crop.landmark_source == "manual"
    np.testing.assert_array_equal(crop.face.landmarks, POINTS)
    assert all(math.isnan(value) for value in crop.face.box)
    named = Recipe(32, "utkface", 0.0, "mtcnn")
    assert make_crop(source(tmp_path, landmarks=marked), named) == why


def test_manual_only(tmp_path, finds):
    finds(AssertionError)
    recipe = Recipe(32, "utkface", 0.0, "manual")
    assert make_crop(source(tmp_path), recipe) == "no landmarks were marked by hand"
    marked = tuple(map(tuple, POINTS.tolist()))
    assert make_crop(source(tmp_path, landmarks=marked), recipe).landmark_source == "manual"


def test_a_missing_weights_file_ends_the_run(tmp_path, monkeypatch):
    def missing(name):
        raise UserError("put the weights there.")

    monkeypatch.setattr(crops, "_detector", missing)
    with pytest.raises(UserError, match="put the weights there"):
        make_crop(source(tmp_path), RECIPE)


def test_a_bad_file_becomes_a_reason(tmp_path):
    assert make_crop(source(tmp_path, b""), RECIPE) == "the file is empty (zero bytes)"


def test_large_pictures_are_searched_smaller_but_cut_at_full_size(tmp_path, finds, monkeypatch):
    monkeypatch.setattr(crops, "DETECTION_SIDE", 56)
    seen = []

    def detect(image):
        seen.append(image.shape)
        return [Face((10, 15, 35, 45), (POINTS + 0.5) / 2 - 0.5, 0.9)]

    finds(detect)
    crop = make_crop(source(tmp_path), RECIPE)
    assert seen == [(56, 48, 3)]
    np.testing.assert_allclose(crop.face.landmarks, POINTS, atol=1e-4)
    assert crop.face.box == (20, 30, 70, 90)
    assert isinstance(crop, Crop)


def test_the_subject_is_large_and_central():
    central = Face((40, 40, 60, 60), None, 0.5)
    larger = Face((20, 20, 70, 70), None, 0.5)
    far_off = Face((0, 0, 30, 30), None, 1.0)
    assert choose([far_off, central], 100, 100) is central
    assert choose([far_off, central, larger], 100, 100) is larger


def test_settings_hold_what_decides_about_the_pixels():
    settings = RECIPE.settings()
    np.testing.assert_allclose(settings["template_points"], TEMPLATES["utkface"].points, atol=1e-6)
    assert {"size", "template", "margin", "detector", "jpeg_quality"} <= set(settings)


def test_a_detector_of_boxes_is_cut_by_where_landmarks_lie_in_its_boxes(tmp_path, finds):
    """To the template of its own name that is the box itself, resized."""
    pixels = picture(3, 112, 96)
    finds([Face((16.0, 8.0, 79.0, 71.0), None, 0.9)])
    recipe = Recipe(32, "viola-jones", 0.0, "viola-jones")
    crop = make_crop(source(tmp_path, encoded(pixels, "PNG")), recipe)
    box = pixels[8:72, 16:80].reshape(32, 2, 32, 2, 3).mean((1, 3))
    assert crop.landmark_source == "viola-jones"
    assert np.abs(decoded(crop)[1:-1, 1:-1] - box[1:-1, 1:-1]).mean() < 3
    upright = make_crop(source(tmp_path), dataclasses.replace(recipe, template="utkface"))
    expected = usual_landmarks((16, 8, 79, 71), "viola-jones")
    np.testing.assert_allclose(upright.face.landmarks, expected, atol=1e-4)


def test_only_a_detector_of_boxes_has_them_in_its_settings():
    settings = Recipe(32, "utkface", 0.0, "viola-jones").settings()
    assert settings["box_points"] == [[round(x, 6), round(y, 6)] for x, y in TEMPLATES["viola-jones"].points]
    assert "box_points" not in RECIPE.settings()
