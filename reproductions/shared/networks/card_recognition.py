"""What the card of a network that tells people apart holds of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from common.evidence.formats import markdown_table
from common.metrics.bootstrap import bootstrap
from common.metrics.verification import fold_hits
from data_prep.datasets import get
from data_prep.datasets.utkface import groups_of
from reproductions.shared.networks.measuring import READ_BY
from reproductions.shared.networks.measuring_pairs import SEARCH, STRANGERS, VALIDATION
from reproductions.shared.networks.published import PublishedRecognition

HEADING = "whether two faces are one person's"
MISUSE = (
    "to watch people, to find out who a stranger is, to look for a suspect, to unlock anything, or on people "
    "who have not agreed. It is far weaker than what is sold, and weaker for some people than for others, as "
    "the tables say"
)

_HEADER = ("Pairs", "Right, %", "95% interval", "One person missed, %", "False matches, %", "By ten folds, %")
_GAPS = ((0, 4), (5, 9), (10, 19), (20, 99))
_FEW = 20


def introduction(published: PublishedRecognition) -> str:
    """Return what it is, in a sentence or two."""
    return (
        f"It turns an aligned face into {published.length} numbers; the cosine of two such vectors tells how "
        "alike the faces are. `make compare PHOTO=a.jpg WITH=b.jpg` compares the faces of two photographs, "
        "`make search` looks for one among many."
    )


def decision(published: PublishedRecognition) -> str:
    """Return, as lines of a list, how an answer follows from the outputs."""
    views = "each face and its mirror image" if published.input.mirrored else "each face alone"
    if len(published.input.zooms) > 1:
        views += f", enlarged by {', '.join(f'{zoom:g}' for zoom in published.input.zooms)}"
    return (
        f"- **Decision**: the vectors of {views}, summed and scaled to length one; one person from a cosine "
        f"of {published.threshold:.4f} on. That threshold lets {published.false_match_rate:.0%} of the pairs "
        f"of two people pass, of all {published.strangers:,} that can be formed of {published.people} people "
        f"({published.threshold_on}); no test set had a say in it.\n"
        f"- **Photographs**: faces that {published.detector} finds; {published.chosen_border}."
    )


def body(published: PublishedRecognition, answers: pd.DataFrame) -> Iterator[str]:
    """Yield the parts that tell of errors."""
    parts = dict(list(answers.groupby("column", sort=False)))
    pairs = {name: part for name, part in parts.items() if SEARCH not in name and STRANGERS not in name}
    yield from _pairs(published, pairs)
    aged = [(name, part) for name, part in pairs.items() if part["gap"].notna().all()]
    if aged:
        yield from _gaps(published, *aged[0])
    for name, part in parts.items():
        if SEARCH in name:
            yield from _search(name, part)
        if STRANGERS in name:
            yield from _strangers(published, name, part)


def _pairs(published: PublishedRecognition, parts: dict[str, pd.DataFrame]) -> Iterator[str]:
    yield "## How often it is right"
    yield (
        "Pairs of pictures, half of one person and half of two, decided by the threshold. *Photographs* are "
        "read as a user's are: the faces are found by the detector named, and of several the largest and "
        "most central is taken. *By ten folds* each fold is decided by the threshold that is best on the "
        "others, as is usual for such sets. Intervals are over folds."
    )
    rows = [(_title(name), *_line(published, part)) for name, part in parts.items()]
    yield "\n".join(markdown_table(("Data", *_HEADER), rows))
    missed = [
        f"{_title(name)}: {int(part['cosine'].isna().sum()):,} of {len(part):,}"
        for name, part in parts.items()
        if part["cosine"].isna().any()
    ]
    if missed:
        yield f"Pairs in which a face was not found, and which are not counted: {'; '.join(missed)}."


def _line(published: PublishedRecognition, part: pd.DataFrame) -> tuple[str, ...]:
    part = part[part["cosine"].notna()]
    same, folds = part["same"].to_numpy(bool), part["fold"].to_numpy()
    said = part["cosine"].to_numpy() >= published.threshold
    found = bootstrap(100.0 * (said == same), folds)
    by_folds = fold_hits(part["cosine"], same, folds).mean()
    return (
        f"{len(part):,}",
        f"{found.value:.1f}",
        f"{found.low:.1f} to {found.high:.1f}",
        _share(~said[same]),
        _share(said[~same]),
        f"{by_folds:.1f}",
    )


def _gaps(published: PublishedRecognition, name: str, part: pd.DataFrame) -> Iterator[str]:
    yield f"## Across age: {_title(name)}"
    ranges = [(f"{low} to {high} years apart", part["gap"].between(low, high)) for low, high in _GAPS]
    youngest = [
        (f"the younger one {low} to {low + 9}", part["age"].between(low, low + 9)) for low in range(0, 60, 10)
    ]
    rows = [(title, *_errors(published, part[inside])) for title, inside in (*ranges, *youngest)]
    header = ("The two pictures", "Pairs of one person", "Missed, %", "Pairs of two", "False matches, %")
    yield "\n".join(markdown_table(header, [row for row in rows if row[1:] != ("0", "–", "0", "–")]))


def _errors(published: PublishedRecognition, part: pd.DataFrame) -> tuple[str, ...]:
    part = part[part["cosine"].notna()]
    said, same = part["cosine"].to_numpy() >= published.threshold, part["same"].to_numpy(bool)
    return f"{same.sum():,}", _share(~said[same]), f"{(~same).sum():,}", _share(said[~same])


def _search(name: str, part: pd.DataFrame) -> Iterator[str]:
    yield f"## Each picture among all others: {_title(name)}"
    yield (
        "How often the most similar of all other pictures shows the same person (rank 1). A picture in which "
        "no face is found counts as a miss."
    )
    decades = part.groupby(part["age"] // 10)
    rows = [("all", *_hits(part))]
    rows += [(f"aged {first * 10:.0f} to {first * 10 + 9:.0f}", *_hits(inside)) for first, inside in decades]
    yield "\n".join(markdown_table(("Pictures", "Asked", "Right, %", "95% interval"), rows))


def _hits(part: pd.DataFrame) -> tuple[str, ...]:
    hits, subjects = 100.0 * part["same"].to_numpy(bool), part["name"].map(_person)
    interval = "–"
    if len(part) >= _FEW:
        found = bootstrap(hits, subjects)
        interval = f"{found.low:.1f} to {found.high:.1f}"
    return f"{len(part):,}", f"{hits.mean():.1f}", interval


def _strangers(published: PublishedRecognition, name: str, part: pd.DataFrame) -> Iterator[str]:
    yield f"## Strangers alike: {_title(name)}"
    yield (
        "Pairs of two pictures of one gender, one race as the set labels it, and one decade of age: people "
        "who look alike pass more often than any two. A few may be one person after all, for the set names "
        "nobody."
    )
    part = part[part["cosine"].notna()]
    labels = part["name"].map(groups_of)
    groups: Iterable[tuple[str, pd.Series]] = (
        ("gender", labels.str[0]),
        ("race", labels.str[1]),
        ("age", part["age"].floordiv(10).astype(int).map(lambda first: f"{10 * first} to {10 * first + 9}")),
    )
    rows = [("all", f"{len(part):,}", _share(part["cosine"] >= published.threshold))]
    for title, of_each in groups:
        order = part.groupby(of_each, sort=False)
        for label, inside in sorted(order, key=lambda one: (len(str(one[0])), str(one[0]))):
            passed = _share(inside["cosine"] >= published.threshold)
            rows.append((f"{title}: {label}", f"{len(inside):,}", passed))
    yield "\n".join(markdown_table(("Of whom", "Pairs of two", "False matches, %"), rows))


def _share(hits: np.ndarray | pd.Series) -> str:
    return f"{100 * np.mean(hits):.1f}" if len(hits) else "–"


def _person(name: str) -> str:
    """Return who is shown, by the name of one of FG-NET's files, or the folder in which others lie."""
    file = name.rpartition("/")[2]
    return file[:3] if file[:3].isdigit() else name.rpartition("/")[0]


def _title(column: str) -> str:
    name, by, detector = column.partition(READ_BY)
    what = ""
    for ending, told in _PARTS.items():
        if ending in name:
            name, what = name.partition(ending)[0], told
            break
    key = name.partition("-pairs")[0].removesuffix("-gap")
    how = f"photographs, {detector}" if by else "prepared faces"
    what = what or _WHAT.get((key, bool(by)), "")
    return ", ".join(part for part in (get(key).title, what, how) if part)


_PARTS = {
    VALIDATION: "validation people (the threshold is theirs)",
    SEARCH: "never seen",
    STRANGERS: "test split",
    "-gap": "pairs 20 years apart",
}
_WHAT = {
    ("lfw", False): "all people never seen",
    ("lfw", True): "the other people never seen",
    ("fgnet", True): "drawn pairs",
    ("cacd-vs", True): "the published pairs",
}
