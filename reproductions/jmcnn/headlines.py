"""The claims of the paper that stand on the scoreboard, and what is said of them in plain words."""

from __future__ import annotations

from common.evidence.claims import BOUNDED, NOT_REPRODUCED, REPRODUCED
from common.evidence.headlines import Headline
from reproductions.shared.recognition.probing import BAND_COLUMN

AUTHORS = "Yu and Jing"
ABOUT = (
    "Yu and Jing train one network for identity and age at once, with a term that makes the two kinds of "
    "features unlike each other, and report that it finds more people across the years."
)

_SEARCH = "fgnet-one-out"

HEADLINES = (
    Headline(
        "fine-tuning helps",
        _SEARCH,
        "Fine-tuning across age helps",
        (97.23, 91.96),
        "MORPH",
        plainly={
            REPRODUCED: "Fine-tuning on faces across age helps: by {value} [{interval}] {unit} on {data}.",
            BOUNDED: "Fine-tuning on faces across age comes to {value} [{interval}] {unit} on {data}, which "
            "does not decide yet.",
            NOT_REPRODUCED: "Fine-tuning on faces across age does not help: it gains {value} [{interval}] "
            "{unit} on {data}.",
        },
    ),
    Headline(
        "JMCNN beats the fine-tuned baseline",
        _SEARCH,
        "JMCNN beats the tuned baseline",
        (98.36, 97.23),
        "MORPH",
        why={NOT_REPRODUCED: "the baseline does better"},
        plainly={
            REPRODUCED: "What the paper adds helps: {first} are found where the same fine-tuning without it "
            "finds {second}, a gain of {value} [{interval}] {unit}.",
            BOUNDED: "What the paper adds gains no more than {bound} {unit} over the same fine-tuning "
            "without it.",
            NOT_REPRODUCED: "What the paper adds harms where each image is looked for among all others, by "
            "networks with CosFace's margin: {first} are found where the same fine-tuning without it finds "
            "{second}, a gain of {value} [{interval}] {unit}.",
        },
        question="Does JMCNN find more people across age than the same network without its age head?",
    ),
    Headline(
        "JMCNN beats the fine-tuned baseline, films at half the side",
        _SEARCH,
        "The same by the paper's own loss",
        (98.36, 97.23),
        "MORPH",
        why={NOT_REPRODUCED: "the baseline does better"},
        plainly={
            REPRODUCED: "With the paper's own loss, tuned on films, it helps on the same search by {value} "
            "[{interval}] {unit}.",
            BOUNDED: "With the paper's own loss, tuned on films, it comes to {value} [{interval}] {unit} on "
            "the same search.",
            NOT_REPRODUCED: "With the paper's own loss, tuned on films, it harms on the same search too: "
            "{value} [{interval}] {unit}.",
        },
    ),
    Headline(
        "0.1 beats 0",
        _SEARCH,
        "The regulariser helps",
        plainly={
            REPRODUCED: "The regulariser itself helps, by {value} [{interval}] {unit}.",
            BOUNDED: "The regulariser itself comes to {value} [{interval}] {unit}.",
            NOT_REPRODUCED: "The regulariser itself harms: {value} [{interval}] {unit}.",
        },
    ),
    Headline(
        "the regulariser helps to tell ages, films at half the side",
        BAND_COLUMN,
        "... and to tell ages",
        plainly={
            REPRODUCED: "It helps to tell ages, by {value} [{interval}] {unit}.",
            BOUNDED: "To telling ages it comes to {value} [{interval}] {unit}.",
            NOT_REPRODUCED: "It harms the telling of ages: {value} [{interval}] {unit}.",
        },
    ),
)
