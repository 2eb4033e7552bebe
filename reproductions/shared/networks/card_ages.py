"""What the card of a network that says ages holds of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from common.evidence.formats import markdown_table
from common.metrics.bootstrap import bootstrap
from data_prep.datasets import get
from data_prep.datasets.utkface import groups_of
from reproductions.shared.networks.measuring import PHOTOGRAPHS
from reproductions.shared.networks.published import PublishedAges, Tried

HEADING = "how old a face looks"
MISUSE = (
    "to find out whether somebody is of age, to sort applicants, patients, customers or suspects, or on "
    "people who have not agreed. It says how old a face looks, and is off by the years below"
)

_HEADER = ("Faces", "MAE, years", "95% interval", "Bias, years", "Interval covers", "Its mean width, years")
_FEW = 20
_BIN = 10


def introduction(published: PublishedAges) -> str:
    """Return what it is, in a sentence or two."""
    level = f"{published.calibration.level:.0%}"
    return (
        f"It takes aligned faces and says an age in years with an interval in which {level} of people like "
        "those below have their true age. `make age-of PHOTO=me.jpg` finds the faces "
        "of a photograph and asks it."
    )


def decision(published: PublishedAges) -> str:
    """Return, as lines of a list, how an answer follows from the outputs."""
    given, chain = published.input, published.photographs
    views = len(given.zooms) * (2 if given.mirrored else 1)
    return (
        f"- **Decision**: the mean over {views} views (mirror image: {'yes' if given.mirrored else 'no'}; "
        f"enlarged by {', '.join(f'{zoom:g}' for zoom in given.zooms)}), its sum as the expected age, moved "
        f"along a rising curve through {len(published.calibration.knots)} points. Curve and interval "
        f"were fitted on {published.calibration.faces:,} faces that were neither trained nor tested on "
        f"({published.calibration.data}); the numbers stand in the manifest.\n"
        f"- **Photographs**: faces that {chain.detector} finds are widened by {chain.across:g} before that, "
        f"with a curve and an interval of their own, fitted on {chain.calibration.faces:,} faces "
        f"({chain.calibration.data}). The factor: {chain.chosen}."
    )


def body(published: PublishedAges, answers: pd.DataFrame) -> Iterator[str]:
    """Yield the parts that tell of errors."""
    yield from _errors(published, answers)
    yield from _groups(published, answers)
    yield from _tried(published)


def _errors(published: PublishedAges, answers: pd.DataFrame) -> Iterator[str]:
    yield "## Error"
    yield (
        "Bias is what is said less the truth. People of even number are for tests; those of odd number may "
        "have been looked at while the suite was written. *Photographs* are read as a user's are: the faces "
        "are found by the detector named, and of several the largest and most central is taken."
    )
    rows = [(title, *_line(part)) for title, part in _sets(answers)]
    yield "\n".join(markdown_table(("Data", *_HEADER), rows))
    missed = [
        f"{_title(column)}: no face found in {int(part['years'].isna().sum())} of {len(part):,} photographs"
        for column, part in answers.groupby("column", sort=False)
        if column.startswith(PHOTOGRAPHS)
    ]
    if missed:
        yield "; ".join(missed) + "."
    yield from _cost_of_detector(answers)


def _cost_of_detector(answers: pd.DataFrame) -> Iterator[str]:
    """Say what the second detector costs on photographs in which both find somebody."""
    chains = [
        part for column, part in answers.groupby("column", sort=False) if column.startswith(PHOTOGRAPHS)
    ]
    if len(chains) < 2:
        return
    first, second = (part.set_index("name") for part in chains[:2])
    both = first["years"].notna() & second["years"].reindex(first.index).notna()
    errors = [
        float((one.loc[both[both].index, "years"] - first.loc[both, "age"]).abs().mean())
        for one in (first, second)
    ]
    names = [part["column"].iloc[0].removeprefix(f"{PHOTOGRAPHS}-") for part in chains[:2]]
    yield (
        f"What another detector makes of it: on the {int(both.sum()):,} photographs in which both find a "
        f"face, the error is {errors[0]:.2f} years with {names[0]} and {errors[1]:.2f} with {names[1]}."
    )


def _groups(published: PublishedAges, answers: pd.DataFrame) -> Iterator[str]:
    tests = [column for column in answers["column"].unique() if column in ("utkface", "synthetic")]
    for column in tests:
        part = answers[answers["column"] == column]
        yield f"## By group: {_title(column)}"
        decades = [
            (f"{int(first) * 10} to {int(first) * 10 + 9}", *_line(rows))
            for first, rows in part.groupby(part["age"] // 10)
        ]
        yield "\n".join(markdown_table(("True age", *_HEADER), decades))
        if column == "utkface":
            yield from _labelled(part)
    yield "## By what is said"
    yield (
        "The mean error where an age in that range is said of a photograph, over those that its interval was "
        "fitted to. Where it is above ten years an answer says so."
    )
    errors = published.photographs.calibration.errors
    said = [(f"{one.first} to {one.last}", f"{one.faces:,}", f"{one.error:.2f}") for one in errors]
    yield "\n".join(markdown_table(("Age said", "Faces", "MAE, years"), said))


def _labelled(part: pd.DataFrame) -> Iterator[str]:
    labels = pd.DataFrame(
        [groups_of(name) for name in part["name"]], columns=["gender", "race"], index=part.index
    )
    rows = []
    for kind in labels:
        for value, inside in part.groupby(labels[kind]):
            rows.append((f"{kind}: {value}", *_line(inside), _standardised(inside, part)))
    yield (
        "Gender and race as UTKFace labels them. The last column is the error that the group would have with "
        "the ages of the whole test set (by decade; of decades that the group lacks nothing is said)."
    )
    yield "\n".join(markdown_table(("Group", *_HEADER, "MAE at equal ages, years"), rows))


def _standardised(inside: pd.DataFrame, whole: pd.DataFrame) -> str:
    errors = (inside["years"] - inside["age"]).abs().groupby(inside["age"] // _BIN).mean()
    shares = (whole["age"] // _BIN).value_counts().reindex(errors.index)
    return f"{np.average(errors, weights=shares):.2f}"


def _line(part: pd.DataFrame) -> tuple[str, ...]:
    answered = part[part["years"].notna()]
    wrong = answered["years"] - answered["age"]
    errors = wrong.abs().to_numpy()
    subjects = answered["subject"] if answered["subject"].notna().any() else None
    interval = "–"
    if len(answered) >= _FEW:
        found = bootstrap(errors, subjects)
        interval = f"{found.low:.2f} to {found.high:.2f}"
    inside = (answered["low"] <= answered["age"]) & (answered["age"] <= answered["high"])
    width = (answered["high"] - answered["low"]).mean()
    return (
        f"{len(answered):,}",
        f"{errors.mean():.2f}",
        interval,
        f"{wrong.mean():+.2f}",
        f"{inside.mean():.0%}",
        f"{width:.1f}",
    )


def _sets(answers: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for column, part in answers.groupby("column", sort=False):
        if column.startswith("fgnet"):
            even = part["subject"].astype(int) % 2 == 0
            yield f"{_title(column)}, people of even number", part[even]
            yield f"{_title(column)}, all", part
        else:
            yield _title(column), part


def _title(column: str) -> str:
    if column.startswith(PHOTOGRAPHS):
        return f"FG-NET, never seen, photographs, {column.removeprefix(f'{PHOTOGRAPHS}-')}"
    name, _, part = column.partition("-")
    if part == "validation":
        return f"{get(name).title}, validation part (fitted on it)"
    if name in ("utkface", "synthetic"):
        return f"{get(name).title}, test split, published crops"
    return f"{get(column).title}, never seen, prepared crops"


def _tried(published: PublishedAges) -> Iterator[str]:
    if not published.tried:
        return
    yield "## Tried on pictures that may be shown"
    rows = [(one.what, f"{one.age}", _said(one)) for one in published.tried]
    yield "\n".join(markdown_table(("Picture", "True age", "Said, with its interval"), rows))
    yield (
        "Generated faces are drawn, not photographed: what is said of them shows how far it fails beyond "
        "photographs."
    )


def _said(one: Tried) -> str:
    if one.years is None:
        return "no face is found"
    return f"{one.years:.0f} ({one.low:.0f} to {one.high:.0f})"
