"""Headlines: which of a paper's claims stand on the scoreboard, and what is said of them in plain words.

A study says each sentence for every verdict that may come; which one is printed is the records' to decide,
and so is every number in it. A verdict for which nothing was written stops the rendering.
"""

from __future__ import annotations

import statistics
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from common.errors import UserError
from common.evidence.claims import (
    BOUNDED,
    LEVEL,
    MINIMUM_SEEDS,
    NOT_REPRODUCED,
    NOT_TESTED,
    REPRODUCED,
    TRIVIAL,
    Claim,
    Verdict,
)
from common.evidence.settings import Setting
from common.metrics import metric
from common.metrics.crossed import Crossed

WORDS = 5
"""Words that tell why, at most."""

_WHY = {
    REPRODUCED: "beyond chance",
    NOT_REPRODUCED: "the opposite, beyond chance",
    TRIVIAL: "one constant answer suffices",
}
_ANSWERS = {
    REPRODUCED: "Yes",
    NOT_REPRODUCED: "No",
    BOUNDED: "Not shown",
    TRIVIAL: "Yes, but so does a constant answer",
    NOT_TESTED: "Not tested yet",
}
_PLACES = {"data", "first", "second", "value", "interval", "bound", "unit", "paper"}


@dataclass(frozen=True)
class Headline:
    """A claim that stands on the scoreboard, on one test set.

    Attributes:
        claim: its name.
        column: key of the test set; where it was not run, generated faces stand in and are named.
        says: the paper's sentence in a few words ("Beats cross entropy").
        paper: the paper's own numbers, of the claim's first row and, if it has one, of its second; None where
            it prints none.
        on: what the paper measured them on ("FG-NET").
        why: verdict -> why, in five words at most, where more can be said than that chance allows it or not.
        plainly: verdict -> a sentence of the paragraph about the paper; numbers are named, not written:
            {value} [{interval}] is the statistic, {bound} what lies beyond it can be ruled out, {first} and
            {second} the means of the rows, {paper} the paper's statistic, {data}, {unit}. Without any the
            claim is left out of the paragraph.
        question: what the claim answers, where it is answered in a line of its own.

    Raises:
        ValueError: a reason is too long, or a number is written by hand.
    """

    claim: str
    column: str
    says: str
    paper: tuple[float, ...] | None = None
    on: str = ""
    why: Mapping[str, str] = field(default_factory=dict)
    plainly: Mapping[str, str] = field(default_factory=dict)
    question: str = ""

    def __post_init__(self) -> None:
        for reason in self.why.values():
            if len(reason.split()) > WORDS:
                raise ValueError(f"{self.claim}: {reason!r} has more than {WORDS} words")
        for text in (*self.why.values(), *self.plainly.values(), self.question):
            check_plain(text)
        used = {
            name
            for text in self.plainly.values()
            for _, name, _, _ in string.Formatter().parse(text)
            if name is not None
        }
        if used - _PLACES:
            raise ValueError(f"{self.claim}: nothing is called {', '.join(sorted(used - _PLACES))}")
        if bool(self.paper) != bool(self.on):
            raise ValueError(f"{self.claim}: the paper's numbers need the data that they are of")


class Score(TypedDict):
    """A row of the scoreboard, ready to be printed."""

    claim: str
    says: str
    source: str
    paper: str
    on: str
    here: str
    verdict: str
    why: str
    question: str
    answer: str
    plainly: str


def check_plain(text: str) -> None:
    """Raise ValueError if a number is written by hand in a text in plain words."""
    if any(character.isdigit() for character in text):
        raise ValueError(f"{text!r} holds a number: numbers come from records")


def scoreboard(
    headlines: Sequence[Headline], claims: Sequence[Claim], verdicts: Sequence[Verdict]
) -> list[Score]:
    """Return the rows of the scoreboard that a paper has.

    Args:
        headlines: in the order of the rows.
        claims, verdicts: all of the paper.

    Raises:
        UserError: a headline is of no claim, or has no sentence for the verdict that the records give.
    """
    by_name = {claim.name: claim for claim in claims}
    rows = []
    for headline in headlines:
        if headline.claim not in by_name or headline.column not in by_name[headline.claim].columns:
            raise UserError(
                f"a headline names the claim {headline.claim!r} on {headline.column!r}, which is not there: "
                "change the headline or write the claim."
            )
        rows.append(_score(headline, by_name[headline.claim], chosen(headline, verdicts)))
    return rows


