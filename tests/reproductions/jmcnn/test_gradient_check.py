"""Fewer pairs than the target takes, and that the check would notice a wrong gradient."""

import numpy as np
import pytest

import common.layers
from common.files import write_json
from reproductions.jmcnn import gradient_check


def test_all_gradients_agree():
    lines = gradient_check.measure(pairs=20)
    assert {line.what for line in lines} >= {"Eq. 4 whole, at F4", "Eq. 4 whole, at F5"}
    assert max(line.relative for line in lines) < gradient_check.BOUND


def test_a_wrong_gradient_is_seen(monkeypatch):
    right = common.layers.cosine_similarity_gradient
    monkeypatch.setattr(common.layers, "cosine_similarity_gradient", lambda f, g: right(f, g) * (1 + 1e-6))
    f, g = np.random.default_rng(0).normal(size=(2, 5, gradient_check.FEATURES))
    lines = gradient_check._cosine("", f, g, np.random.default_rng(0))
    wrong = [line for line in lines if line.one == "analytic"]
    assert all(line.relative > gradient_check.BOUND for line in wrong)


def test_the_page_is_what_was_measured(tmp_path):
    assert gradient_check.page(tmp_path) is None
    line = {"what": "Eq. 5", "one": "analytic", "other": "numeric", "pairs": 1000}
    (tmp_path / "data").mkdir()
    write_json(tmp_path / gradient_check.FILE, {"lines": [line | {"absolute": 1e-16, "relative": 2e-12}]})
    assert "| Eq. 5    | analytic | numeric |" in gradient_check.page(tmp_path)
    assert "2.0e-12" in gradient_check.page(tmp_path)


@pytest.mark.parametrize("name", gradient_check.awkward(np.random.default_rng(0), 2))
def test_awkward_pairs_are_finite(name):
    f, g = gradient_check.awkward(np.random.default_rng(0), 2)[name]
    assert np.isfinite(f).all()
    assert np.isfinite(g).all()
