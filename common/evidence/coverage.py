"""What a paper holds, item by item, and where each is answered: read off what is rendered of it.

An item is a table, a figure, an equation or a sentence of the paper. It names the pages, rows, claims and
facts that answer it; whether they stand is not written down but looked up when the page is made, so that a
run that is lost opens its item again and a run that is made closes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from common.evidence.answers import Answer, Found, Standing
from common.evidence.formats import broken, markdown_table

NAME = "coverage"
TITLE = "What the paper holds, and where it is answered"
ABOUT = "every table, figure, equation and sentence of the paper"

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
