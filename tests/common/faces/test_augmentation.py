"""Each variation against what it is said to do, and chance that comes from the generator alone."""

import cv2
import numpy as np
import pytest

from common.faces.augmentation import Augmentation

ALL = Augmentation(
    flip=0.5, rotate=10, scale=0.1, shift=0.05, stretch=0.05, blur=0.5, blur_factor=3, grey=0.3, cast=0.5,
    cast_gain=0.3, cast_offset=0.1, brightness=0.1, contrast=0.3, noise=0.5, noise_level=15,
)  # fmt: skip


def batch(count: int = 16, size: int = 32) -> np.ndarray:
    """Return smooth coloured pictures, away from black and white so that nothing saturates."""
    rough = np.random.default_rng(0).integers(80, 176, (count, 8, 8, 3), np.uint8)
    return np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR) for image in rough])


def vary(augmentation: Augmentation, images: np.ndarray, seed: int = 0) -> np.ndarray:
    return augmentation(images, np.random.default_rng(seed))


def test_nothing_asked_for_changes_nothing():
    np.testing.assert_array_equal(vary(Augmentation(), batch()), batch())


def test_the_generator_decides_and_the_input_is_left_alone():
    images = batch()
    first = vary(ALL, images)
    np.testing.assert_array_equal(first, vary(ALL, images))
    np.testing.assert_array_equal(images, batch())
    assert first.shape == images.shape and first.dtype == np.uint8
    assert not np.array_equal(first, vary(ALL, images, seed=1))


def test_a_certain_flip_is_a_mirror_image():
    np.testing.assert_array_equal(vary(Augmentation(flip=1.0), batch()), batch()[:, :, ::-1])


def test_all_grey_has_equal_channels_of_the_right_luma():
    grey = vary(Augmentation(grey=1.0), batch()).astype(int)
    assert np.abs(grey[..., 0] - grey[..., 2]).max() == 0
    expected = batch() @ np.array([0.299, 0.587, 0.114])
    assert np.abs(grey[..., 0] - expected).max() <= 1


def test_brightness_shifts_each_image_by_one_amount_within_the_range():
    shifts = vary(Augmentation(brightness=0.1), batch()).astype(int) - batch()
    spread = shifts.reshape(16, -1)
    assert (np.ptp(spread, axis=1) <= 1).all()
    assert np.abs(spread).max() <= 26 and len(np.unique(spread[:, 0])) > 4


def test_contrast_keeps_mid_grey():
    images = np.full((8, 16, 16, 3), 127, np.uint8)
    assert np.abs(vary(Augmentation(contrast=0.5), images).astype(int) - 127).max() <= 1


def test_grain_has_the_level_asked_for():
    images = np.full((400, 32, 32, 3), 127, np.uint8)
    levels = vary(Augmentation(noise=1.0, noise_level=16), images).astype(float).std(axis=(1, 2, 3))
    # Levels are drawn evenly from 0 to 16.
    assert levels.mean() == pytest.approx(8, abs=0.8) and levels.max() <= 17


def test_blur_lowers_the_contrast_of_neighbours():
    noise = np.random.default_rng(0).integers(0, 256, (16, 32, 32, 3), np.uint8)
    blurred = vary(Augmentation(blur=1.0, blur_factor=3), noise)
    assert (
        np.abs(np.diff(blurred.astype(int), axis=2)).mean()
        < np.abs(np.diff(noise.astype(int), axis=2)).mean()
    )


def test_a_shift_moves_the_picture_no_further_than_asked():
    images = np.zeros((64, 33, 33, 3), np.uint8)
    images[:, 16, 16] = 255
    moved = vary(Augmentation(shift=0.1), images).astype(float).sum(axis=3)
    rows = (moved.sum(axis=2) * np.arange(33)).sum(axis=1) / moved.sum(axis=(1, 2))
    assert np.abs(rows - 16).max() <= 3.4 and np.ptp(rows) > 3
