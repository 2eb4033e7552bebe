"""What the card of a network that says genders holds of its own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd

from common.evidence.formats import markdown_table
from common.metrics.bootstrap import bootstrap
from data_prep.datasets import get
from data_prep.datasets.utkface import groups_of
from reproductions.shared.networks.measuring import READ_BY
from reproductions.shared.networks.published import PublishedGenders

HEADING = "which gender a face looks"
MISUSE = (
    "to treat anybody by a gender that they have not told, to count or sort people who have not agreed, or "
    "to say who somebody is. It knows the two words of its training set's labels and says which of them a "
    "face looks like to it; it is wrong as often as the tables say"
)

_RIGHT = ("Faces", "Right, %", "95% interval")
_SAID = "Said in the mean, %"
_HEADER = (*_RIGHT, "Women called men, %", "Men called women, %", _SAID)
_MISSES = ("Women", "Called men, %", "95% interval", "Men", "Called women, %", "95% interval")
_FEW = 20
_BINS = (0.5, 0.7, 0.9, 0.97, 1.0)


def introduction(published: PublishedGenders) -> str:
    """Return what it is, in a sentence or two."""
    return (
        f"It takes aligned faces and says how likely the label of each is {' or '.join(published.names)}. "
        "`make age-of PHOTO=me.jpg` finds the faces of a photograph and asks it."
    )


def decision(published: PublishedGenders) -> str:
    """Return, as lines of a list, how an answer follows from the outputs."""
    views = "each face and its mirror image" if published.input.mirrored else "each face alone"
    size = published.input.size
    shrunk = "" if published.cut == size else f", shrunk to {size} px"
    return (
        f"- **Decision**: the mean over {views}; the likelier label. Its probability is made less or more "
        f"sure by a temperature of {published.temperature:g}, fitted on {published.faces:,} faces that were "
        f"neither trained nor tested on ({published.tempered_on}).\n"
        f"- **Photographs**: faces that {published.detector} finds are cut out at {published.cut} px{shrunk} "
        f"and widened by {published.across:g}: {published.chosen_view}."
    )


def body(published: PublishedGenders, answers: pd.DataFrame) -> Iterator[str]:
    """Yield the parts that tell of errors."""
    yield "## How often it is right"
    yield (
        "*Photographs* are read as a user's are: the faces are found by the detector named, and of several "
        "the largest and most central is taken. *Said in the mean* is the probability of what was said: "
        "where it lies above the share that is right, the network is too sure."
    )
    columns = [(_title(column), part) for column, part in answers.groupby("column", sort=False)]
    rows = [(title, *_rightly(part), _said(part)) for title, part in columns]
    yield "\n".join(markdown_table(("Data", *_RIGHT, _SAID), rows))
    missed = [
        f"{title}: no face found in {int(part['female'].isna().sum())} of {len(part):,} pictures"
        for title, part in columns
        if part["female"].isna().any()
    ]
    if missed:
        yield "; ".join(missed) + "."
    yield "## Misses by gender"
    yield "Women and men are those whom the data set labels so; by decade and by race they stand below."
    yield "\n".join(
        markdown_table(
            ("Data", *_MISSES),
            [(title, *_missed(part, "female"), *_missed(part, "male")) for title, part in columns],
        )
    )
    for column in [one for one in answers["column"].unique() if one in ("utkface", "synthetic")]:
        part = answers[answers["column"] == column]
        yield f"## By group: {_title(column)}"
        decades = [
            (f"{int(first) * 10} to {int(first) * 10 + 9}", *_line(rows))
            for first, rows in part.groupby(part["age"] // 10)
        ]
        yield "\n".join(markdown_table(("True age", *_HEADER), decades))
        if column == "utkface":
            races = part["name"].map(lambda name: groups_of(name)[1])
            yield "Race as UTKFace labels it."
            yield "\n".join(
                markdown_table(("Race", *_HEADER), [(one, *_line(rows)) for one, rows in part.groupby(races)])
            )
        yield "## By what is said"
        yield "\n".join(markdown_table(("Probability said", "Faces", "Right, %"), list(_by_said(part))))


def _by_said(part: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    part = part[part["female"].notna()]
    sure, right = _sure(part), _right(part)
    for low, high in pairwise(_BINS):
        inside = (low <= sure) & ((sure < high) | (high == 1))
        if inside.any():
            yield f"{100 * low:g} to {100 * high:g}%", f"{inside.sum():,}", f"{right[inside].mean():.1f}"


def _line(part: pd.DataFrame) -> tuple[str, ...]:
    missed = [_missed(part, gender)[1] for gender in ("female", "male")]
    return *_rightly(part), *missed, _said(part)


def _rightly(part: pd.DataFrame) -> tuple[str, str, str]:
    """Return of how many faces the share that is right, with its interval."""
    part = part[part["female"].notna()]
    right = _right(part)
    return f"{len(part):,}", f"{right.mean():.1f}", _interval(part, right)


def _missed(part: pd.DataFrame, gender: str) -> tuple[str, str, str]:
    """Return of how many faces of a gender the share that is called the other, with its interval."""
    part = part[part["female"].notna() & (part["gender"] == gender)]
    wrong = 100 - _right(part)
    return f"{len(part):,}", f"{wrong.mean():.1f}" if len(part) else "–", _interval(part, wrong)


def _interval(part: pd.DataFrame, values: np.ndarray) -> str:
    if len(part) < _FEW:
        return "–"
    found = bootstrap(values, part["subject"] if part["subject"].notna().any() else None)
    return f"{found.low:.1f} to {found.high:.1f}"


def _said(part: pd.DataFrame) -> str:
    return f"{100 * _sure(part[part['female'].notna()]).mean():.1f}"


def _right(part: pd.DataFrame) -> np.ndarray:
    return 100.0 * ((part["female"] >= 0.5) == (part["gender"] == "female")).to_numpy()


def _sure(part: pd.DataFrame) -> np.ndarray:
    female = part["female"].to_numpy()
    return np.maximum(female, 1 - female)


def _title(column: str) -> str:
    name, by, detector = column.partition(READ_BY)
    name, _, part = name.partition("-")
    what = "validation part (fitted on it)" if part == "validation" else "test split"
    how = f"photographs, {detector}" if by else "published crops"
    return f"{get(name).title}, {what}, {how}"
