"""FG-NET by odd and even people, where its bias comes from, and what a monotone map of the answers mends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from common.evidence import records as stored
from common.evidence.formats import markdown_table
from common.evidence.people_page import odd_numbers
from common.evidence.render import Page
from common.metrics.crossed import Crossed, crossed
from common.metrics.groups import part_terms
from common.metrics.recalibration import monotone_map
from reproductions.neighborhood_loss.answers import (
    DEEPER,
    ROWS,
    Answers,
    all_answers,
    decade_name,
    kept_answers,
)

_HOME, _FOREIGN, _VALIDATION = "utkface", "fgnet", "utkface-validation"


def page(folder: Path) -> str | None:
    """Return the page in Markdown; None where no row was measured on both UTKFace and FG-NET.

    Args:
        folder: results of the paper.
    """
    runs, root = stored.load(folder.parent, folder.name), folder.parent
    rows = (*ROWS, *DEEPER)
    home, foreign = ({a.label: a for a in all_answers(runs, root, key, rows)} for key in (_HOME, _FOREIGN))
    pairs = [
        (home[label], foreign[label])
        for _, label, _ in rows
        if label in home and label in foreign and foreign[label].subjects is not None
    ]
    if not pairs:
        return None
    shallow = [pair for pair in pairs if pair[0].label in {label for _, label, _ in ROWS}]
    parts = [
        _TOLD,
        "## By people",
        "\n".join(_people([one for _, one in pairs])),
        "## Bias by decade",
        _BIAS_TOLD,
        "\n".join(_bias(shallow or pairs)),
        "## A monotone map of the answers",
        _MAP_TOLD,
        "\n".join(_mapped_at_home(pairs, root)),
        "\n".join(_mapped_abroad(pairs, root)),
        _MISSING,
    ]
    return "\n\n".join(parts) + "\n"


PAGE = Page(
    "prior", "FG-NET by odd and even people, bias, and the prior of the training", "UTKFace and FG-NET", page
)

_TOLD = (
    "Networks of 18 layers, but where 34 is said, trained on UTKFace. FG-NET's people of odd number are for "
    "development, those of even number for tests. The rows here were measured before the two were set apart: "
    "length and views of the `cpu` profile were chosen with UTKFace's test split and all of FG-NET in sight "
    "(departure 9 of the study's README). MAE and bias in years; bias is how much older than they are people "
    "are said to be. Intervals are of 95%, over seeds and people (images of UTKFace, which names nobody)."
)
_BIAS_TOLD = (
    "Years in the mean on FG-NET and, in brackets, on UTKFace's test split at the same ages. In the last row "
    "but one the brackets hold UTKFace's bias by decade at FG-NET's ages: what the ages alone would make of "
    "it. The last row is what is left, which the pictures must explain and not the ages: they are prints, "
    "old, often grey, and aligned otherwise."
)
_MAP_TOLD = (
    "Where few images of an age were trained on, answers are drawn to the frequent ones. A map that never "
    "falls (`common.metrics.recalibration`), fitted to the ages of other images, takes that back, for every "
    "loss alike. On UTKFace it is fitted to one half of the test split and asked on the other, and the other "
    "way round (halves by the hash of the name), and, where a run kept its answers on the validation split, "
    "to those."
)
_MISSING = (
    "Runs of earlier versions kept no answers on the validation split, and their weights are gone: where a "
    "column counts fewer seeds, these are left out."
)


def _people(foreign: Sequence[Answers]) -> list[str]:
    first = odd_numbers(foreign[0].subjects)
    everybody = np.ones(len(first), bool)
    names = ("All", "Odd (development)", "Even (tests)")
    masks = (everybody, first, ~first)
    header = ["Loss", *(f"{name}, {np.count_nonzero(mask)}" for name, mask in zip(names, masks, strict=True))]
    header.append("Bias of all")
    lines = []
    for one in foreign:
        errors = np.abs(one.errors)
        cells = [_interval(crossed(part_terms(errors, mask), one.subjects)) for mask in masks]
        lines.append([one.label, *cells, _interval(crossed(one.errors, one.subjects), "+.1f")])
    return markdown_table(header, lines, narrow=True)


def _bias(pairs: Sequence[tuple[Answers, Answers]]) -> list[str]:
    header = ["Age", "Images", *(foreign.label for _, foreign in pairs)]
    decades = pairs[0][1].decades
    lines = []
    for decade in np.unique(decades):
        line = [decade_name(decade), f"{np.count_nonzero(decades == decade):,}"]
        for home, foreign in pairs:
            here = foreign.errors[:, decades == decade].mean()
            there = home.errors[:, home.decades == decade]
            line.append(f"{here:+.1f} ({there.mean():+.1f})" if there.size else f"{here:+.1f}")
        lines.append(line)
    everybody, rest = ["all", f"{len(decades):,}"], ["not by age", ""]
    for home, foreign in pairs:
        alone = by_age(home, foreign)
        everybody.append(f"{foreign.errors.mean():+.1f} ({alone:+.1f})")
        rest.append(f"{foreign.errors.mean() - alone:+.1f}")
    return markdown_table(header, [*lines, everybody, rest], narrow=True)


def by_age(home: Answers, foreign: Answers) -> float:
    """Return the bias that the foreign images would have if each had that of its decade at home, in years.

    Images of decades that are not at home are left out.
    """
    means = {int(one): home.errors[:, home.decades == one].mean() for one in np.unique(home.decades)}
    return float(np.mean([means[int(one)] for one in foreign.decades if int(one) in means]))


def _mapped_at_home(pairs: Sequence[tuple[Answers, Answers]], root: Path) -> list[str]:
    header = ["UTKFace", "As it is", "Other half: gain", "Validation: gain", "Seeds"]
    lines = []
    for home, _ in pairs:
        half = _halves(home.names)
        crossed_over = np.zeros_like(home.errors)
        for part in (half, ~half):
            crossed_over[:, part] = _mapped(home, home, ~part)[:, part]
        line = [home.label, _interval(crossed(np.abs(home.errors)))]
        line.append(_interval(crossed(np.abs(home.errors) - np.abs(crossed_over)), "+.2f"))
        lines.append([*line, *_by_validation(home, root, lambda gains, _: crossed(gains))])
    return markdown_table(header, lines, narrow=True)


def _mapped_abroad(pairs: Sequence[tuple[Answers, Answers]], root: Path) -> list[str]:
    header = ["FG-NET, even people", "As it is", "Odd people: gain", "Validation: gain", "Seeds"]
    lines = []
    for _, foreign in pairs:
        first = odd_numbers(foreign.subjects)
        before, people = np.abs(foreign.errors), foreign.subjects[~first]
        gains = (before - np.abs(_mapped(foreign, foreign, first)))[:, ~first]
        line = [foreign.label, _interval(crossed(before[:, ~first], people))]
        line.append(_interval(crossed(gains, people), "+.2f"))

        def even(values: np.ndarray, one: Answers) -> Crossed:
            inside = ~odd_numbers(one.subjects)
            return crossed(values[:, inside], one.subjects[inside])

        lines.append([*line, *_by_validation(foreign, root, even)])
    return markdown_table(header, lines, narrow=True)


def _by_validation(tested: Answers, root: Path, told: Callable[[np.ndarray, Answers], Crossed]) -> list[str]:
    """Return the gain of maps fitted to the validation split, and of how many seeds."""
    gains = []
    for run, errors in zip(tested.runs, tested.errors, strict=True):
        kept = kept_answers(run, root, _VALIDATION, tested.decision)
        if kept is not None:
            mapped = monotone_map(*kept)(errors + tested.ages) - tested.ages
            gains.append(np.abs(errors) - np.abs(mapped))
    return [_interval(told(np.stack(gains), tested), "+.2f") if gains else "–", str(len(gains))]


def _mapped(tested: Answers, fitted_to: Answers, part: np.ndarray) -> np.ndarray:
    """Return the errors of all images after the map of each training, fitted to a part of them."""
    errors = []
    for own, other in zip(tested.errors, fitted_to.errors, strict=True):
        fitted = monotone_map((other + fitted_to.ages)[part], fitted_to.ages[part])
        errors.append(fitted(own + tested.ages) - tested.ages)
    return np.stack(errors)


def _halves(names: Sequence[str]) -> np.ndarray:
    return np.array([hashlib.sha256(str(name).encode()).digest()[0] % 2 == 0 for name in names])


def _interval(found: Crossed, form: str = ".2f") -> str:
    low, high = found.interval()
    return f"{found.value:{form}} [{low:{form}}, {high:{form}}]"
