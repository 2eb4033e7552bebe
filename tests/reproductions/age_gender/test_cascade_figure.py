"""The figure shows what the cascade does: the face passes, the background does not, few windows are left."""

from __future__ import annotations

import json

import numpy as np
import pytest

from common.evidence.figures import data_hash, save, stored_hash
from common.faces.haar_cascade import read_cascade
from common.files import write_json
from reproductions.age_gender import cascade_figure


@pytest.fixture(scope="module")
def seen() -> dict:
    return cascade_figure.describe()


def test_face_passes_and_background_ends_where_its_sum_is_too_small(seen):
    stages = len(read_cascade().stages)
    assert seen["face"]["passed"] == stages and min(seen["face"]["margins"]) > 0
    passed = seen["background"]["passed"]
    assert 0 < passed < stages
    assert min(seen["background"]["margins"][:passed]) >= 0 > seen["background"]["margins"][passed]


def test_windows_left_only_become_fewer_and_the_last_lie_on_opencvs_box(seen):
    assert seen["left"][0] > 10_000 and 0 < seen["left"][-1] < 100
    assert (np.diff(seen["left"]) <= 0).all()
    assert seen["overlap"] > 0.8


def test_features_values_put_the_face_on_its_side(seen):
    """Eyes darker than the cheeks below them: the cascade's first feature."""
    first = seen["features"][0]
    assert first["values"][0] > first["threshold"]
    window = np.array(seen["face"]["pixels"], float)
    assert window[9:11, 2:18].mean() > window[7:9, 2:18].mean()


def test_what_is_stored_is_what_is_drawn(seen, tmp_path):
    assert cascade_figure.data([], tmp_path) is None
    path = tmp_path / cascade_figure.PAPER / cascade_figure.FILE
    path.parent.mkdir(parents=True)
    write_json(path, seen)
    values = cascade_figure.data([], tmp_path).values
    assert values == json.loads(json.dumps(seen))
    save(cascade_figure.draw(values), tmp_path / "figure.png", values)
    assert stored_hash(tmp_path / "figure.png") == data_hash(seen)


def test_it_is_told_in_words(seen):
    text = "\n".join(cascade_figure.told(seen))
    passed = seen["background"]["passed"]
    assert "20 stages of 1,047 trees" in text
    assert f"the window of the face passes 20 stages, the background that gets furthest {passed}" in text
