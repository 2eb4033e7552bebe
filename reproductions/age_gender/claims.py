"""The paper's claims: which row is to do better than which, by how much, and where the paper says so."""

from __future__ import annotations

from common.evidence.claims import ASKED_HERE, Claim
from reproductions.age_gender.evaluate import LABELS
from reproductions.age_gender.experiments import (
    AGE,
    AGE_SMALL,
    CONSTANT,
    CONSTRAINED,
    GENDER_SMALL,
    JOINT,
    JOINT_SMALL,
    LENET,
    LENET_MASKED,
    LENET_SMALL,
    TEXT_WEIGHTS,
)

_TESTS = ("utkface", "wiki-text", "wiki-code", "synthetic")
"""Columns on which they are tried."""


def _claim(name: str, sentence: str, source: str, better: str, worse: str | None, task: str, **more) -> Claim:
    return Claim(name, sentence, source, better, worse, _TESTS, metric="accuracy", decision=task, **more)


CLAIMS = (
    *(
        _claim(
            f"more data is better, {network} for age alone",
            f"Trained on the large set, {network} tells ages better than trained on the small one.",
            "VI, where large models are said to gain the most",
            large.name,
            small.name,
            "age",
            same_training=False,
        )
        for network, large, small in (
            ("LeNet", LENET, LENET_SMALL),
            ("the three convolutions", AGE, AGE_SMALL),
        )
    ),
    _claim(
        "the background is why age is told badly",
        "On little data LeNet tells ages better where everything but the face is grey than with what the "
        "image holds about it.",
        "IV.C",
        LENET_MASKED.name,
        LENET_SMALL.name,
        "age",
    ),
    *(
        _claim(
            f"more data is better, {task}",
            "Trained on the large set, the joint network is right more often than on the small one.",
            "IV.D, VI",
            JOINT.name,
            JOINT_SMALL.name,
            task,
            same_training=False,
        )
        for task in LABELS
    ),
    *(
        _claim(
            f"joint is better, {task}",
            "After training jointly, the result is better than that trained separately.",
            "VI",
            JOINT.name,
            task,
            task,
        )
        for task in LABELS
    ),
    *(
        _claim(
            f"separate is better, {task}",
            "After jointly training, the result is not as good as that trained separately.",
            "IV.E",
            task,
            JOINT.name,
            task,
        )
        for task in LABELS
    ),
    *(
        _claim(
            f"p and q as printed harm, {task}",
            "With p and q trainable as Eq. 5 prints them the performance is worse than without their effect; "
            "as printed the loss falls without end, and the suite stops such runs early.",
            f"{ASKED_HERE}; VII finds the performance below expectation",
            JOINT.name,
            TEXT_WEIGHTS.name,
            task,
        )
        for task in LABELS
    ),
    *(
        _claim(
            f"restrictions on p and q help, {task}",
            "With restrictions on p and q the performance is better than as Eq. 5 prints them, whose runs "
            "are stopped early.",
            f"{ASKED_HERE}; VII proposes restrictions",
            CONSTRAINED.name,
            TEXT_WEIGHTS.name,
            task,
        )
        for task in LABELS
    ),
    *(
        _claim(
            f"{task} {bound}%, {row.label}",
            sentence,
            source,
            row.name,
            None,
            task,
            bound=float(bound),
            constant=CONSTANT.name,
        )
        for row, task, bound, source, sentence in (
            (GENDER_SMALL, "gender", 85, "IV.B", "Gender alone, on little data, reaches 85%."),
            (LENET_SMALL, "age", 40, "IV.C", "Age alone, on little data, reaches 40%."),
            (JOINT, "gender", 85, "IV.D", "Trained together, gender is right in more than 85%."),
            (JOINT, "age", 50, "IV.D", "Trained together, age is right in more than 50%."),
        )
    ),
)
