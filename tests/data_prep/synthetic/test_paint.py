import numpy as np
import pytest

from data_prep.synthetic import noise
from data_prep.synthetic.paint import circle, curve, disc, linear, mix, moved, polygon, polygons, ribbon

SQUARE = np.array([[10.0, 20.0], [40.0, 20.0], [40.0, 50.0], [10.0, 50.0]])


def painted(brush, size=96):
    image = np.zeros((size, size, 3), np.float32)
    brush.paint(image, np.ones(3, np.float32))
    return image[..., 0]


@pytest.mark.parametrize("blur", [0.0, 2.5])
def test_a_polygon_covers_its_area(blur):
    # OpenCV's outline adds half a pixel all round.
    assert painted(polygon(96, SQUARE, blur)).sum() == pytest.approx(31 * 31, rel=0.04)


def test_sub_pixel_moves_are_seen():
    first, second = painted(polygon(96, SQUARE, 0.5)), painted(polygon(96, moved(SQUARE, 0.5, 0), 0.5))
    columns = np.arange(96)
    assert (second.sum(0) @ columns / second.sum()) - (first.sum(0) @ columns / first.sum()) == pytest.approx(
        0.5, abs=0.1
    )


@pytest.mark.parametrize("offset", [-500.0, -25.0, 70.0, 500.0])
def test_polygons_off_the_canvas_do_no_harm(offset):
    full = painted(polygon(400, moved(SQUARE, 150, 150), 1.0), 400)
    cut = painted(polygon(96, moved(SQUARE, offset, offset), 1.0))
    low = int(150 - offset)
    if 0 <= low <= 304:
        # A blur sees a mirror at the edge of the canvas.
        inner = slice(4, 92)
        assert np.allclose(cut[inner, inner], full[low : low + 96, low : low + 96][inner, inner], atol=1e-3)
    else:
        assert cut.max() == 0


def test_levels_weaken_single_polygons():
    image = painted(polygons(96, [SQUARE, moved(SQUARE, 40, 0)], levels=[1.0, 0.25]))
    assert image[35, 25] == 1
    assert image[35, 65] == pytest.approx(0.25, abs=0.01)


def test_within_is_the_common_part():
    both = disc(96, (30, 30), 15).within(disc(96, (45, 30), 15))
    expected = painted(disc(96, (30, 30), 15)) * painted(disc(96, (45, 30), 15))
    assert np.allclose(painted(both), expected, atol=1e-6)
    apart = disc(96, (20, 20), 5).within(disc(96, (80, 80), 5))
    assert painted(apart).max() == 0


def test_multiply_and_add():
    image = np.full((96, 96, 3), 0.5, np.float32)
    brush = polygon(96, SQUARE)
    brush.multiply(image, np.float32([0.5, 1.0, 0.0]))
    assert np.allclose(image[35, 25], [0.25, 0.5, 0.0])
    brush.add(image, 0.25)
    assert np.allclose(image[35, 25], [0.5, 0.75, 0.25])
    assert np.allclose(image[80, 80], 0.5)


def test_a_curve_passes_through_its_points():
    points = [(0.0, 0.0), (1.0, 2.0), (3.0, -1.0), (4.0, 0.5)]
    assert np.allclose(curve(points, 13)[::4], points)
    line = curve([(0.0, 0.0), (1.0, 1.0), (2.0, 2.0)], 9)
    assert np.allclose(line, np.linspace(0, 2, 9)[:, None].repeat(2, 1))


def test_a_ribbon_is_as_wide_as_asked_and_tapers():
    path = np.column_stack([np.linspace(0, 100, 21), np.zeros(21)])
    outline = ribbon(path, 6.0)
    upper, lower = outline[:21], outline[21:][::-1]
    width = np.abs(upper - lower)[:, 1]
    assert width[10] == pytest.approx(6.0)
    assert width[0] == width[-1] == pytest.approx(0.15 * 6)
    several = ribbon(np.stack([path, path]), np.array([6.0, 3.0]))
    assert np.allclose(several[0], outline)
    assert several[1, 10, 1] == pytest.approx(outline[10, 1] / 2)


def test_colours_are_linear_light():
    assert np.allclose(linear(255, 0, 127.5), [1, 0, 0.25])
    assert np.allclose(mix(linear(255, 255, 255), linear(0, 0, 0), 0.25), 0.75)
    assert np.allclose(circle((1, 2), 3).mean(axis=0), (1, 2))


def test_noise_is_normal_and_seamless():
    for kind in ("pores", "blotches", "strands"):
        tile = noise.tile(kind)
        assert tile.mean() == pytest.approx(0, abs=1e-4)
        assert tile.std() == pytest.approx(1, abs=1e-3)
        step = np.abs(np.diff(tile, axis=1)).mean()
        assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 1.5 * step


@pytest.mark.parametrize("zoom", [0.25, 1.0, 3.0])
def test_patches_have_the_asked_shape_and_differ_by_seed(zoom):
    first, second = (noise.patch("grain", (60, 40), seed, zoom) for seed in (1, 2))
    assert first.shape == (60, 40)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, noise.patch("grain", (60, 40), 1, zoom))
