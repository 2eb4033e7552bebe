"""The claims of the paper that stand on the scoreboard, and what is said of them in plain words."""

from __future__ import annotations

from common.evidence.claims import BOUNDED, NOT_REPRODUCED, REPRODUCED
from common.evidence.headlines import Headline

AUTHORS = "Kwak et al."
ABOUT = (
    "Kwak, Om, Han and Kim spread the target of an age over its neighbors, and report errors far below "
    "those of cross entropy on the same network."
)

HEADLINES = (
    Headline(
        "by a third, 34 layers",
        "fgnet",
        "Leaves 0.71 of the error",
        (2.78, 3.94),
        "FG-NET",
        why={NOT_REPRODUCED: "hardly less error"},
        plainly={
            NOT_REPRODUCED: "That size is not found: with the paper's deeper network at a quarter of its "
            "width {value} [{interval}] of cross entropy's error is left on {data}, where the paper's "
            "numbers leave {paper}.",
            BOUNDED: "Whether so much is gained stays open: {value} [{interval}] of cross entropy's error "
            "is left on {data}, where the paper's numbers leave {paper}.",
            REPRODUCED: "So it is here: {value} [{interval}] of cross entropy's error is left on {data}, "
            "where the paper's numbers leave {paper}.",
        },
        question="Does the neighborhood loss beat cross entropy by a third?",
    ),
    Headline(
        "beats cross entropy, 34 layers",
        "fgnet",
        "Beats cross entropy, 34 layers",
        (2.78, 3.94),
        "FG-NET",
    ),
    Headline(
        "beats cross entropy, 18 layers",
        "utkface",
        "Beats cross entropy, 18 layers",
        plainly={
            REPRODUCED: "It is better all the same: by {value} [{interval}] {unit} on {data} with the "
            "smaller network.",
            BOUNDED: "Whether it is better at all stays open: with the smaller network it gains no more "
            "than {bound} {unit} on {data}.",
            NOT_REPRODUCED: "With the smaller network it is worse: it gains {value} [{interval}] {unit} on "
            "{data}.",
        },
    ),
    Headline(
        "deeper is better",
        "fgnet",
        "34 layers beat 18",
        (2.78, 3.25),
        "FG-NET",
        plainly={
            REPRODUCED: "The deeper network is better by {value} [{interval}] {unit} on {data}.",
            BOUNDED: "The deeper network gains no more than {bound} {unit} on {data}, where it gains "
            "{paper} in the paper.",
            NOT_REPRODUCED: "The deeper network is not better: it gains {value} [{interval}] {unit} on "
            "{data}.",
        },
    ),
    Headline(
        "beats an ordinal loss",
        "fgnet",
        "Beats an ordinal loss",
        why={NOT_REPRODUCED: "OR-CNN does better"},
        plainly={
            NOT_REPRODUCED: "An ordinal loss under the same recipe does better: against it the gain is "
            "{value} [{interval}] {unit} on {data}.",
            BOUNDED: "Against an ordinal loss under the same recipe it gains no more than {bound} {unit} on "
            "{data}.",
            REPRODUCED: "It beats an ordinal loss under the same recipe by {value} [{interval}] {unit} on "
            "{data}.",
        },
    ),
)
