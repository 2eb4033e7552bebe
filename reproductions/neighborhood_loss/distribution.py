"""The share of errors within so many years, and how often an interval of the network's own holds the age."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.evidence import records as stored
from common.evidence.formats import markdown_table
from common.evidence.records import Record, predictions_of
from common.evidence.render import Page
from common.metrics.crossed import crossed
from reproductions.neighborhood_loss.answers import DEEPER, ROWS, Answers, all_answers

_TESTS = (("utkface", "UTKFace, test split"), ("fgnet", "FG-NET, never seen"))
_TOLERANCES = range(1, 11)
_LEVELS = ((50, "q0.25", "q0.75"), (80, "q0.1", "q0.9"), (90, "q0.05", "q0.95"), (95, "q0.025", "q0.975"))
_L1 = ("l1-18", "L1 regression", "regression")

_SHARES_TOLD = (
    "CS@T: % of images whose error is at most T years, the mean of the seeds. A regression and losses that "
    "spread the age over its neighbours are held against one another at every T, not at 5 alone."
)
_HELD_TOLD = (
    "% of images whose age lies between two quantiles of what the network says: as often as the column's "
    "head says, if the network is calibrated; in brackets the 95% interval over seeds and people, then the "
    "mean width in years. Runs of earlier versions kept no quantiles, so that a row may count fewer seeds. "
    "What [networks](../../networks) publishes is recalibrated on faces held out."
)


def page(folder: Path) -> str | None:
    """Return the page in Markdown; None where nothing was measured.

    Args:
        folder: results of the paper.
    """
    runs, root = stored.load(folder.parent, folder.name), folder.parent
    parts = []
    for column, title in _TESTS:
        several = all_answers(runs, root, column, (*ROWS, _L1, *DEEPER))
        if several:
            parts += [f"## Errors within so many years: {title}", "\n".join(_shares(several))]
    held = [lines for column, title in _TESTS if (lines := _held(runs, root, column, title))]
    if parts:
        parts.insert(0, _SHARES_TOLD)
    if held:
        parts += ["## Intervals of the network's own", _HELD_TOLD]
        parts += map("\n".join, held)
    return "\n\n".join(parts) + "\n" if parts else None


PAGE = Page(
    "distribution", "Errors within 1 to 10 years, and the networks' own intervals", "UTKFace and FG-NET", page
)


def _shares(several: Sequence[Answers]) -> list[str]:
    header = ["Loss", *(f"@{years}" for years in _TOLERANCES), "Seeds"]
    lines = []
    for one in several:
        errors = np.abs(one.errors)
        shares = [f"{100 * np.mean(errors <= years):.1f}" for years in _TOLERANCES]
        lines.append([one.label, *shares, str(len(one.runs))])
    return markdown_table(header, lines, narrow=True)


def _held(runs: Sequence[Record], root: Path, column: str, title: str) -> list[str]:
    """Return the table of how often the networks' intervals hold the age; empty without a stored quantile."""
    lines = []
    for one in all_answers(runs, root, column, (*ROWS, *DEEPER)):
        frames = [predictions_of(run, root, column).sort_values("name") for run in one.runs]
        frames = [frame for frame in frames if "q0.5" in frame and frame["q0.5"].notna().all()]
        if not frames:
            continue
        cells = []
        for _, low, high in _LEVELS:
            inside = np.stack(
                [frame["age"].between(frame[low], frame[high]).to_numpy(float) for frame in frames]
            )
            width = np.mean([(frame[high] - frame[low]).mean() for frame in frames])
            found = crossed(100 * inside, one.subjects)
            ends = found.interval()
            cells.append(f"{found.value:.0f} [{ends[0]:.0f}, {ends[1]:.0f}], {width:.0f}")
        lines.append([one.label, *cells, str(len(frames))])
    header = [title, *(f"{level}%" for level, _, _ in _LEVELS), "Seeds"]
    return markdown_table(header, lines, narrow=True) if lines else []
