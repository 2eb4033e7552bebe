"""The numbers of a table's rows for a part of the people tested: those of odd number, and those of even.

Whoever looks at a test while a recipe is made has it in sight. Where a set numbers its people, those of odd
number can be looked at from now on, and those of even number be kept for tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.evidence.contributions import StoredPredictions
from common.evidence.formats import broken, markdown_table
from common.evidence.records import Record, load
from common.evidence.render import Page
from common.evidence.settings import Setting, name_settings, observe
from common.evidence.tables import Column, Row, Table
from common.metrics import metric
from common.metrics.crossed import crossed
from common.metrics.groups import part_terms

_TOLD = (
    "People of odd number are for development, those of even number for tests. Rows that were measured "
    "before "
    "the two were set apart had all of them in sight. Intervals are of 95%, over seeds and people."
)

_LABEL = 36
"""Characters in a line of a row's name."""


def odd_numbers(subjects: Sequence[str]) -> np.ndarray:
    """Return whose number is odd, (N,).

    Raises:
        ValueError: somebody has no number.

    Example:
        >>> odd_numbers(["001", "082"]).tolist()
        [True, False]
    """
    return np.array([int(one) % 2 == 1 for one in subjects], bool)


def people_page(name: str, title: str, shown: Sequence[tuple[Table, Sequence[str]]]) -> Page:
    """Return a page of the rows of tables by odd and even people.

    Args:
        name, title: of the page.
        shown: tables, each with the keys of those of its columns that are of numbered people.
    """
    return Page(name, title, "people of odd number, and of even", lambda folder: _text(folder, shown))


def _text(folder: Path, shown: Sequence[tuple[Table, Sequence[str]]]) -> str | None:
    records, stored = load(folder.parent, folder.name), StoredPredictions(folder.parent)
    lent = {row.lender for table, _ in shown for row in table.rows if row.lender is not None}
    by_lender = {paper: load(folder.parent, paper) for paper in lent}
    parts: list[str] = []
    for table, keys in shown:
        for key in keys:
            column = next(one for one in table.columns if one.key == key)
            parts += _section(table, column, records, by_lender, stored)
    return "\n\n".join([_TOLD, *parts]) + "\n" if parts else None


def _section(
    table: Table,
    column: Column,
    records: Sequence[Record],
    lent: dict[str, list[Record]],
    stored: StoredPredictions,
) -> list[str]:
    name = column.metric or table.metric
    lines, settings = [], []
    for row in table.rows:
        own = records if row.lender is None else lent[row.lender]
        found = _row(table, row, column, own, stored)
        if found is not None:
            settings.append(found[0])
            lines.append(found[1])
    if not lines:
        return []
    heading = f"## {table.title.rstrip('.')}: {name_settings(settings[:1])[settings[0]]}"
    unit = metric(name).unit
    header = (table.row_title, f"All, {unit}", "Odd", "Even [95%]", "Seeds")
    narrow = [[broken(label, _LABEL), *numbers] for label, *numbers in lines]
    return [heading, "\n".join(markdown_table(header, narrow, narrow=True))]


def _row(
    table: Table, row: Row, column: Column, records: Sequence[Record], stored: StoredPredictions
) -> tuple[Setting, list[str]] | None:
    if row.experiment is None:
        return None
    name = column.metric or table.metric
    decision = column.decision or row.decision or table.decision
    found = observe(records, row.experiment, column.key, name, decision, table.same_training)
    real = [one for one in found if not one.test.stand_in]
    if not real:
        return None
    setting = min(real, key=lambda one: one.order)
    several = max(found[setting].values(), key=len)
    terms = [stored.contributions(one) for one in several]
    first = terms[0]
    if (
        first is None
        or first.subjects is None
        or any(one is None or not np.array_equal(one.keys, first.keys) for one in terms)
    ):
        return None
    values = np.stack([one.values for one in terms if one is not None])
    odd = odd_numbers([str(one) for one in first.subjects])
    known = metric(name)
    form = known.format
    even = crossed(part_terms(values, ~odd), first.subjects)
    ends = even.interval()
    low, high = form(max(ends[0], known.lowest)), form(min(ends[1], known.highest))
    means = [form(float(values[:, mask].mean())) for mask in (np.ones_like(odd), odd)]
    return setting, [row.label, *means, f"{form(even.value)} [{low}, {high}]", str(len(several))]
