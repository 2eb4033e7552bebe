"""The claims of the paper that stand on the scoreboard, and what is said of them in plain words."""

from __future__ import annotations

from common.evidence.claims import BOUNDED, NOT_REPRODUCED, REPRODUCED
from common.evidence.headlines import Headline

AUTHORS = "Huang et al."
ABOUT = (
    "Huang, Zhang and Shan take age out of a network's features of identity, and use both to show a face at "
    "another age. Their supplement prints no number of either, so that the question is whether each part "
    "helps, asked of small networks that see small faces."
)

_SEARCH = "fgnet-one-out"

HEADLINES = (
    Headline(
        "the system helps, at half the side",
        _SEARCH,
        "The whole system beats CosFace",
        plainly={
            REPRODUCED: "The whole system recognises better across age than CosFace alone, by {value} "
            "[{interval}] {unit} on {data}.",
            BOUNDED: "The whole system gains no more than {bound} {unit} over CosFace alone on {data} "
            "({value} [{interval}]).",
            NOT_REPRODUCED: "The whole system recognises worse across age than CosFace alone: it gains "
            "{value} [{interval}] {unit} on {data}.",
        },
    ),
    Headline(
        "decomposition helps, at half the side",
        _SEARCH,
        "Decomposition with age head helps",
        plainly={
            REPRODUCED: "Of its parts, the decomposition with the age head helps, by {value} [{interval}] "
            "{unit}.",
            BOUNDED: "Of its parts, the decomposition with the age head gains no more than {bound} {unit}.",
            NOT_REPRODUCED: "Of its parts, the decomposition with the age head harms: {value} [{interval}] "
            "{unit}.",
        },
    ),
    Headline(
        "reversal helps, at half the side",
        _SEARCH,
        "The reversed head helps",
        plainly={
            REPRODUCED: "The reversed head on top helps, by {value} [{interval}] {unit}.",
            BOUNDED: "The reversed head on top comes to {value} [{interval}] {unit}, which decides nothing.",
            NOT_REPRODUCED: "The reversed head on top harms: {value} [{interval}] {unit}.",
        },
    ),
    Headline(
        "the reversed head takes age from x_id",
        "fgnet-groups",
        "The reversed head takes age from x_id",
        plainly={
            REPRODUCED: "A probe reads {value} [{interval}] {unit} less of age from what it leaves.",
            BOUNDED: "What it is to do to the features is not seen: a probe reads no more than {bound} "
            "{unit} less of age from them ({value} [{interval}]).",
            NOT_REPRODUCED: "It does not do to the features what it is to: a probe reads no less of age from "
            "them ({value} [{interval}] {unit}).",
        },
    ),
    Headline(
        "keeps identity better than IPCGAN, at half the side",
        "fgnet",
        "Synthesis keeps the person better than IPCGAN",
        plainly={
            REPRODUCED: "Its synthesis, at half the side, keeps the person better than IPCGAN, by {value} "
            "[{interval}] of the judge's cosine.",
            BOUNDED: "Its synthesis, at half the side, gains no more than {bound} of the judge's cosine over "
            "IPCGAN.",
            NOT_REPRODUCED: "Its synthesis, at half the side, keeps the person worse than IPCGAN: it gains "
            "{value} [{interval}] of the judge's cosine.",
        },
    ),
)
