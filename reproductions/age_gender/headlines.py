"""The claims of the paper that stand on the scoreboard, and what is said of them in plain words."""

from __future__ import annotations

from common.evidence.claims import BOUNDED, NOT_REPRODUCED, REPRODUCED, TRIVIAL
from common.evidence.headlines import Headline

AUTHORS = "Kang et al."
ABOUT = (
    "Kang, Jiang and Li classify genders and four intervals of age with one small network, alone and "
    "together; their text says both that training together is better and that it is worse."
)

HEADLINES = (
    Headline(
        "gender 85%, Age and gender together",
        "utkface",
        "Gender: over 85%",
        (85.0,),
        "IMDB-WIKI",
        plainly={
            REPRODUCED: "Gender is right in {value} [{interval}] {unit} of the pictures, above the paper's "
            "{paper}.",
            BOUNDED: "Gender is right in {value} [{interval}] {unit} of the pictures, which does not tell "
            "it from the paper's {paper}.",
            NOT_REPRODUCED: "Gender is right in {value} [{interval}] {unit} of the pictures only, below the "
            "paper's {paper}.",
            TRIVIAL: "Gender is right in {value} {unit} of the pictures, but one answer for everybody "
            "reaches the paper's {paper} as well.",
        },
    ),
    Headline(
        "age 50%, Age and gender together",
        "utkface",
        "Age interval: over 50%",
        (50.0,),
        "IMDB-WIKI",
        plainly={
            TRIVIAL: "The interval of age is right in {value} [{interval}] {unit}, but the paper's {paper} "
            "prove nothing: one answer for everybody reaches them on this set.",
            REPRODUCED: "The interval of age is right in {value} [{interval}] {unit}, above the paper's "
            "{paper}.",
            BOUNDED: "The interval of age is right in {value} [{interval}] {unit}, which does not tell it "
            "from the paper's {paper}.",
            NOT_REPRODUCED: "The interval of age is right in {value} [{interval}] {unit} only, below the "
            "paper's {paper}.",
        },
    ),
    Headline(
        "joint is better, age",
        "utkface",
        "Joint training helps age",
        question="Is training for age and gender together better than training for each alone?",
        plainly={
            REPRODUCED: "Training together helps age, by {value} [{interval}] {unit}.",
            BOUNDED: "Training together moves age by {value} [{interval}] {unit}, no more than chance does.",
            NOT_REPRODUCED: "Training together harms age: {value} [{interval}] {unit}.",
        },
    ),
    Headline("joint is better, gender", "utkface", "Joint training helps gender"),
    Headline(
        "more data is better, age",
        "utkface",
        "More data helps age",
        plainly={
            REPRODUCED: "Five times the pictures help age by {value} [{interval}] {unit}.",
            BOUNDED: "Five times the pictures come to {value} [{interval}] {unit} of age, which does not "
            "decide by the plan for so few seeds.",
            NOT_REPRODUCED: "Five times the pictures do not help age: {value} [{interval}] {unit}.",
        },
    ),
)
