"""Odd and even people out of predictions that were made up."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from common.evidence.people_page import odd_numbers, people_page
from common.evidence.records import write
from common.evidence.tables import Column, Row, Table
from tests.support.fake_records import FGNET, GENERATED, measurement, record

TABLE = Table(
    "table2", "Table 2. Losses", "", (Row("New loss", "new"), Row("Quoted")), (Column("fgnet", "FG-NET"),)
)
PAGE = people_page("people", "By people", [(TABLE, ["fgnet"])])


def store(root, data=FGNET):
    people = [f"{place % 10 + 1:03}" for place in range(40)]
    error = np.where(odd_numbers(people), 2.0, 6.0)
    for seed in (1, 2):
        frame = pd.DataFrame(
            {
                "column": "fgnet",
                "name": [f"{who}A{place:02}.JPG" for place, who in enumerate(people)],
                "subject": people,
                "age": 20,
                "expectation": 20 + error + seed,
            }
        )
        run = record([measurement(5.5, data=data)], seed, "new")
        write(dataclasses.replace(run, paper="neighborhood"), root, frame)
    return root / "neighborhood"


def test_each_half_has_its_own_mean(tmp_path):
    page = PAGE.text(store(tmp_path))
    (line,) = [line for line in page.splitlines() if line.startswith("| New loss")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:3] == ["5.50", "3.50"] and cells[3].startswith("7.50 [") and cells[4] == "2"
    assert "FG-NET, never seen" in page and "Quoted" not in page


def test_without_real_faces_there_is_no_page(tmp_path):
    assert PAGE.text(tmp_path / "neighborhood") is None
    assert PAGE.text(store(tmp_path, GENERATED)) is None


def test_who_has_no_number_is_neither():
    with pytest.raises(ValueError, match="Robin"):
        odd_numbers(["Robin"])
