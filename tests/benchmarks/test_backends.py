"""The page on other backends names every layer and loss, and says of answers how far they are apart."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.backend_answers import answers
from benchmarks.backend_cases import CASES, NO_TENSORS
from benchmarks.backends import page, require
from common import layers, losses
from tests.support.gradients import central_differences

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "results" / "backends.md").read_text(encoding="utf-8")
BY_TITLE = {case.title: case for case in CASES}


def test_every_public_name_is_compared_and_on_the_page():
    public = {*layers.__all__, *losses.__all__}
    assert {case.name for case in CASES} == public - NO_TENSORS
    assert public >= NO_TENSORS
    rows = [line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("| ")]
    named = [row for row in rows if row.strip("-")]
    assert named == 2 * [case.title for case in CASES], "measure again: python -m benchmarks.backends"


def test_the_page_was_measured_with_the_pinned_versions():
    measured = dict(re.findall(r"(\w+) ([\d.]+\d)", re.search(r"^Measured with (.*)\.$", PAGE, re.M)[1]))
    files = ("requirements.txt", "requirements-backends.txt")
    pins = {
        name: version
        for file in files
        for name, version in re.findall(r"^(\w+)==(\S+)", (ROOT / file).read_text("utf-8"), re.M)
    }
    assert measured == {name: pins[name] for name in ("keras", "tensorflow", "jax", "torch")}


@pytest.mark.parametrize("title", ["NeighborhoodLoss", "GradientReversal", "TaskRouter"])
def test_gradients_are_those_of_the_outputs(title, tmp_path):
    """Of the sum with a factor for each number that is differentiated; the reversal's is its negative."""
    case = BY_TITLE[title]
    found = answers(case, tmp_path, reference=True)
    (output,), (gradient,) = found["output"], found["gradient"]
    factors = np.random.default_rng([9, 0]).normal(size=output.shape)
    if title == "NeighborhoodLoss":
        labels, logits = case.inputs

        def value(x):
            near = np.exp(-((np.arange(100) - labels[:, None]) ** 2) / 25)
            return factors * np.mean(near * (np.log(np.exp(x).sum(1, keepdims=True)) - x), axis=0).sum()

        expected = central_differences(value, logits.astype("float64"))
    else:
        share = -0.5 if title == "GradientReversal" else (output != 0).astype(float)
        expected = share * factors
    np.testing.assert_allclose(gradient, expected, atol=1e-5)
    assert (tmp_path / f"{title}.keras").is_file()
    assert not [one for one in found.values() if isinstance(one, str)]


def told(folder, backend, arrays, failed):
    np.savez(folder / f"{backend}.npz", **{f"{name}/0": np.array(one) for name, one in arrays.items()})
    known = {"failed": failed, "versions": {"keras": "3.0", backend: "1.0"}}
    (folder / f"{backend}.json").write_text(json.dumps(known))


def test_a_cell_says_how_far_answers_are_apart_or_why_there_are_none(tmp_path):
    given = {"A/output": [4.0, -8.0], "A/gradient": [1.0], "A/training": [2.0], "A/file": [1.0]}
    told(tmp_path, "tensorflow", given | {"B/output": [1.0]}, {"A": {}, "B": {}})
    theirs = {"A/output": [4.0, -8.00008], "A/gradient": [1.5], "A/training": [2.0], "B/output": [[1.0]]}
    told(tmp_path, "jax", theirs, {"A": {"file": "OSError: gone"}, "B": {}})
    text = page(tmp_path, ["jax"])
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in text.splitlines()
        if line[:3] in ("| A", "| B")
    ]
    assert rows == [
        ["A", "1e-05", "differs by 5e-01", "same", "no [1]"],
        ["B", "other shapes", "–", "–", "–"],
    ]
    assert "\n1. OSError: gone\n" in text
    assert "Measured with keras 3.0, tensorflow 1.0, jax 1.0." in text


def test_a_backend_that_is_not_there_is_named_first():
    with pytest.raises(SystemExit, match=r"^nowhere cannot be imported: install what requirements-backends"):
        require(["numpy", "nowhere"])
