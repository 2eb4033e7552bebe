"""What is said of a training at full size before it begins."""

from __future__ import annotations

import keras
import pytest

from common.training.memory import training_bytes
from reproductions.shared.harness.fitting import tell_size
from reproductions.shared.harness.held_sets import tell_once
from reproductions.shared.harness.options import Options


@pytest.fixture(autouse=True)
def _as_if_nothing_had_been_said():
    tell_once.cache_clear()


def test_memory_of_each_device_and_a_missing_gpu_are_told_once(capsys):
    model = keras.Sequential([keras.Input((4096,)), keras.layers.Dense(4096)], name="wide")
    model.compile("adam", "mse")
    for _ in range(2):
        tell_size(model, Options(profile="paper", replicas=4), batch=30)
    memory, gpu = capsys.readouterr().err.splitlines()
    taken = training_bytes(model, 8) / 2**30
    assert memory == f"wide: a batch of 30 on 4 devices takes roughly {taken:.1f} GiB of memory on each."
    assert gpu.startswith("no GPU is found (README.md, When something goes wrong), so this processor trains")