def chosen(headline: Headline, verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the verdict that a headline shows: of the largest profile; None where nothing was run."""
    own = [(one, one.setting) for one in verdicts if one.claim.name == headline.claim and one.setting]
    there = [one for one, setting in own if setting.column == headline.column]
    stand_ins = [one for one, setting in own if setting.test.stand_in]
    return next(iter([*there, *stand_ins]), None)


def paper_statistic(claim: Claim, paper: Sequence[float]) -> float:
    """Return of the paper's numbers what the claim asks of ours: a gain, a ratio (of errors) or a value.

    Example:
        >>> claim = Claim("halves", "It halves the error.", "3", "new", "old", ("fgnet",), ratio=0.5)
        >>> round(paper_statistic(claim, (2.78, 3.94)), 2)
        0.71
    """
    if claim.bound is not None:
        return paper[0]
    ours, theirs = paper
    if claim.of_errors:
        ours, theirs = metric(claim.metric).highest - ours, metric(claim.metric).highest - theirs
    if claim.ratio is not None:
        return ours / theirs
    return theirs - ours if claim.falling else ours - theirs


def _score(headline: Headline, claim: Claim, verdict: Verdict | None) -> Score:
    word = verdict.verdict if verdict else NOT_TESTED
    names = _names(headline, claim, verdict)
    here = f"{names['value']} [{names['interval']}]" if verdict and verdict.found else "–"
    elsewhere = headline.paper is not None and headline.on != names["data"]
    answer = ""
    if headline.question:
        what = "" if claim.statistic == "value" else f"{claim.statistic} "
        unit = f" {names['unit']}" if names["unit"] else ""
        parts = [f"{what}{here}{unit} on {names['data']}"] if here != "–" else []
        parts += [f"{names['paper']} in the paper"] if headline.paper else []
        words = f"{_ANSWERS[word]}, {verdict.words}" if verdict and word == BOUNDED else _ANSWERS[word]
        answer = f"{words}: {'; '.join(parts)}." if parts else f"{words}."
    return {
        "claim": claim.name,
        "says": headline.says,
        "source": claim.source.partition(";")[0],
        "paper": f"{names['paper']}, {headline.on}" if elsewhere else names["paper"],
        "on": names["data"],
        "here": here,
        "verdict": verdict.words if verdict else NOT_TESTED,
        "why": _why(headline, verdict),
        "question": headline.question,
        "answer": answer,
        "plainly": _plainly(headline, word, names),
    }


def _why(headline: Headline, verdict: Verdict | None) -> str:
    if verdict is None:
        return "not run here"
    if verdict.verdict in headline.why:
        return headline.why[verdict.verdict]
    found = verdict.found
    if verdict.verdict == NOT_TESTED:
        return f"{found.seeds} of {MINIMUM_SEEDS} seeds" if found else "one row not run"
    if verdict.verdict == BOUNDED and verdict.setting and found:
        return f"{found.seeds} seeds, {found.units:,} {_units(verdict.setting, found)}"
    return _WHY[verdict.verdict]


def _units(setting: Setting, found: Crossed) -> str:
    named = setting.test.subjects
    if named is None:
        return "images"
    return "people" if named >= found.units else "folds"


def _plainly(headline: Headline, word: str, names: Mapping[str, str]) -> str:
    if not headline.plainly or word == NOT_TESTED:
        return ""
    if word not in headline.plainly:
        raise UserError(
            f"the records now say {word!r} of the claim {headline.claim!r} on {headline.column}, and its "
            "headline has no sentence for that: write one beside the others."
        )
    return headline.plainly[word].format_map(names)


def _names(headline: Headline, claim: Claim, verdict: Verdict | None) -> dict[str, str]:
    """Return what stands for the names in a sentence."""
    names = dict.fromkeys(_PLACES, "–")
    names["unit"] = _unit(claim)
    if headline.paper is not None:
        names["paper"] = claim.format(paper_statistic(claim, headline.paper))
    if verdict is None or verdict.setting is None:
        return names
    names["data"] = verdict.setting.test.title
    for name, several in (("first", verdict.better), ("second", verdict.worse)):
        if several:
            mean = statistics.fmean(one.measurement.value for one in several)
            names[name] = metric(claim.metric).format(mean)
    if verdict.found is not None:
        low, high = map(claim.format, verdict.found.interval(LEVEL))
        end = verdict.found.most(LEVEL) if claim.rising else verdict.found.least(LEVEL)
        names |= {
            "value": claim.format(verdict.found.value),
            "interval": f"{low}, {high}",
            "bound": claim.format(end),
        }
    return names


def _unit(claim: Claim) -> str:
    """Return the statistic's unit in a sentence: differences of percentages are points."""
    unit = metric(claim.metric).unit
    if claim.ratio is not None:
        return ""
    return ("%" if claim.bound is not None else "points") if unit.startswith("%") else unit
