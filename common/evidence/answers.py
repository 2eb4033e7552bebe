"""What can answer an item of a paper, and whether it stands: claims, rows, facts, pages, files.

See `common.evidence.coverage`, whose page says so of every item.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from common.evidence.claims import BOUNDED, MINIMUM_SEEDS, NOT_TESTED, Verdict
from common.evidence.fact_verdicts import CONTRADICTION, NOTED, UNDECIDED

CLAIMS, FACTS = "claims", "facts"
"""The pages of these, without their ending."""


@dataclass(frozen=True)
class Standing:
    """What stands of a paper.

    Attributes:
        texts: its rendered pages by file name ("table1.md").
        verdicts: of its claims.
        seeds: how many seeds were run of each experiment.
    """

    texts: Mapping[str, str]
    verdicts: Sequence[Verdict]
    seeds: Mapping[str, int]


@dataclass(frozen=True)
class Found:
    """One line of where an item is answered.

    Attributes:
        label, target: of the link; the target is None where there is nothing to open.
        words: what stands behind the label.
        lacking: what it still takes, in words; empty where it answers.
        decided: whether the verdict is one way or the other; None of what bears no verdict.
    """

    label: str
    target: str | None
    words: str = ""
    lacking: str = ""
    decided: bool | None = None


class Answer(Protocol):
    """Something that answers an item where it stands."""

    def find(self, standing: Standing) -> Iterator[Found]:
        """Yield what is found, a line each."""
        ...


@dataclass(frozen=True)
class Claimed:
    """Claims; one of them with a verdict answers.

    Attributes:
        names: of the claims, as in the paper's tables.
    """

    names: tuple[str, ...]

    def find(self, standing: Standing) -> Iterator[Found]:
        own = {name: [one for one in standing.verdicts if one.claim.name == name] for name in self.names}
        verdicts = [one for several in own.values() for one in several if one.verdict != NOT_TESTED]
        decided = any(one.verdict != BOUNDED and one.corrected for one in verdicts)
        seeds = max((_seeds(one) for several in own.values() for one in several), default=0)
        for name, several in own.items():
            words = _told(several) if several else NOT_TESTED
            target = _anchor(standing, CLAIMS, name[:1].upper() + name[1:])
            lacking = "" if verdicts and target else f"{seeds} of {MINIMUM_SEEDS} seeds"
            yield Found("claim", target, words, lacking, decided)


@dataclass(frozen=True)
class Ran:
    """Rows of a table; so many runs of each answer.

    Attributes:
        page: that holds the table, without its ending.
        experiments: the rows' experiments.
        demanded: seeds of each, from 1 on; a sentence that compares rows takes `MINIMUM_SEEDS`.
    """

    page: str
    experiments: tuple[str, ...]
    demanded: int = 1

    def find(self, standing: Standing) -> Iterator[Found]:
        seeds = [standing.seeds.get(name, 0) for name in self.experiments]
        short = [
            f"{name} by {self.demanded - count} more"
            for name, count in zip(self.experiments, seeds, strict=True)
            if count < self.demanded
        ]
        target = _page(standing, self.page)
        counts = [count for count in sorted({*seeds}) if count]
        words = "no run" if not counts else f"{'-'.join(map(str, counts[:: max(len(counts) - 1, 1)]))} seed"
        lacking = ", ".join(short) or ("" if target else f"{self.page}.md")
        yield Found(self.page, target, words + "s" * bool(counts and counts[-1] > 1), lacking)


@dataclass(frozen=True)
class Counted:
    """A fact.

    Attributes:
        quoted: words of its sentence that no other fact has.
    """

    quoted: str

    def find(self, standing: Standing) -> Iterator[Found]:
        """Yield the fact.

        Raises:
            ValueError: several facts have these words.
        """
        parts = standing.texts.get(f"{FACTS}.md", "").split("\n## ")[1:]
        own = [part for part in parts if any(self.quoted in line for line in _quotes(part))]
        if len(own) > 1:
            raise ValueError(f"several facts have the words {self.quoted!r}")
        if not own:
            yield Found("fact", None, "not counted", f"a fact on {self.quoted!r}")
            return
        heading = own[0].split("\n")[0]
        verdict = heading.rpartition(": ")[2]
        decided = None if verdict in (NOTED, CONTRADICTION) else verdict != UNDECIDED
        label = f"fact {heading.split('.')[0]}"
        yield Found(label, f"{FACTS}.md#{slug(heading)}", verdict, decided=decided)


@dataclass(frozen=True)
class Shown:
    """A page or a figure.

    Attributes:
        page: its name without the ending.
        words: what it shows, where its name does not tell.
    """

    page: str
    words: str = ""

    def find(self, standing: Standing) -> Iterator[Found]:
        target = _page(standing, self.page)
        yield Found(self.page, target, self.words, "" if target else f"{self.page}.md")


@dataclass(frozen=True)
class Elsewhere:
    """A file outside the paper's results: a test, or the page of a reproduction.

    Attributes:
        label: of the link.
        target: as seen from the paper's results.
        words: what stands there, where the label does not tell.
    """

    label: str
    target: str
    words: str = ""

    def find(self, standing: Standing) -> Iterator[Found]:
        yield Found(self.label, self.target, self.words)


def departure(number: int, words: str, reproduction: str, label: str = "departure {}") -> Elsewhere:
    """Return a numbered departure from the paper, as its reproduction's page lists them.

    Args:
        number: of it.
        words: what it is.
        reproduction: folder of the page, as seen from `reproductions` ("mtlface/synthesis").
        label: of the link, with a place for the number.
    """
    page = f"../../reproductions/{reproduction}/README.md#departures-from-the-paper"
    return Elsewhere(label.format(number), page, words)


def slug(heading: str) -> str:
    """Return the anchor that a Markdown heading has on a page.

    Example:
        >>> slug("0.1 beats 0, films")
        '01-beats-0-films'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _told(verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts in few words: one as it reads, several by kind."""
    if len({one.words for one in verdicts}) == 1:
        return verdicts[0].words
    kinds = Counter(UNDECIDED if one.verdict == BOUNDED else one.words for one in verdicts)
    return ", ".join(f"{words} ({count})" for words, count in kinds.most_common())


def _seeds(verdict: Verdict) -> int:
    return 0 if verdict.found is None else verdict.found.seeds


def _quotes(part: str) -> Iterator[str]:
    return (line for line in part.split("\n") if line.startswith("> "))


def _page(standing: Standing, page: str) -> str | None:
    return f"{page}.md" if f"{page}.md" in standing.texts else None


def _anchor(standing: Standing, page: str, heading: str) -> str | None:
    lines = standing.texts.get(f"{page}.md", "").splitlines()
    return f"{page}.md#{slug(heading)}" if f"## {heading}" in lines else None
