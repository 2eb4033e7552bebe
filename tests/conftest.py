"""What every test shares: a quiet, small, GPU-free process, and the real data where there is some."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest

# TensorFlow, Keras and Matplotlib read these when they are imported, which no test has done yet.
for name, value in {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "KERAS_BACKEND": "tensorflow",
    "CUDA_VISIBLE_DEVICES": "",
    "MPLBACKEND": "Agg",
}.items():
    os.environ.setdefault(name, value)

pytest.register_assert_rewrite("tests.support")

LONGEST = (
    "test_study.py",
    "test_browser.py",
    "test_notebooks.py",
    "test_new_study.py",
    "test_cluster.py",
    "test_imports.py",
)
"""Names of the files that take longest. Begun last, they would keep one worker busy alone."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish():
    """Spare the collector of garbage, which Keras calls after every network, what stays until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _graphs_as_written():
    """What tests train ends before TensorFlow would have rewritten its graphs."""
    from common.training.graphs import run_graphs_as_written

    run_graphs_as_written()


@pytest.fixture
def undrawn(monkeypatch):
    """Kernels begin as zeros: to draw those of a large network takes longer than to count them."""
    from keras import initializers, ops

    for drawn in (initializers.RandomNormal, initializers.VarianceScaling):
        monkeypatch.setattr(drawn, "__call__", lambda self, shape, dtype=None: ops.zeros(shape, dtype))


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of the real data sets; the test is skipped, with the reason, where there is none."""
    given = os.environ.get("DATA_ROOT")
    if not given:
        pytest.skip("needs real data: set DATA_ROOT to the folder that holds FG-NET, UTKFace, LFW and CACD")
    root = Path(given).resolve()
    if not root.is_dir():
        pytest.skip(f"needs real data: DATA_ROOT={given} is not a folder")
    return root
