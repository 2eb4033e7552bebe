"""Genders: a temperature that keeps the order, and faces that are shrunk by their means."""

import numpy as np
import pytest

from reproductions.shared.networks.genders import shares, shrunk, tempered
from reproductions.shared.networks.kinds.genders import fit_temperature
from reproductions.shared.networks.published import Input


def test_a_temperature_divides_the_logit_and_keeps_the_likelier():
    likely = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5], [1.0, 0.0]])
    said = tempered(likely, 2.0)
    logit = np.log(0.9 / 0.1) / 2
    assert said[0, 0] == pytest.approx(1 / (1 + np.exp(-logit)))
    np.testing.assert_allclose(said.sum(axis=1), 1)
    assert (said.argmax(axis=1) == likely.argmax(axis=1)).all()
    np.testing.assert_allclose(tempered(likely[:3], 1.0), likely[:3])


def test_the_temperature_that_was_put_in_is_found():
    draw = np.random.default_rng(3)
    true = 1 / (1 + np.exp(-draw.normal(0, 2, 20_000)))
    genders = np.where(draw.random(20_000) < true, "female", "male")
    too_sure = tempered(np.column_stack([true, 1 - true]), 0.5)
    assert fit_temperature(too_sure, genders) == pytest.approx(2, abs=0.1)


def test_shrinking_takes_means_and_leaves_what_fits():
    faces = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    means = faces.reshape(2, 2, 2, 2, 2, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(shrunk(faces, 2), means, atol=0.51)
    assert shrunk(faces, 4) is faces
    assert shrunk(faces[:0], 2).shape == (0, 2, 2, 3)


def test_a_face_and_its_mirror_image_are_asked_once_and_averaged():
    given = Input(2, "utkface", ((0.0, 0.0),) * 5, True, (1.0,))
    faces = np.zeros((1, 2, 2, 3), np.uint8)
    faces[0, :, 0] = 100

    def network(images):
        left = images[:, :, 0].mean(axis=(1, 2)) / 100
        return np.column_stack([left, 1 - left])

    np.testing.assert_allclose(shares(network, faces, given), [[0.5, 0.5]])
    assert shares(network, faces[:0], given).shape == (0, 2)
