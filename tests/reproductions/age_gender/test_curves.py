"""What the histories of trainings say: cross entropies without what else a loss holds."""

import numpy as np
import pytest

from reproductions.age_gender.curves import accuracies
from tests.support.fake_records import measurement, record

EPOCHS, STEPS = 3, 50


def run(experiment: str, **history):
    configuration = {"recipe": {"batch": 220}}
    return record([measurement()], experiment=experiment, history=history, configuration=configuration)


def test_the_cross_entropy_of_form_code_is_free_of_log_p():
    step = np.linspace(0, EPOCHS * STEPS, 31)
    p, entropy = 1 + step / 50, np.array([1.2, 1.0, 0.9])
    mean_log = [np.log(1 + np.arange(e * STEPS, (e + 1) * STEPS) / 50).mean() for e in range(EPOCHS)]
    joint = run(
        "joint",
        age_loss=tuple(entropy - mean_log),
        gender_loss=tuple(entropy / 2 - mean_log),
        loss=tuple(1.5 * entropy - 2 * np.array(mean_log)),
        step=tuple(step),
        p=tuple(p),
        q=tuple(p),
    )
    panels = accuracies([joint], {"joint": "Both"}, ("age", "gender")).values["panels"]
    assert list(panels) == ["age_loss", "gender_loss", "age", "gender"]
    assert panels["age_loss"][0]["y"] == pytest.approx(entropy, abs=0.02)
    assert panels["gender_loss"][0]["y"] == pytest.approx(entropy / 2, abs=0.02)
    assert panels["age_loss"][0]["x"] == [STEPS, 2 * STEPS, 3 * STEPS]


def test_the_loss_of_one_task_is_its_cross_entropy():
    alone = run("age", loss=(1.3, 1.0), age_accuracy=(0.5, 0.6))
    panels = accuracies([alone], {"age": "Age alone"}, ("age",)).values["panels"]
    assert panels["age_loss"][0]["y"] == [1.3, 1.0]
