"""Groups, bias and maps out of predictions that were made up, against the numbers they were made of."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.evidence.counts import store_counts
from common.evidence.records import write
from reproductions.neighborhood_loss import answers, distribution, groups, label_noise, prior
from reproductions.shared.harness.options import Options
from tests.support.fake_records import FGNET, UTKFACE, UTKFACE_TEST, measurement, record

DRAW = np.random.default_rng(0)
QUANTILES = {
    0.025: -20.0,
    0.05: -10.0,
    0.1: -4.0,
    0.25: -1.0,
    0.5: 0.0,
    0.75: 1.0,
    0.9: 4.0,
    0.95: 10.0,
    0.975: 20.0,
}
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
                **{f"q{level}": said + shift for level, shift in QUANTILES.items()},
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
    assert distribution.page(tmp_path / "neighborhood") is None
    assert label_noise.page(tmp_path / "neighborhood") is None
    assert answers.decade_name(8) == "80 and over"


def test_errors_within_so_many_years_and_intervals_that_hold_the_age(folder):
    """Men are dated right, women 4 years too old: half within 3 years, all within 4 and in the 80%."""
    home, foreign = (rows_of(part) for part in distribution.page(folder).split("## Errors within")[1:])
    assert home["Neighborhood 50.0"][2:] == ["50.0", "50.0", *["100.0"] * 7, "2"]
    assert foreign["Neighborhood 0.0"][4:6] == ["0.0", "100.0"]
    held = foreign["Neighborhood 50 [47, 53], 2"]
    assert [cell.split(" ")[0] for cell in held[1:5]] == ["50", "100", "100", "100"]
    assert [cell.split(", ")[-1] for cell in held[1:5]] == ["2", "8", "20", "40"]


def test_labels_of_one_photograph_are_compared(tmp_path):
    """Of three pictures two are one photograph, said to be 30 and 36."""
    index = pd.DataFrame({"age": [30, 36, 80], "dhash256": ["0" * 64, "0" * 63 + "1", "f" * 64]})
    counts = label_noise.describe(index)
    assert counts == {"apart": [6]}
    store_counts(tmp_path, "noise", counts, dataset="utkface", fingerprint="ab", images=3, stand_in=False)
    page = label_noise.page(tmp_path)
    assert "6.00 years apart" in page
    assert "4.24 years" in page


def test_labels_are_compared_on_utkface_alone(tmp_path):
    with pytest.raises(UserError, match=r"give a DATA_ROOT that holds it"):
        label_noise.store(Options(data_root=tmp_path), tmp_path)
