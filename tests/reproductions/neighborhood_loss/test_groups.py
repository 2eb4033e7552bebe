"""Groups, bias and maps out of predictions that were made up, against the numbers they were made of."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from common.evidence.records import write
from reproductions.neighborhood_loss import answers, groups, prior
from tests.support.fake_records import FGNET, UTKFACE, UTKFACE_TEST, measurement, record

DRAW = np.random.default_rng(0)
AGES = np.repeat(np.arange(1, 85), 12)


@pytest.fixture
def folder(tmp_path):
    """Two seeds that say women 4 years too old, and everybody on FG-NET 5 years."""
    home = [f"{age}_{place % 2}_{place % 5}_{place}.jpg.chip.jpg" for place, age in enumerate(AGES)]
    said = AGES + 4.0 * (np.arange(len(AGES)) % 2)
    there = np.tile(np.arange(1, 41), 4)
    people = [f"{place % 8 + 1:03}" for place in range(len(there))]
    for seed in (1, 2):
        parts = [
            {
                "column": "utkface",
                "name": home,
                "subject": None,
                "age": AGES,
                "expectation": said,
            },
            {
                "column": "fgnet",
                "name": [
                    f"{who}A{age:02}{place}.JPG"
                    for place, (who, age) in enumerate(zip(people, there, strict=True))
                ],
                "subject": people,
                "age": there,
                "expectation": there + 5.0,
            },
            {
                "column": "utkface-validation",
                "name": home,
                "subject": None,
                "age": AGES,
                "expectation": AGES + 2.0,
            },
        ]
        frame = pd.concat([pd.DataFrame(one) for one in parts], ignore_index=True)
        tests = [
            dataclasses.replace(measurement(2.0), column="utkface", data=UTKFACE_TEST),
            dataclasses.replace(measurement(5.0), column="fgnet", data=FGNET),
        ]
        run = record(tests, seed, "neighborhood-18", trained_on=(UTKFACE,))
        write(dataclasses.replace(run, paper="neighborhood"), tmp_path, frame)
    return tmp_path / "neighborhood"


def rows_of(page):
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if "|" in line
    ]
    return {row[0] if len(row) == 3 else " ".join(row[:2]): row for row in cells}


def test_groups_have_their_own_error_and_bias(folder):
    rows = rows_of(groups.page(folder))
    assert rows["male"][1:] == ["504", "+0.0"] and rows["female"][1:] == ["504", "+4.0"]
    assert rows["Neighborhood female"][-1] == "4.00 [4.00, 4.00]"


def test_bias_is_parted_into_that_of_ages_and_the_rest(folder):
    page = prior.page(folder)
    rows = rows_of(page)
    assert rows["all"][-1] == "+5.0 (+2.0)" and rows["not by age"][-1] == "+3.0"
    assert "+2.00 [+2.00, +2.00]" in page


def test_without_records_there_are_no_pages(tmp_path):
    assert groups.page(tmp_path / "neighborhood") is None
    assert prior.page(tmp_path / "neighborhood") is None
    assert answers.decade_name(8) == "80 and over"
