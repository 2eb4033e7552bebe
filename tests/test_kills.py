"""What `benchmarks.kills` compares: the least change of a result is seen, times are not, leftovers are."""

import json

import h5py
import numpy as np
import pytest

from benchmarks.kills import differing, left_behind, outcome

WEIGHTS, RECORD, TABLE = "runs/net/final.weights.h5", "results/runs/net.json", "results/table1.md"
LEFT = "runs/net/checkpoints/.epoch-00001.npz.abcdefgh.part"


def write(folder, first=1.0, value=3.5, seconds=9.0, table="| 3.50 |"):
    for name in (WEIGHTS, RECORD):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / WEIGHTS, "w") as file:
        file["layers/conv2d/vars/0"] = np.array([first, 2], np.float32)
    record = {"measurements": [{"value": value}], "seconds": seconds}
    (folder / RECORD).write_text(json.dumps(record))
    (folder / TABLE).write_text(table)
    return outcome(folder)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({}, []),
        ({"seconds": 10.0}, []),
        ({"first": np.nextafter(np.float32(1), np.float32(2))}, [WEIGHTS]),
        ({"value": np.nextafter(3.5, 4)}, [RECORD]),
        ({"table": "| 3.51 |"}, [TABLE]),
    ],
)
def test_the_least_change_of_a_result_is_seen(tmp_path, change, seen):
    assert differing(write(tmp_path / "one"), write(tmp_path / "other", **change)) == seen


def test_a_file_that_is_gone_and_one_half_written_are_seen(tmp_path):
    whole = write(tmp_path)
    assert left_behind(tmp_path) == []
    (tmp_path / TABLE).unlink()
    (tmp_path / LEFT).parent.mkdir()
    (tmp_path / LEFT).touch()
    assert differing(outcome(tmp_path), whole) == [TABLE]
    assert left_behind(tmp_path) == [LEFT.rpartition("/")[2]]
