"""Sheets hold every image and its caption; drawing stays inside the image."""

import numpy as np
import pytest

from common.faces.drawing import contact_sheet, draw_box, draw_landmarks


def test_boxes_and_points_are_drawn_where_they_are_and_stay_inside():
    drawn = np.full((60, 80, 3), 100, np.uint8)
    draw_box(drawn, (20, 15, 40, 45), label="0.90")
    draw_box(drawn, (-9, -9, 200, 200))
    draw_landmarks(drawn, np.array([(25, 25), (35, 25), (30, 30), (26, 36), (34, 36)], np.float32))
    assert drawn.shape == (60, 80, 3)
    for x, y in [(20, 30), (40, 30), (30, 45), (25, 25), (30, 30)]:
        assert drawn[y, x].tolist() != [100, 100, 100]


def test_a_sheet_holds_every_image_in_order():
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    images = [np.full((40, 40, 3), colour, np.uint8) for colour in colours]
    sheet = contact_sheet(images, columns=2)
    assert sheet.shape == (2 * 44 + 4, 2 * 44 + 4, 3)
    assert [sheet[24, 24].tolist(), sheet[24, 68].tolist(), sheet[68, 24].tolist()] == list(
        map(list, colours)
    )
    assert sheet[68, 68].tolist() == [255, 255, 255]


def test_images_of_any_shape_fit_their_tiles_in_their_proportions():
    sheet = contact_sheet(
        [np.zeros((10, 40, 3), np.uint8), np.zeros((500, 100, 1), np.uint8)], 5, ["wide", "tall"], tile=50
    )
    assert sheet.shape == (4 + 50 + 16 + 4, 4 + 2 * 54, 3)
    dark = sheet[4:54] < 50
    assert dark[:, :54, 0].any(axis=1).sum() == 12
    assert dark[:, 54:, 0].any(axis=0).sum() == 10
    assert (sheet[54:70] < 200).any(), "captions"


def test_an_empty_sheet_or_too_few_captions_are_refused():
    image = np.zeros((4, 4, 3), np.uint8)
    for images, columns, captions in [([], 1, []), ([image], 0, []), ([image] * 2, 2, ["one"])]:
        with pytest.raises(ValueError, match="images in"):
            contact_sheet(images, columns, captions)
