"""Error and bias by decade, gender and race as UTKFace labels them, as they are and standardised by age."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from common.evidence import records as stored
from common.evidence.formats import markdown_table
from common.evidence.render import Page
from common.metrics.crossed import Crossed, crossed
from common.metrics.groups import common_strata, part_terms
from data_prep.datasets.utkface import RACES, groups_of
from reproductions.neighborhood_loss.answers import Answers, all_answers, decade_name

_COLUMN = "utkface"
_LEAST = 5
_GENDERS = ("male", "female")
_RACES = tuple(RACES.values())


def page(folder: Path) -> str | None:
    """Return the page in Markdown; None where nothing was measured on UTKFace.

    Args:
        folder: results of the paper.
    """
    rows = all_answers(stored.load(folder.parent, folder.name), folder.parent, _COLUMN)
    if not rows:
        return None
    parts = [_told(rows), "## As they are", "\n".join(_raw(rows))]
    for title, labels, place in (("Gender", _GENDERS, 0), ("Race", _RACES, 1)):
        parts += [f"## {title}, standardised by age", *_standardised(rows, labels, place)]
    parts += ["## Runs behind the numbers", "\n".join(_runs(one) for one in rows)]
    return "\n\n".join(parts) + "\n"


PAGE = Page("groups", "Error by group", "UTKFace, test split, by the labels in its names", page)


def _told(rows: Sequence[Answers]) -> str:
    return (
        f"{rows[0].data.name}, {len(rows[0].names):,} images, networks of 18 layers. Genders and races are "
        "the set's own labels, which are in the files' names. MAE and bias (how much older than they are "
        "people are said to be, in the mean) in years; intervals are of 95%, over seeds and images."
    )


def _raw(rows: Sequence[Answers]) -> list[str]:
    labels = _labels(rows[0])
    decades = rows[0].decades
    groups = [("all", np.ones(len(decades), bool))]
    groups += [(decade_name(one), decades == one) for one in np.unique(decades)]
    groups += [(name, labels[0] == name) for name in _GENDERS]
    groups += [(name, labels[1] == name) for name in _RACES]
    return [
        *_table(rows, groups, "MAE", lambda errors: f"{np.abs(errors).mean():.2f}"),
        "",
        *_table(rows, groups, "Bias", lambda errors: f"{errors.mean():+.1f}"),
    ]


def _table(
    rows: Sequence[Answers],
    groups: Sequence[tuple[str, np.ndarray]],
    title: str,
    told: Callable[[np.ndarray], str],
) -> list[str]:
    lines = [
        [name, f"{np.count_nonzero(part):,}", *(told(one.errors[:, part]) for one in rows)]
        for name, part in groups
    ]
    return markdown_table([title, "Images", *(one.label for one in rows)], lines)


def _standardised(rows: Sequence[Answers], labels: Sequence[str], place: int) -> list[str]:
    """Return a table of MAE by loss, and of the difference from the first group."""
    said, decades = _labels(rows[0])[place], rows[0].decades
    masks = {name: said == name for name in labels}
    weights = common_strata(decades, list(masks.values()), _LEAST)
    counted = np.isin(decades, list(weights))
    first = labels[0]
    names = ", ".join(decade_name(one) for one in weights)
    told = (
        f"MAE as if every group had the ages of all, over the decades in which each has {_LEAST} images or "
        f"more ({names}: {100 * counted.mean():.0f}% of the images), with the difference from {first}."
    )
    header = ["Loss", "Group", "As it is", "Standardised", f"More than {first}"]
    lines = []
    for one in rows:
        errors = np.abs(one.errors)
        base = part_terms(errors, masks[first], decades, weights)
        for name, mask in masks.items():
            terms = part_terms(errors, mask, decades, weights)
            gap = _interval(crossed(terms - base)) if name != first else "–"
            lines.append(
                [
                    one.label,
                    name,
                    _interval(crossed(part_terms(errors, mask))),
                    _interval(crossed(terms)),
                    gap,
                ]
            )
    return [told, "\n".join(markdown_table(header, lines, left=2))]


def _labels(row: Answers) -> tuple[np.ndarray, ...]:
    """Return genders and races, (N,) each."""
    found = [groups_of(name) for name in row.names]
    return tuple(np.array(one, object) for one in zip(*found, strict=True))


def _interval(found: Crossed) -> str:
    low, high = found.interval()
    return f"{found.value:.2f} [{low:.2f}, {high:.2f}]"


def _runs(one: Answers) -> str:
    links = ", ".join(f"[{run.seed}](runs/{run.run}.json)" for run in one.runs)
    return f"- **{one.label}**: seeds {links}"
