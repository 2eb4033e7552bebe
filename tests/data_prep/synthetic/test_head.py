import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from data_prep.synthetic.ageing import age_person
from data_prep.synthetic.head import Head
from data_prep.synthetic.latents import Nuisance, sample_identity
from data_prep.synthetic.relief import EXTENT, build, bumps, chart_axis
from data_prep.synthetic.shape import plan
from data_prep.synthetic.traits import Traits

POSES = [(0, 0, 0), (15, 0, 0), (-15, 0, 0), (0, 8, 0), (0, -8, 0), (12, -6, 9), (-18, 9, -10)]


def head_of(yaw, pitch, roll, age=30.0, canvas=256, **more) -> Head:
    traits = Traits.of(sample_identity(np.random.default_rng(7)))
    ageing, nuisance = age_person(traits, age, "female"), Nuisance(yaw=yaw, pitch=pitch, roll=roll, **more)
    shape = plan(traits, ageing, nuisance)
    return Head(shape, build(192, shape, traits, ageing, nuisance), nuisance, canvas)


@pytest.mark.parametrize(("yaw", "pitch", "roll"), POSES)
def test_projection_is_a_rotation_seen_from_far_away(yaw, pitch, roll):
    head = head_of(yaw, pitch, roll, zoom=1.1, shift_x=0.02)
    points = np.random.default_rng(0).uniform(-1, 1, (50, 3))
    turn = Rotation.from_euler("yxz", [yaw, pitch, roll], degrees=True)
    expected = turn.apply(points)[:, :2] * head.scale
    difference = head.project(points) - expected
    assert np.allclose(difference, difference[0], atol=1e-9)


@pytest.mark.parametrize(("yaw", "pitch", "roll"), POSES)
@pytest.mark.parametrize("age", [1.0, 30.0])
def test_rays_meet_the_surface_where_it_projects(yaw, pitch, roll, age):
    """Two ways to the same: a point of the face projected forwards, a ray of its pixel traced back."""
    head = head_of(yaw, pitch, roll, age)
    surface = head.cast()
    rng = np.random.default_rng(1)
    points = np.column_stack([rng.uniform(-0.3, 0.3, 80), rng.uniform(-0.35, 0.8, 80)])
    column, row = np.rint(head.on_face(points)).astype(int).T
    rows, columns = surface.where
    column, row = column - columns.start, row - rows.start
    error = np.hypot(surface.x[row, column] - points[:, 0], surface.y[row, column] - points[:, 1])
    pixel = 1 / head.scale
    # Beside a turned nose a pixel can show the near side or the far one.
    assert np.median(error) < pixel
    assert np.mean(error < 4 * pixel) > 0.9
    assert (surface.inside[row, column] == 1).all()


def test_the_window_holds_the_whole_head():
    surface = head_of(10, 5, 5).cast()
    assert surface.inside[[0, -1]].max() == 0
    assert surface.inside[:, [0, -1]].max() == 0
    assert surface.inside.shape == surface.x.shape == tuple(2 * n for n in surface.depth.shape)


def test_the_silhouette_is_the_edge_of_what_rays_meet():
    head = head_of(12, 0, 0)
    surface = head.cast()
    rows, columns = surface.where
    for side, pick in ((-1, np.min), (1, np.max)):
        x, y = head.silhouette(np.array([0.0, 0.3, 0.6]), side).T
        for edge, row in zip(x, np.rint(y).astype(int), strict=True):
            seen = np.flatnonzero(surface.inside[row - rows.start] > 0.5) + columns.start
            assert pick(seen) == pytest.approx(edge, abs=1.6)


def test_upright_coordinates_undo_the_roll():
    head = head_of(0, 0, 10)
    u, v = head.upright()
    point = np.array([[0.2, 0.4, 0.55]])
    column, row = np.rint(head.project(point)[0]).astype(int)
    assert u[row, column] == pytest.approx(0.2, abs=0.01)
    assert v[row, column] == pytest.approx(0.2, abs=0.01)  # below the pivot, which is at y = 0.2
    half, _ = head.upright(step=2)
    assert half.shape == (128, 128)
    assert half[5, 7] == pytest.approx(u[10:12, 14:16].mean(), abs=1e-6)


def test_bumps_are_mirrored_gaussians():
    axis = chart_axis(41)
    chart = bumps(axis, [(0.4, 0.1, 0.2, 0.1, 0.5), (0.0, -0.3, 0.1, 0.2, -0.2)])
    x, y = np.meshgrid(axis, axis)

    def hill(cx, cy, sx, sy, height):
        return height * np.exp(-0.5 * ((x - cx) / sx) ** 2 - 0.5 * ((y - cy) / sy) ** 2)

    expected = hill(0.4, 0.1, 0.2, 0.1, 0.5) + hill(-0.4, 0.1, 0.2, 0.1, 0.5) + hill(0, -0.3, 0.1, 0.2, -0.2)
    assert axis[0] == pytest.approx(-EXTENT)
    assert np.allclose(chart, expected, atol=1e-5)
