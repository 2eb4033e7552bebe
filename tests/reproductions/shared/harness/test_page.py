"""What the studies' own pages tell, and the commands that the page of all results names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.errors import UserError
from common.evidence.records import load
from reproductions.shared.harness.explaining import explain
from reproductions.shared.harness.page import command, section_of, told_by
from reproductions.shared.harness.registry import folders, papers
from tests.support.fake_records import GENERATED, measurement, record

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("name", [name for name, paper in papers().items() if "reproduce" in paper.targets])
def test_the_page_of_a_study_tells_departures_and_contradictions(name):
    told = told_by(folders()[name], ROOT / "results")
    assert told.page == f"../reproductions/{folders()[name].name}/README.md"
    for text in (told.departures, told.contradictions):
        numbers = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.MULTILINE)]
        assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 3


def test_a_section_ends_where_the_next_begins():
    text = "# A\n\n## One\n\n1. so\n\n### Below\n\nmore\n\n## Two\n\nno\n"
    assert section_of(text, "One") == "1. so\n\n### Below\n\nmore"
    assert section_of(text, "Two") == "no" and section_of(text, "Three") == ""


@pytest.mark.parametrize("name", papers())
def test_every_committed_run_has_its_command(name):
    makefile = (ROOT / "Makefile").read_text()
    for one in load(ROOT / "results", name):
        target, *given = command([one]).removeprefix("make ").split()
        assert re.search(rf"^{target}: ", makefile, re.MULTILINE), target
        assert given[:2] == [f"PROFILE={one.profile}", "DATA_ROOT=../faces"]


def test_generated_faces_need_no_data():
    one = record([measurement(column="synthetic", data=GENERATED)], 2)
    assert command([one, record(seed=3)]) == (
        "make table2-neighborhood PROFILE=cpu SEEDS=2,3 PRECISION=float32 RESUME=no"
    )


def test_a_cell_of_the_committed_tables_is_explained():
    studies = papers().values()
    asked = ("neighborhood/table2", "Neighborhood loss, 18 layers", "UTKFace")
    text = explain(studies, ROOT / "results", *asked)
    assert text.count("neighborhood/runs/neighborhood-18-cpu-seed") >= 3
    with pytest.raises(UserError, match="did you mean 'neighborhood'"):
        explain(studies, ROOT / "results", "neighborhod/table2", *asked[1:])
    with pytest.raises(UserError, match="unknown table of neighborhood 'tabel2': did you mean 'table2'"):
        explain(studies, ROOT / "results", "neighborhood/tabel2", *asked[1:])
    with pytest.raises(UserError, match="'table2' is no table: it is named with its study"):
        explain(studies, ROOT / "results", "table2", *asked[1:])


def test_elsewhere_than_beside_the_results_no_row_is_called_unknown(tmp_path):
    with pytest.raises(
        UserError, match=r"there is no folder .*results of records here: ask in the suite's own"
    ):
        explain(papers().values(), tmp_path / "results", "neighborhood/table2", "Cross entropy", "UTKFace")
