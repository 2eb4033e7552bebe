"""Several trainings or measurements of one run become one record."""

import dataclasses

import pandas as pd
import pytest

from common.evidence.merging import mean_history, merged
from common.evidence.predictions import predictions_path
from common.evidence.records import read, write
from common.files import sha256_file
from tests.support.fake_records import UTKFACE_TEST, measurement, record


def test_a_history_is_kept_and_the_mean_of_several_trainings(tmp_path):
    history = mean_history([{"loss": [4.0, 2.0], "rate": [0.1, 0.1]}, {"loss": [2.0, 1.0]}])
    assert history == {"loss": (3.0, 1.5)}
    path = write(record(history=history), tmp_path)
    assert read(path).history == history
    with pytest.raises(ValueError, match="history must be finite"):
        record(history={"loss": (float("nan"),)})


def frame(column, values):
    return pd.DataFrame(
        {"column": column, "name": [f"{number}.jpg" for number in range(len(values))], "expectation": values}
    )


def test_a_run_made_again_keeps_what_other_data_measured(tmp_path):
    history = {"loss": (2.0, 1.0)}
    first = record([measurement(6.5), measurement(5.0, "utkface", UTKFACE_TEST)], history=history)
    path = write(first, tmp_path, pd.concat([frame("fgnet", [1.0, 2.0]), frame("utkface", [3.0])]))
    again = record([measurement(6.4)], history=history, tables=("table3",))
    both, predictions = merged(read(path), again, path, frame("fgnet", [4.0]))
    assert [(item.column, item.value) for item in both.measurements] == [("fgnet", 6.4), ("utkface", 5.0)]
    assert both.tables == ("table2", "table3")
    assert predictions["expectation"].tolist() == [4.0, 3.0]
    write(both, tmp_path, predictions)
    assert read(path) == dataclasses.replace(both, predictions=sha256_file(predictions_path(path)))


def test_another_network_takes_nothing_over(tmp_path):
    first = record([measurement(5.0, "utkface", UTKFACE_TEST)], history={"loss": (2.0, 1.0)})
    path = write(first, tmp_path, frame("utkface", [3.0]))
    again = record([measurement(6.4)], history={"loss": (2.0, 1.1)})
    assert merged(read(path), again, path, None) == (again, None)
