"""What the paper claims, made testable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from common.evidence.claims import Claim
from reproductions.jmcnn.bands import HEAD, PROBES
from reproductions.jmcnn.experiments import (
    FILMS_JMCNN,
    FILMS_TUNED,
    HALF_BASE,
    HALF_SWEEP,
    HALF_TUNED,
    PLAIN_BASE,
)
from reproductions.shared.recognition.evaluation import DECISION
from reproductions.shared.recognition.probing import BAND_COLUMN

_CLAIMS = (
    (
        "fine-tuning helps",
        "The baseline fine-tuned on faces across age identifies more probes than before (91.96% to 97.23%).",
        "3.2, Table 1",
        "cnn-fine-tuned",
        "cnn-base",
    ),
    (
        "JMCNN beats the fine-tuned baseline",
        "The age head and the regulariser identify more probes than the same fine-tuning without them "
        "(97.23% to 98.36%).",
        "3.2, Table 1",
        "jmcnn-0.1",
        "cnn-fine-tuned",
    ),
    (
        "0.1 beats 0",
        "The regulariser itself helps: λ = 0.1 identifies more probes than λ = 0.",
        "3.2, Fig. 4",
        "jmcnn-0.1",
        "jmcnn-0",
    ),
    (
        "0.1 beats 1",
        "Too large a λ harms: λ = 0.1 identifies more probes than λ = 1.",
        "3.2, Fig. 4",
        "jmcnn-0.1",
        "jmcnn-1",
    ),
)

_SIZES = (
    (
        "fine-tuning spares two thirds of the errors",
        "Fine-tuning leaves 0.345 of the baseline's errors (8.04% to 2.77%).",
        "3.2, Table 1",
        "cnn-fine-tuned",
        "cnn-base",
        (100 - 97.23) / (100 - 91.96),
    ),
    (
        "JMCNN spares two fifths of the errors",
        "The age head and the regulariser leave 0.592 of the tuned baseline's errors (2.77% to 1.64%).",
        "3.2, Table 1",
        "jmcnn-0.1",
        "cnn-fine-tuned",
        (100 - 98.36) / (100 - 97.23),
    ),
)

_SERIES = (
    "better and better up to 0.1",
    "Each larger λ identifies more probes than the one before: 0, 0.001, 0.01, 0.1.",
    "3.2, Fig. 4",
    "jmcnn-0.1",
    "jmcnn-0",
)
_STEPS = ("jmcnn-0.001", "jmcnn-0.01")

_ON_PERIODS = (
    "JMCNN retrieves better than the fine-tuned baseline, by mean average precision.",
    "3.2, Fig. 5",
    "jmcnn-0.1",
    "cnn-fine-tuned",
)


_FULL = {
    "cnn-base": PLAIN_BASE.name,
    "cnn-fine-tuned": FILMS_TUNED.name,
    "jmcnn-0.1": FILMS_JMCNN.name,
}
"""The same systems with the paper's loss, stage 2 on films."""

_HALF = {
    "cnn-base": HALF_BASE.name,
    "cnn-fine-tuned": HALF_TUNED.name,
    **{f"jmcnn-{one.weight:g}": one.name for one in HALF_SWEEP},
}
"""And these with two more weights, at half the side."""

_ELSEWHERE = ("cpu", "at half the side, where there is time for three seeds")

_AGES = (
    "the regulariser helps to tell ages",
    "The tasks help each other: with the regulariser the age head tells more bands rightly than without it.",
    "abstract and 1",
    "jmcnn-0.1",
    "jmcnn-0",
    HEAD,
)
_FORGETS = (
    "the regulariser takes age from F4",
    "Identity features lose age: a linear probe reads less of it from F4 with the regulariser than without.",
    "2.1, Eq. 3",
    "jmcnn-0",
    "jmcnn-0.1",
    PROBES["F4"],
)


def claims_on(searches: Sequence[str], periods: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims.

    Args:
        searches: columns of the rank-1 searches to try them on.
        periods: columns of the mean average precisions by period.
    """
    asked = tuple(_asked(tuple(searches), tuple(periods)))
    bands = {"metric": "balanced accuracy"}
    told = (Claim(*one, (BAND_COLUMN,), decision=decision, **bands) for *one, decision in (_AGES, _FORGETS))
    films = (*asked, *told)
    return (
        *asked,
        *_of(films, _FULL, ", films", _ELSEWHERE),
        *_of(films, _HALF, ", films at half the side"),
    )


def _asked(searches: tuple[str, ...], periods: tuple[str, ...]) -> Iterator[Claim]:
    """Yield what is asked of the systems by search and by retrieval."""

    def ranked(*words: str, **demands: Any) -> Claim:
        # What fine-tuning does is a matter of the training data; the others ask of the same.
        same = words[-1] != "cnn-base"
        return Claim(*words, searches, metric="rank-1", decision=DECISION, same_training=same, **demands)

    yield from (ranked(*one) for one in _CLAIMS)
    yield ranked(*_SERIES, between=_STEPS)
    yield from (ranked(*one, ratio=ratio, of_errors=True) for *one, ratio in _SIZES)
    yield Claim("JMCNN retrieves better", *_ON_PERIODS, periods, metric="MAP", decision=DECISION)


def _of(
    claims: Sequence[Claim], rows: Mapping[str, str], where: str, elsewhere: tuple[str, str] | None = None
) -> Iterator[Claim]:
    """Yield those claims again of which other rows know all.

    Args:
        claims: about the rows that `rows` replaces.
        rows: the experiment in the place of each.
        where: ends the claims' names.
        elsewhere: see `Claim`.
    """
    for one in claims:
        named = (one.better, one.worse or "", *one.between)
        if set(named) <= set(rows):
            better, worse, *between = (rows[name] for name in named)
            yield replace(
                one,
                name=f"{one.name}{where}",
                better=better,
                worse=worse,
                between=tuple(between),
                elsewhere=elsewhere,
            )
