"""Where a number comes from, in a box that opens beside it: its runs, its data, and the command.

What many boxes say, of a set or of a configuration, stands once in the page (`Sources.said`); a box names it
by its place there and is filled by the page's script when it is opened.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from common.evidence.explained import Command, Number, facts, record_link, seed_value
from common.evidence.page.html import esc, listed, tag
from common.evidence.settings import Observation


class Sources:
    """Makes the boxes, and counts them so that each has a name of its own.

    Args:
        command: says how runs are made again.
    """

    def __init__(self, command: Command) -> None:
        self._command = command
        self._count = 0
        self._said: dict[str, int] = {}

    def said(self) -> str:
        """Return what the boxes made so far are filled with, a JSON list of HTML, to stand in a script."""
        return json.dumps(list(self._said), ensure_ascii=False, separators=(",", ":")).replace("</", r"<\/")

    def cell(self, paper: str, number: Number) -> str:
        """Return a cell's text as a button with its box."""
        table = number.grid.table.name
        asked = [f"{paper}/{table}", number.line.label.text, number.heading.title]
        told = [(what, esc(text)) for what, text in facts(number, self._command) if what != "Again"]
        again = self._command([one.record for one in number.cell.observations])
        explain = "python -m reproductions explain " + " ".join(shlex.quote(word) for word in asked)
        return self._box(number.cell.text, [("", number.cell.observations)], told, [again], explain)

    def rows(self, text: str, rows: Sequence[tuple[str, Sequence[Observation]]]) -> str:
        """Return a text as a button whose box tells the runs of several rows, each (name, observations)."""
        again = [self._command([one.record for one in several]) for _, several in rows if several]
        return self._box(text, rows, [], list(dict.fromkeys(again)))

    def _box(
        self,
        text: str,
        rows: Sequence[tuple[str, Sequence[Observation]]],
        told: Sequence[tuple[str, str]],
        again: Sequence[str],
        explain: str = "",
    ) -> str:
        self._count += 1
        name = f"n{self._count}"
        parts = [tag("p", tag("strong", esc(text)))]
        for row, several in rows:
            runs = [
                tag("a", f"seed {one.record.seed}", href=record_link(one.record))
                + f": {esc(seed_value(one))}"
                for one in several
            ]
            parts += [tag("p", tag("code", esc(row)))] if row and runs else []
            parts += [listed(runs)] if runs else []
        if told:
            parts.append(self._filled("dl", [tag("dt", what) + tag("dd", text) for what, text in told]))
        commands = self._filled("span", [esc("\n".join(again))])
        parts += [tag("pre", commands, esc(f"\n{explain}" if explain else ""), tabindex="0")]
        box = tag("div", *parts, id=name, popover=True)
        value, _, chance = text.partition(" ")
        shown = esc(value) + (" " + tag("span", esc(chance), class_="chance") if chance else "")
        return tag("button", shown, popovertarget=name) + box

    def _filled(self, name: str, pieces: Sequence[str]) -> str:
        """Return an element that the page's script fills with pieces of HTML."""
        places = [self._said.setdefault(piece, len(self._said)) for piece in pieces]
        return tag(name, **{"data-said": " ".join(map(str, places))})
