"""What is counted of the paper's sentences and of CACD's metadata, against counting by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from common.errors import UserError
from common.evidence.fact_verdicts import (
    HOLDS,
    NOTED,
    UNDECIDED,
)
from data_prep.datasets.fgnet import age_in
from reproductions.jmcnn import facts, protocol, tables
from reproductions.shared.harness.options import Options


def rows():
    people = [(f"Person_{birth}_{rank}", birth, rank) for birth in (1960, 1961) for rank in range(1, 7)]
    found = [
        (f"{year - birth}_{name}_{number:04}.jpg", name, place, year - birth, year, birth, rank)
        for place, (name, birth, rank) in enumerate(people, start=1)
        for number, year in enumerate((2004, 2005, 2008, 2010, 2011, 2012, 2013, 2013))
    ]
    return pd.DataFrame(found, columns=["name", "celebrity", "identity", "age", "year", "birth", "rank"])


def test_the_protocol_counts_three_ranks_of_each_year():
    found = protocol.describe(rows())
    assert [(one["birth"], one["rank"]) for one in found["people"]] == [
        (birth, rank) for birth in (1960, 1961) for rank in (3, 4, 5)
    ]
    assert {(one["queries"], *one["databases"]) for one in found["people"]} == {(2, 2, 1, 3)}
    assert (found["trained_people"], found["trained_images"]) == (6, 48)
    assert (found["youngest"], found["oldest"]) == (2004 - 1961, 2013 - 1960)


def test_without_a_data_folder_the_protocol_is_not_counted(tmp_path):
    with pytest.raises(UserError, match="DATA_ROOT"):
        protocol.store(Options(), tmp_path)
    assert protocol.page(tmp_path) is None


def test_chance_is_that_of_the_normal_test_of_two_shares():
    table = np.array([[2951, 49], [2917, 83]])
    share = table[:, 0] / 3000 * 100
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert facts.chance_of(*share, 3000) == pytest.approx(expected)


def test_the_papers_own_table_answers_its_sentences(tmp_path):
    found = facts.facts(tables.TABLE1, tmp_path / "jmcnn")
    verdicts = {one.sentence[:20]: one.verdict for one in found}
    assert verdicts["the CNN baseline mod"] == HOLDS
    assert verdicts["97.23% [...] outperf"] == NOTED
    assert verdicts["the proposed method "] == UNDECIDED
    assert not any(one.source == "2.1, Eq. 3" for one in found)


@pytest.mark.parametrize(
    ("name", "age"), [("images/001A43b.JPG", 43), ("002a05.jpg", 5), ("x.jpg", None), ("", None)]
)
def test_an_age_is_read_from_a_name(name, age):
    assert age_in(name) == age
