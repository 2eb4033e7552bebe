"""Age accuracy by the group asked for, beside what the age judge says of real faces of that group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from common.evidence import records as stored
from common.evidence.formats import markdown_table
from common.evidence.records import Record, predictions_of
from common.evidence.render import Page
from common.evidence.settings import Observation, Setting, Variant, name_settings, observe
from reproductions.mtlface.age_groups import age_groups, whole_years
from reproductions.mtlface.synthesis.evaluate import DECISION
from reproductions.mtlface.synthesis.experiments import TABLE2
from reproductions.mtlface.synthesis.judges import AGE
from reproductions.shared.pseudo_labels.balanced import group_names

_COLUMNS = ("morph", "fgnet", "cacd", "synthetic")
_TOLD = (
    "Share of the results whose judged age lies in the group asked for, in percent, means over seeds. The "
    "last two rows are of the real faces: how many show each group, and in what share of these the judge "
    "finds it. Made faces above that row please the judge better than real ones do: they show what it takes "
    "for the age, and to be told more often is not to look more like it. In the last column each group "
    "counts as often as it was asked for, in the last row too."
)
_COUNT = "{:,}".format
_SHARE = "{:.1f}".format


def groups_page(folder: Path) -> str | None:
    """Return the page in Markdown, a table for each set that faces were aged of; None where none was run.

    Args:
        folder: results of the paper.
    """
    runs = stored.load(folder.parent, folder.name)
    found = {
        column: {
            row.label: observe(runs, row.name, column, "age accuracy", DECISION, False) for row in TABLE2
        }
        for column in _COLUMNS
    }
    parts = [
        part
        for column, rows in found.items()
        for setting in sorted({one for several in rows.values() for one in several}, key=lambda s: s.order)
        for part in _section(setting, column, rows, runs, folder.parent)
    ]
    return "\n".join([_TOLD, *parts]) + "\n" if parts else None


PAGE = Page(
    "table2-groups",
    "Table 2, age accuracy by the group asked for",
    "the results behind Table 2, and the age judge's own",
    groups_page,
)


def _section(setting: Setting, column: str, rows: dict, runs: Sequence[Record], root: Path) -> list[str]:
    names = group_names()
    lines, asked = [], None
    for label, settings in rows.items():
        for variant, several in settings.get(setting, {}).items():
            shares, counts = zip(*(_made(one, root) for one in several), strict=True)
            asked = counts[0]
            lines.append(_line(label, variant, settings[setting], np.mean(shares, axis=0), asked))
    for variants in _real(setting, column, runs).values():
        for variant, several in variants.items():
            share, count = _judged(several[0], root)
            lines.append(["Real faces", *map(_COUNT, count), _COUNT(count.sum())])
            lines.append(_line("of them judged so", variant, variants, share, asked))
    header = ("Method", *names, "all")
    first = ["Results asked for", *map(_COUNT, asked), _COUNT(asked.sum())]
    return ["", f"## {name_settings([setting])[setting]}", "", *markdown_table(header, [first, *lines])]


def _line(label: str, variant: Variant, variants: dict, share: np.ndarray, asked: np.ndarray) -> list[str]:
    label = label if len(variants) == 1 else f"{label} [{variant.short}]"
    known = ~np.isnan(share)
    mean = np.average(share[known], weights=asked[known])
    return [label, *("–" if np.isnan(one) else _SHARE(one) for one in share), _SHARE(mean)]


def _real(setting: Setting, column: str, runs: Sequence[Record]) -> dict:
    """Return what the age judge said of the real faces of the same images under the same profile."""
    found = observe(runs, AGE, column, "accuracy", DECISION, False)
    alike = (setting.test.dataset, setting.profile)
    return {one: several for one, several in found.items() if (one.test.dataset, one.profile) == alike}


def _made(one: Observation, root: Path) -> tuple[np.ndarray, np.ndarray]:
    frame = _predictions(one, root, "age accuracy")
    by_target = frame.groupby("to")["age accuracy"]
    share = by_target.mean().reindex(group_names()).to_numpy(float)
    return share, by_target.size().reindex(group_names(), fill_value=0).to_numpy()


def _judged(one: Observation, root: Path) -> tuple[np.ndarray, np.ndarray]:
    frame = _predictions(one, root, "age", DECISION)
    groups, judged = (age_groups(whole_years(frame[name].to_numpy())) for name in ("age", DECISION))
    hits = pd.Series(groups == judged).groupby(groups)
    places = range(len(group_names()))
    share = 100 * hits.mean().reindex(places).to_numpy(float)
    return share, hits.size().reindex(places, fill_value=0).to_numpy()


def _predictions(one: Observation, root: Path, *numbers: str) -> pd.DataFrame:
    return predictions_of(one.record, root, one.measurement.column, numbers)
