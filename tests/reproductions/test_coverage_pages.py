"""The committed pages of what the papers hold: each link leads somewhere, and all items are counted."""

import json
import re
from pathlib import Path

import pytest

from common.evidence.answers import Claimed, Ran, slug
from common.evidence.coverage import STATES
from common.evidence.records import load
from reproductions.shared.harness.registry import papers

RESULTS = Path(__file__).resolve().parents[2] / "results"
ITEMS = {"age-gender": 45, "jmcnn": 32, "mtlface": 32, "neighborhood": 30}
LINK = re.compile(r"\]\(([^)#]+)(?:#([^)]+))?\)")


def test_the_papers_hold_139_items():
    assert sum(ITEMS.values()) == 139
    index = (RESULTS / "README.md").read_text(encoding="utf-8")
    assert "\nOf 139 tables, figures, equations and sentences of the papers " in index
    assert all(f"({paper}/coverage.md)" in index for paper in ITEMS)


@pytest.mark.parametrize("paper", ITEMS)
def test_the_items_of_a_paper_are_counted(paper):
    counted = json.loads((RESULTS / paper / "contents.json").read_text(encoding="utf-8"))["coverage"]
    assert sum(counted[state] for state in STATES) == ITEMS[paper]
    assert f"**{ITEMS[paper]} items: {counted['answered']} answered" in page(paper)


@pytest.mark.parametrize("paper", ITEMS)
def test_each_link_leads_to_a_file_and_to_a_heading_of_it(paper):
    links = LINK.findall(page(paper))
    assert links
    for path, anchor in links:
        target = RESULTS / paper / path
        assert target.is_file(), path
        if anchor:
            assert anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("paper", ITEMS)
def test_each_claim_and_row_that_answers_an_item_is_one_of_the_paper(paper):
    report = papers()[paper].report()
    claims = {one.name for one in report.claims}
    rows = {row.experiment for table in report.tables for row in table.rows}
    rows |= {one.experiment for one in load(RESULTS, paper)}
    for item in report.coverage:
        for answer in item.answers:
            if isinstance(answer, Claimed):
                assert set(answer.names) <= claims, item.says
            elif isinstance(answer, Ran):
                assert set(answer.experiments) <= rows, item.says


def page(paper):
    return (RESULTS / paper / "coverage.md").read_text(encoding="utf-8")


def anchors(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return {slug(line.lstrip("# ")) for line in lines if line.startswith("#")}
