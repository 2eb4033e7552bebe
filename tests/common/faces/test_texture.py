"""Local binary patterns against a loop over pixels."""

import numpy as np
import pytest

from common.faces.texture import grey_values, local_binary_patterns

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 34, 34, 3), np.uint8)


def test_grey_values_are_blind_to_brightness_and_contrast():
    values = grey_values(IMAGES)
    assert values.shape == (3, 1024)
    np.testing.assert_allclose(values.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(values.std(axis=1), 1, rtol=1e-5)
    ramp = np.repeat(np.arange(40, 72, dtype=np.uint8)[None, :, None], 32, axis=0).repeat(3, axis=2)[None]
    np.testing.assert_allclose(grey_values(ramp), grey_values(3 * ramp), atol=1e-5)
    assert np.isfinite(grey_values(np.zeros((1, 40, 40, 3), np.uint8))).all()


def test_patterns_are_those_of_a_loop():
    grey = IMAGES[:1].copy()
    grey[...] = grey[..., :1]  # grey already, so that the conversion changes nothing
    circle = [(-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1)]
    expected = np.zeros((8, 8, 59))
    uniform = [code for code in range(256) if f"{code:08b}{code:08b}"[:9].count("01") <= 1
               and f"{code:08b}{code:08b}"[:9].count("10") <= 1]  # fmt: skip
    assert len(uniform) == 58
    picture = grey[0, ..., 0].astype(int)
    for y in range(1, 33):
        for x in range(1, 33):
            code = sum(
                (picture[y + dy, x + dx] >= picture[y, x]) << bit for bit, (dy, dx) in enumerate(circle)
            )
            bin_ = uniform.index(code) if code in uniform else 58
            expected[(y - 1) // 4, (x - 1) // 4, bin_] += 1 / 16
    found = local_binary_patterns(grey)[0].reshape(8, 8, 59)
    np.testing.assert_allclose(found**2, expected, atol=1e-6)


def test_faces_too_small_for_the_cells_are_refused():
    with pytest.raises(ValueError, match="at least 16 pixels wide"):
        local_binary_patterns(IMAGES[:, :12, :12])
