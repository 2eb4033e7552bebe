"""Confusion matrices are those of the predictions beside the records, over all seeds of one setting."""

import dataclasses

import numpy as np
import pandas as pd
from sklearn import metrics

from common.evidence import records
from common.evidence.confusion import confusion_data, draw_confusion
from tests.support.fake_records import GENERATED, GENERATED_TRAIN, UTKFACE_TEST, measurement, record

LABELS = ("female", "male")


def write(root, seed, experiment, data=UTKFACE_TEST, **changes):
    generator = np.random.default_rng(seed)
    classes, answers = generator.integers(0, 2, (2, 30))
    frame = pd.DataFrame(
        {"column": "utkface", "name": [f"{n}.jpg" for n in range(30)], "subject": None, "age": 30}
        | {"gender-class": classes, "gender-answer": answers}
    )
    other = frame.assign(column="fgnet")
    item = measurement(
        50.0, "utkface", dataclasses.replace(data, images=30, subjects=None), "accuracy", "gender"
    )
    made = record([item], seed, experiment, **changes)
    records.write(made, root, pd.concat([frame, other]))
    return metrics.confusion_matrix(classes, answers)


def test_the_seeds_of_a_row_are_added_up(tmp_path):
    expected = sum(write(tmp_path, seed, "joint") for seed in (1, 2))
    alone = write(tmp_path, 1, "gender")
    write(tmp_path, 1, "joint", GENERATED, profile="smoke", trained_on=(GENERATED_TRAIN,))
    rows = {"gender": "Alone", "joint": "Together", "other": "Not run"}
    made = confusion_data(records.load(tmp_path, "neighborhood"), tmp_path, rows, "utkface", "gender", LABELS)
    panels = {panel["label"]: panel["counts"] for panel in made.values["panels"]}
    assert panels == {"Alone": alone.tolist(), "Together": expected.tolist()}
    assert len(made.records) == 3
    figure = draw_confusion(made.values)
    shown = [text.get_text() for text in figure.axes[0].texts]
    assert shown == [f"{value:.0f}" for value in (100 * alone / alone.sum(1, keepdims=True)).ravel()]


def test_nothing_run_is_no_figure(tmp_path):
    assert confusion_data([], tmp_path, {"joint": "Together"}, "utkface", "gender", LABELS) is None
