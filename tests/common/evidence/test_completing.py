"""A measurement that came later is added once, as the predictions say it, and the record is whole."""

import numpy as np
import pandas as pd
import pytest

from common.evidence import records
from common.evidence.audit import audit
from common.evidence.completing import complete
from common.evidence.derived import with_derived
from common.evidence.measure import measure_hits
from tests.support.fake_records import FGNET, record


@pytest.fixture
def folder(tmp_path):
    rows = pd.DataFrame(
        {
            "column": "fgnet",
            "name": [f"{n}.jpg" for n in range(6)],
            "subject": list("aabbcc"),
            "age accuracy": [100, 0, 100, 0, 100, 100],
            "verified": [100, 100, 0, 0, 100, 0],
        }
    )
    measured = [
        measure_hits("fgnet", name, "judged", FGNET, rows[name], rows["subject"])
        for name in ("age accuracy", "verified")
    ]
    made = record(measurements=tuple(measured))
    records.write(made, tmp_path, rows)
    return tmp_path / made.paper


def test_both_is_the_share_where_both_are_true(folder):
    (path,) = complete(folder)
    added = records.read(path).measurements[-1]
    assert (added.metric, added.value) == ("both", pytest.approx(100 / 3))
    assert added.low <= added.value <= added.high
    assert audit(folder) == []
    assert list(complete(folder)) == []


def test_the_identity_of_hits_is_that_of_the_results_that_reach_the_age(tmp_path):
    rows = pd.DataFrame(
        {
            "column": "fgnet",
            "name": list("abcd"),
            "subject": list("aabb"),
            "age accuracy": [100, 0, 100, 0],
            "identity": [0.2, 0.9, 0.4, 0.9],
        }
    )
    for place, hits in enumerate(([100, 0, 100, 0], [100, 100, 0, 0])):
        told = rows.assign(**{"age accuracy": hits})
        measured = measure_hits("fgnet", "age accuracy", "judged", FGNET, hits, told["subject"])
        records.write(record(measurements=(measured,)), tmp_path / str(place), told)
    (path,) = complete(tmp_path / "0" / record().paper)
    assert records.read(path).measurements[-1].metric == "identity of hits"
    assert records.read(path).measurements[-1].value == pytest.approx(0.3)
    assert audit(tmp_path / "0" / record().paper) == []
    # Where one person's faces alone reach the age there is nothing to draw.
    assert list(complete(tmp_path / "1" / record().paper)) == []


def test_what_nothing_is_derived_of_is_left_as_it_is():
    rows = pd.DataFrame({"age accuracy": [100.0]})
    assert with_derived(rows) is rows
    assert np.isnan(with_derived(rows.assign(verified=np.nan))["both"]).all()
