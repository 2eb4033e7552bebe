"""The first page of the results: the scoreboard, a paragraph a paper, then what there is to open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TypedDict

from common.errors import UserError
from common.evidence import coverage, strict
from common.evidence.formats import GENERATED, broken, markdown_table
from common.evidence.headlines import Score

CONTENTS = "contents.json"
INDEX = "README.md"
CLAIMS = "claims.md"

_SAYS, _WHY = 22, 20
"""Characters in a line of what a paper says, and of why a verdict is what it is."""

READING = """\
Each row is a sentence of a paper, made testable. *Paper* and *here* are the same statistic: how much better
the first of two rows is, in the metric's unit, or the ratio of their errors, or the value itself; here with
its 95% interval over trainings (seeds) and people. A verdict links to the rule, the numbers and the runs
behind it. It holds for the data and the size of network that it was measured with, and for no other."""


class Entry(TypedDict):
    """A table, figure or page and the data that it shows, or a table that is absent and what it needs."""

    kind: str
    name: str
    title: str
    data: list[str]


class Runs(TypedDict):
    """How many runs there are, and the hours that they took."""

    count: int
    hours: float


class _Always(TypedDict):
    title: str
    entries: list[Entry]
    runs: Runs


class Contents(_Always, total=False):
    """What the index says of a paper; the verdicts, how many of each, where it has claims, and of what is
    asked beyond them; how many of the paper's items are in each state, where they are listed."""

    claims: dict[str, int]
    asked: dict[str, int]
    authors: str
    about: str
    scores: list[Score]
    coverage: dict[str, int]


def index_text(results_root: Path) -> str:
    """Return the page that answers whether the papers hold, out of the contents of each under `results_root`.

    Raises:
        UserError: the contents of a paper are damaged.
    """
    several = {}
    for path in sorted(Path(results_root).glob(f"*/{CONTENTS}")):
        try:
            contents = strict.build(Contents, strict.parse(path.read_text(encoding="utf-8")), "it")
            several[path.parent.name] = contents
        except (OSError, ValueError, KeyError) as error:
            raise UserError(f"{path} is damaged ({error}): delete it and run make tables.") from error
    parts = [f"<!-- {GENERATED} -->", "# Does it hold?"]
    parts += [
        f"**{score['question']}** {score['answer']}"
        for contents in several.values()
        for score in contents.get("scores", ())
        if score["question"]
    ]
    if any("coverage" in contents for contents in several.values()):
        parts.append(_covered(several))
    if any(contents.get("scores") for contents in several.values()):
        parts += ["\n".join(_scoreboard(several)), READING]
    parts += [part for folder, contents in several.items() for part in _paper(folder, contents)]
    return "\n\n".join(parts) + "\n"


def _covered(several: dict[str, Contents]) -> str:
    """Say how much of the papers is answered."""
    own = {folder: one for folder, one in several.items() if "coverage" in one}
    found = Counter[str]()
    for contents in own.values():
        found.update(contents["coverage"])
    links = ", ".join(f"[{one['authors']}]({folder}/{coverage.NAME}.md)" for folder, one in own.items())
    return (
        f"Of {found.total()} tables, figures, equations and sentences of the papers "
        f"{found[coverage.ANSWERED]} are answered, {found[coverage.NEEDS]} need a set or a machine that is "
        f"not at hand, {found[coverage.OPEN]} are open: {links}."
    )


def _scoreboard(several: dict[str, Contents]) -> list[str]:
    rows = []
    for folder, contents in several.items():
        scores = contents.get("scores", ())
        if scores:
            rows.append([f"**{contents['authors']}**", *[""] * 4])
        rows += [_row(folder, score) for score in scores]
    return markdown_table(("The paper says", "Data", "Paper", "Here [95%]", "Verdict, and why"), rows, left=2)


def _row(folder: str, score: Score) -> list[str]:
    says = broken(f"{score['says']} ({score['source']})", _SAYS)
    verdict = f"[{broken(score['verdict'], _WHY)}]({folder}/{CLAIMS})<br>{broken(score['why'], _WHY)}"
    return [says, score["on"], score["paper"].replace(", ", ",<br>"), score["here"], verdict]


def _paper(folder: str, contents: Contents) -> list[str]:
    said = [score["plainly"] for score in contents.get("scores", ()) if score["plainly"]]
    paragraph = " ".join([part for part in (contents.get("about", ""), *said) if part])
    runs = contents["runs"]
    parts = [f"## {contents['title']}", paragraph]
    lines = [
        f"- {kind.capitalize()}s: {_links(folder, contents['entries'], kind)}"
        for kind in ("table", "figure", "page")
        if any(entry["kind"] == kind for entry in contents["entries"])
    ]
    lines += [
        f"- {entry['title']}: {' '.join(entry['data']) or 'nothing was run yet'}"
        for entry in contents["entries"]
        if entry["kind"] == "absent"
    ]
    if "claims" in contents:
        lines.append(f"- [All claims and verdicts]({folder}/{CLAIMS}): {_counted(contents['claims'])}")
        if asked := contents.get("asked"):
            lines[-1] += f". Asked here: {_counted(asked)}"
    lines.append(f"- [Records]({folder}/runs): {runs['count']} runs, {runs['hours']} hours of training")
    return [part for part in (*parts, "\n".join(lines)) if part]


def _counted(verdicts: dict[str, int]) -> str:
    return "; ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))


def _links(folder: str, entries: Iterable[Entry], kind: str) -> str:
    return "; ".join(
        f"[{entry['title']}]({folder}/{entry['name']}.md)" for entry in entries if entry["kind"] == kind
    )
