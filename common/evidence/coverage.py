"""What a paper holds, item by item, and where each is answered: read off what is rendered of it.

An item is a table, a figure, an equation or a sentence of the paper. It names the pages, rows, claims and
facts that answer it; whether they stand is not written down but looked up when the page is made, so that a
run that is lost opens its item again and a run that is made closes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from common.evidence.claims import BOUNDED, MINIMUM_SEEDS, NOT_TESTED, Verdict
from common.evidence.formats import broken, markdown_table

NAME = "coverage"
TITLE = "What the paper holds, and where it is answered"
ABOUT = "every table, figure, equation and sentence of the paper"
CLAIMS, FACTS = "claims", "facts"
UNDECIDED, NOTED, CONTRADICTION = "undecided", "noted", "the paper contradicts itself"
"""The words of `common.evidence.facts`, which itself needs what renders this page."""

ANSWERED = "answered"
NEEDS = "needs"
OPEN = "open"
STATES = (ANSWERED, NEEDS, OPEN)

_READING = """\
An item is *answered* where all that it names stands: a claim with a verdict from three seeds or more (be it
that they decide nothing), a run of each row, a fact that was counted, a figure, a test. What was measured on
other data or at another size than the paper's, for want of its own, says so. The rest is *open*, with the run
that it takes, or *needs* what is not at hand. All of it is looked up when this page is made."""

_PLACE, _SAYS, _WHERE, _STATE = 14, 30, 34, 13
"""Characters in a line of the four columns."""

_GLUE = "\N{NO-BREAK SPACE}"


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


@dataclass(frozen=True)
class Item:
    """A table, figure, equation or sentence of a paper.

    Attributes:
        place: in the paper ("Table 1", "3.2").
        says: in few words.
        answers: what answers it, all of it together.
        needs: what is not at hand and would answer it as printed ("MORPH"); empty where nothing is needed.
        todo: the run that it takes where it is open.
        count: of how many items this is the row.
        whole: False where its answers, though they stand, are no more than a part.

    Raises:
        ValueError: it has neither an answer nor a need nor a run to make, or counts none.
    """

    place: str
    says: str
    answers: tuple[Answer, ...] = ()
    needs: str = ""
    todo: str = ""
    count: int = 1
    whole: bool = True

    def __post_init__(self) -> None:
        if not (self.answers or self.needs or self.todo) or self.count < 1:
            raise ValueError(f"{self.place}, {self.says}: nothing is said of it")


@dataclass(frozen=True)
class Covered:
    """An item with what is found of it."""

    item: Item
    found: tuple[Found, ...]

    @property
    def state(self) -> str:
        """One of `STATES`."""
        lacks = any(one.lacking for one in self.found)
        if self.found and self.item.whole and not lacks:
            return ANSWERED
        return NEEDS if self.item.needs and not lacks else OPEN

    @property
    def undecided(self) -> bool:
        """Whether it is answered by verdicts that decide nothing."""
        decided = {one.decided for one in self.found}
        return self.state == ANSWERED and False in decided and True not in decided

    @property
    def elsewhere(self) -> bool:
        """Whether it is answered on other data, or at another size, than the paper's."""
        return self.state == ANSWERED and bool(self.item.needs)


def cover(items: Sequence[Item], standing: Standing) -> list[Covered]:
    """Return each item with what is found of it."""
    return [Covered(item, tuple(one for a in item.answers for one in a.find(standing))) for item in items]


def counts(covered: Sequence[Covered]) -> dict[str, int]:
    """Return how many items are in each state, by `STATES`; rows of several items count several."""
    return {state: sum(one.item.count for one in covered if one.state == state) for state in STATES}


def coverage_markdown(covered: Sequence[Covered]) -> str:
    """Return the page in Markdown, without its title."""
    rows = [_row(one) for one in covered]
    header = ("Place", "What it says", "Where it is answered", "State")
    return "\n\n".join([_summary(covered), _READING, "\n".join(markdown_table(header, rows, 4))]) + "\n"


def slug(heading: str) -> str:
    """Return the anchor that a Markdown heading has on a page.

    Example:
        >>> slug("0.1 beats 0, films")
        '01-beats-0-films'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _summary(covered: Sequence[Covered]) -> str:
    found = counts(covered)
    other = sum(one.item.count for one in covered if one.elsewhere)
    undecided = sum(one.item.count for one in covered if one.undecided)
    told = f"{found[ANSWERED]} answered"
    told += f" (of them {other} not by the paper's data or size, {undecided} by a verdict that is undecided)"
    needs, total = found[NEEDS], sum(found.values())
    need = "needs what is" if needs == 1 else "need what is"
    return f"**{total} items: {told}, {needs} {need} not at hand, {found[OPEN]} open.**"


def _row(one: Covered) -> list[str]:
    lines = [_linked(found) for found in one.found]
    state = one.state
    if state == OPEN:
        lacking = dict.fromkeys(found.lacking for found in one.found if found.lacking)
        lines.append(broken(f"open: {one.item.todo or '; '.join(lacking)}", _WHERE))
    elif state == NEEDS:
        lines.append(broken(one.item.todo, _WHERE))
    said = f"{state}, undecided" if one.undecided else state
    if one.item.needs and state != OPEN:
        said = f"needs {one.item.needs}" if state == NEEDS else f"{said}, but not on {one.item.needs}"
    where = ";<br>".join(line for line in lines if line)
    return [broken(one.item.place, _PLACE), broken(one.item.says, _SAYS), where, broken(said, _STATE)]


def _linked(found: Found) -> str:
    """Return a line, its link set after it is broken, for addresses have no width."""
    glued = found.label.replace(" ", _GLUE)
    text = broken(f"{glued}: {found.words}" if found.words else glued, _WHERE)
    shown = found.label if found.target is None else f"[{found.label}]({found.target})"
    return text.replace(glued, shown, 1)


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
