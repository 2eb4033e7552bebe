"""Yaw from five landmarks beside heads turned in space, rendered ones and FG-NET's."""

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from common.faces.pose import NOSE, yaw
from data_prep.datasets import get
from data_prep.datasets.samples import Sample
from data_prep.synthetic.face import render
from data_prep.synthetic.latents import Latents, Nuisance, sample_identity

# Eyes, the tip of the nose before them, corners of the mouth: x to the right, y down, z to the camera.
HEAD = np.array([(-1, 0, 0), (1, 0, 0), (0, 1.1, 2 * NOSE), (-0.8, 2, 0), (0.8, 2, 0)]) * 20


@pytest.mark.parametrize("angle", [-60, -20, 0, 10, 45])
@pytest.mark.parametrize("roll", [-40, 0, 25])
@pytest.mark.parametrize("scale", [0.5, 3])
def test_a_head_turned_in_space_is_read_whatever_its_roll_size_and_place(angle, roll, scale):
    turned = Rotation.from_euler("yz", [angle, roll], degrees=True).apply(HEAD)[:, :2] * scale + (90, 70)
    assert yaw(turned) == pytest.approx(angle)


@pytest.mark.parametrize("angle", [-30, -10, 20, 40])
def test_generated_heads_are_read_nearly_to_the_side_they_look(angle):
    read = []
    for seed in range(3):
        identity = sample_identity(np.random.default_rng(seed))
        picture = render(Latents(identity, 30, "female", Nuisance(yaw=angle)), 48)
        read.append(yaw(picture.landmarks, nose=0.53))
    assert np.mean(read) == pytest.approx(angle, abs=2.5)


@pytest.mark.real_data
def test_the_nose_stands_as_far_out_as_fgnet_says(data_root):
    """Eyes that move together by cos(yaw) and a nose that moves aside by tan(yaw) are one head's."""
    card = get("fgnet")
    found = (one for one in card.scan(data_root / card.folder) if isinstance(one, Sample) and one.landmarks)
    points = np.array([one.landmarks for one in found])
    line, middle = points[:, 1] - points[:, 0], (points[:, 0] + points[:, 1]) / 2
    apart = np.linalg.norm(line, axis=1)
    aside = ((points[:, 2] - middle) * line).sum(axis=1) / apart**2
    below = points[:, 3:].mean(axis=1) - middle
    high = (below * np.stack([-line[:, 1], line[:, 0]], axis=1)).sum(axis=1) / apart

    def off(free):
        factor, nose, centre = free
        return apart / high * np.hypot(1, (aside - centre) / nose) / factor - 1

    nose = least_squares(off, [1.0, 0.5, 0.0], loss="soft_l1", f_scale=0.05).x[1]
    assert nose == pytest.approx(0.68, abs=0.01)
