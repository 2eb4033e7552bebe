"""Sentences of a paper that are answered by counting: by its own tables, by arithmetic, by what runs left.

A claim (`common.evidence.claims`) is judged from predictions of several seeds. What else a paper says can
often be held against its own numbers, against a network as it is built, or against the histories of the
trainings. Each such fact names what was counted and by what, so that anybody counts again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.evidence.fact_verdicts import FAILS, HOLDS, UNDECIDED, VERDICTS
from common.evidence.render import Page


@dataclass(frozen=True)
class Fact:
    """A sentence and what counting says of it.

    Attributes:
        source: where in the paper ("5.4.2, Table 3").
        sentence: what it says, in its own words or in short.
        counted: what was counted, in sentences with the numbers.
        how: the function or the file that was counted with.
        verdict: one of `VERDICTS`.

    Raises:
        ValueError: the verdict is none of them.
    """

    source: str
    sentence: str
    counted: str
    how: str
    verdict: str

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}, not {self.verdict!r}")


@dataclass(frozen=True)
class FactsPage(Page):
    """A page of facts.

    Attributes:
        facts: takes the paper's results folder, returns the facts in the order of the paper.
    """

    facts: Callable[[Path], Sequence[Fact]]


def facts_page(facts: Callable[[Path], Sequence[Fact]]) -> FactsPage:
    """Return the page "facts" of a paper."""
    return FactsPage(
        "facts",
        "The paper against itself, and what can be counted",
        "the paper's text, networks and histories",
        lambda folder: facts_markdown(facts(folder)),
        facts,
    )


def decided(low: float, high: float, demanded: float = 0.0) -> str:
    """Return the verdict on "it is more than `demanded`" from the ends of an interval."""
    if low > demanded:
        return HOLDS
    return FAILS if high <= demanded else UNDECIDED


def facts_markdown(facts: Sequence[Fact]) -> str | None:
    """Return the facts in Markdown, without a title; None where there are none."""
    if not facts:
        return None
    counts = Counter(one.verdict for one in facts)
    told = ", ".join(f"{verdict}: {counts[verdict]}" for verdict in VERDICTS if counts[verdict])
    parts = [f"{len(facts)} sentences. {told[0].upper()}{told[1:]}."]
    for number, one in enumerate(facts, start=1):
        parts += [
            f"## {number}. {one.source}: {one.verdict}",
            f"> {one.sentence}",
            one.counted,
            f"Counted with {one.how}.",
        ]
    return "\n\n".join(parts) + "\n"
