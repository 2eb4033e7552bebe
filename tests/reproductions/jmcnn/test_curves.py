"""What is read off the histories of stage 2."""

import numpy as np
import pytest

from reproductions.jmcnn import curves
from tests.support.fake_records import record

IDENTITY, AGE, COSINE = np.array([3.0, 1.0]), np.array([2.0, 0.5]), np.array([-0.1, -0.6])


def run(experiment, weight, seed=1, profile="cpu"):
    history = {
        "loss": tuple(IDENTITY + AGE + weight * COSINE),
        "identity_loss": tuple(IDENTITY),
        "age_group_loss": tuple(AGE),
    }
    return record(seed=seed, experiment=experiment, profile=profile, history=history)


def test_the_cosine_is_what_is_left_of_the_loss():
    runs = [run("jmcnn-0.1", 0.1, 2), run("jmcnn-0.1", 0.1), run("jmcnn-1", 1.0), run("jmcnn-0", 0.0)]
    data = curves.cosines(runs, None)
    assert [one["label"] for one in data.values["series"]] == ["λ = 0.1", "λ = 1"]
    for line in data.values["series"]:
        assert line["values"] == pytest.approx(COSINE, abs=1e-3)
    assert [one.seed for one in data.records] == [1, 1]
    assert curves.draw_cosines(data.values).axes[0].get_ylabel() == "Cosine of F4 and F5"


def test_nothing_is_shown_of_what_was_not_run():
    assert curves.cosines([run("jmcnn-0", 0.0)], None) is None
    assert curves.losses([run("jmcnn-0.1", 0.1)], None) is None


def test_losses_of_two_profiles_never_stand_together():
    split = [run("jmcnn-0.1", 0.1), run("jmcnn-printed-adam", 0.1, profile="smoke")]
    assert curves.losses(split, None) is None
    data = curves.losses([*split, run("jmcnn-printed-adam", 0.1)], None)
    assert data.values["title"].startswith("profile cpu") and len(data.records) == 2
