"""What the paper claims, made testable."""

from __future__ import annotations

from collections.abc import Sequence

from common.evidence.claims import Claim
from reproductions.shared.recognition.evaluation import DECISION

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
    )
