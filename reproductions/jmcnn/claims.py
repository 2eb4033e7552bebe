"""What the paper claims, made testable."""

from __future__ import annotations

from collections.abc import Sequence

from common.evidence.claims import Claim
from reproductions.jmcnn.bands import HEAD, PROBES
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


_FILMS = {
    "cnn-base": "cnn-base-plain",
    "cnn-fine-tuned": "cnn-films",
    "jmcnn-0.1": "jmcnn-films-0.1",
    "jmcnn-0": "jmcnn-films-0",
}
"""The same systems with the paper's loss, stage 2 on films."""

_AGES = (
    "the regulariser helps to tell ages",
    "The tasks help each other: with the regulariser the age head tells more bands rightly than without it.",
    "abstract and 1",
    "jmcnn-films-0.1",
    "jmcnn-films-0",
)
_FORGETS = (
    "the regulariser takes age from F4",
    "Identity features lose age: a linear probe reads less of it from F4 with the regulariser than without.",
    "2.1, Eq. 3",
    "jmcnn-films-0",
    "jmcnn-films-0.1",
)


def _on_films(searches: Sequence[str], periods: Sequence[str]) -> tuple[Claim, ...]:
    asked = {"metric": "rank-1", "decision": DECISION}
    bands = {"columns": (BAND_COLUMN,), "metric": "balanced accuracy"}
    found = []
    for name, sentence, source, better, worse in _CLAIMS:
        if {better, worse} <= set(_FILMS):
            rows, same = (_FILMS[better], _FILMS[worse]), worse != "cnn-base"
            found.append(
                Claim(f"{name}, films", sentence, source, *rows, tuple(searches), **asked, same_training=same)
            )
    for name, sentence, source, better, worse, ratio in _SIZES:
        rows, same = (_FILMS[better], _FILMS[worse]), worse != "cnn-base"
        sized = {"ratio": ratio, "of_errors": True, "same_training": same}
        found.append(Claim(f"{name}, films", sentence, source, *rows, tuple(searches), **asked, **sized))
    sentence, source, better, worse = _ON_PERIODS
    rows = _FILMS[better], _FILMS[worse]
    retrieved = {"metric": "MAP", "decision": DECISION}
    found.append(Claim("JMCNN retrieves better, films", sentence, source, *rows, tuple(periods), **retrieved))
    found.append(Claim(*_AGES, **bands, decision=HEAD))
    found.append(Claim(*_FORGETS, **bands, decision=PROBES["F4"]))
    return tuple(found)


def claims_on(searches: Sequence[str], periods: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims.

    Args:
        searches: columns of the rank-1 searches to try them on.
        periods: columns of the mean average precisions by period.
    """
    # What fine-tuning does is a matter of the training data; the others ask of the same.
    asked = {"columns": tuple(searches), "metric": "rank-1", "decision": DECISION}
    return (
        *(Claim(*one, **asked, same_training=one[-1] != "cnn-base") for one in _CLAIMS),
        Claim(*_SERIES, **asked, between=_STEPS),
        *(
            Claim(*one, **asked, ratio=ratio, of_errors=True, same_training=one[-1] != "cnn-base")
            for *one, ratio in _SIZES
        ),
        Claim("JMCNN retrieves better", *_ON_PERIODS, tuple(periods), metric="MAP", decision=DECISION),
        *_on_films(searches, periods),
    )
