"""The page of claims: the verdicts, how they are reached, and the runs behind them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from common.evidence.claims import LEVEL, LOOKS, MINIMUM_SEEDS, NOT_TESTED, TRIVIAL, Claim, Verdict
from common.evidence.formats import GENERATED, broken, describe, link_runs, markdown_table
from common.evidence.settings import Setting, differences, name_settings, variant_of
from common.metrics import metric

_HEADER = (
    "Claim",
    "Verdict",
    "Data",
    "First row",
    "Second row",
    "Seeds × people",
    f"Gain or ratio [{LEVEL:.0%}]",
    "Demanded",
)

_NOTHING = "–"
_DATA, _WORDS = 25, 22
"""Characters in a line of what was tested on, and of a verdict."""

_SPENT = ", ".join(f"{100 * chance:g}% at {seeds}" for seeds, chance in LOOKS.items())

RULE = f"""\
A claim compares two rows whose runs should differ in nothing but what the claim is about; what they do differ
in stands with the runs below. The runs are paired by seed on the same test images. The statistic is the mean
gain (how much better the first row is, in the metric's unit) or, where the claim is about a factor, the ratio
of the first row's mean to the second's.

Two kinds of chance move it, and its {LEVEL:.0%} interval counts both: which networks were trained (seeds)
and which people were asked (pictures, where nobody is named). From the stored predictions of every image and
seed a two-way analysis gives the variance of the mean: the larger of what the seeds show and what single
answers that flip would make of them, and that of the people. Student's t has Satterthwaite's degrees of
freedom (`common.metrics.crossed`).

- **reproduced**: the statistic lies on the claim's side of what it demands, by more than chance allows.
- **not reproduced**: it lies on the other side, by more than chance allows.
- **no gain above x** (no ratio below x, not above x): neither; with {LEVEL:.0%} confidence on one side it is
  no larger (smaller) than x.
- **leans for it**: undecided, since the plan asks for more of so few seeds, though the interval lies on the
  claim's side of what it demands; **leans against it**: undecided, though that x is below zero.
- **{TRIVIAL}**: one answer given to everybody reaches the value too, which then proves nothing.
- **not tested**: there are fewer than {MINIMUM_SEEDS} pairs of runs, or no predictions are stored. The
  interval of one pair counts the people alone.

A claim may be looked at again with more seeds; chances of a wrong decision are spent by plan: {_SPENT} seeds.
Decisions that do not stand beside the others of this page (Benjamini and Hochberg, {1 - LEVEL:.0%}) say so.
A verdict holds for the data and the profile it names and for no other. A question that no sentence of the
paper answers, but its method raises, says that it is asked here; it is counted apart."""

ALONE = """\
A claim that one row reaches a value has no second row: in place of a gain stands the mean value itself, with
its interval over seeds and people."""

STEPS = """\
A claim about a series of rows is asked of all of them at once: its statistic is the gain of a step, the slope
of a line through the rows by least squares."""


def claims_markdown(claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> str:
    """Return the page of claims: verdicts with their data and intervals, the rule, and the runs."""
    names = name_settings(v.setting for v in verdicts if v.setting)
    used = sorted({v.setting for v in verdicts if v.setting}, key=lambda s: (s.column, s.order))
    parts = [f"<!-- {GENERATED} -->", "# Claims and verdicts"]
    for claim in claims:
        own = [verdict for verdict in verdicts if verdict.claim == claim]
        if not own:
            continue
        said = f"{claim.sentence} {_rows(claim)} Demanded: {claim.demand}."
        if claim.elsewhere is not None:
            profile, where = claim.elsewhere
            said += f" Under `{profile}` it is asked {where}."
        parts += [f"## {_capital(claim.name)}", f"{said} ({claim.source})", *_table(own, names)]
    parts += ["## How a verdict is reached", RULE]
    parts += [ALONE] if any(claim.worse is None for claim in claims) else []
    parts += [STEPS] if any(claim.between for claim in claims) else []
    if used:
        parts += ["## What the data are", "\n".join(f"- **{names[s]}**: {describe(s)}" for s in used)]
        parts += ["## Runs behind the verdicts", "\n".join(_traces(verdicts, names))]
    return "\n\n".join(parts) + "\n"


def claims_text(verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts for a terminal, claim by claim: those on which anything was run, with the gains.

    Empty where nothing was run of any.
    """
    run = [one for one in verdicts if one.setting and (one.better or one.worse)]
    if not run:
        return ""
    names = name_settings(one.setting for one in run if one.setting)
    rows = [_row(one, names) for one in run]
    words, gains = (max(len(row[place]) for row in rows) for place in (1, 6))
    lines = []
    for claim in dict.fromkeys(row[0] for row in rows):
        own = [place for place, row in enumerate(rows) if row[0] == claim]
        data = _apart([run[place] for place in own], names)
        lines += ["", _capital(claim)]
        lines += [
            f"  {rows[place][1]:<{words}}   {rows[place][6]:>{gains}}   {what}"
            for place, what in zip(own, data, strict=True)
        ]
    return "\n".join(lines[1:]) + "\n"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(verdicts: Sequence[Verdict], names: dict[Setting, str]) -> list[str]:
    """Return the table of a claim's verdicts, or a word where it was tested nowhere."""
    shown = [one for one in verdicts if one.setting]
    if not shown:
        return [f"{_capital(NOT_TESTED)}: neither row was run."]
    lines = [
        [broken(data, _DATA), broken(words, _WORDS), *rest]
        for (words, _, *rest), data in zip(
            (_row(one, names)[1:7] for one in shown), _apart(shown, names), strict=True
        )
    ]
    titles = [_HEADER[place] for place in (2, 1, 3, 4, 5, 6)]
    columns = zip(titles, *lines, strict=True)
    held = [column for column in columns if any(cell != _NOTHING for cell in column[1:])]
    header, *body = (list(row) for row in zip(*held, strict=True))
    return ["\n".join(markdown_table(header, body, left=2, narrow=True))]


def _apart(verdicts: Sequence[Verdict], names: dict[Setting, str]) -> list[str]:
    """Return the data of each verdict; where several are on the same, with what sets their rows apart."""
    found = [names[one.setting] for one in verdicts if one.setting]
    for name in {one for one in found if found.count(one) > 1}:
        places = [place for place, one in enumerate(found) if one == name]
        for which, side in (("first", "better"), ("second", "worse")):
            rows = [getattr(verdicts[place], side) for place in places]
            if all(rows):
                same = verdicts[0].claim.same_training
                said = differences([variant_of(several[0].record, same) for several in rows])
                for place, one in zip(places, said, strict=True):
                    found[place] += f"; {which} row of {one}" if one else ""
    return found


def _rows(claim: Claim) -> str:
    first = f"First row `{claim.better}`"
    if claim.worse is None:
        return f"{first}."
    apart = claim.worse_decision not in (None, claim.decision)
    decided = (f" by {claim.decision}", f" by {claim.worse_decision}") if apart else ("", "")
    steps = f", steps {', '.join(f'`{name}`' for name in claim.between)}" if claim.between else ""
    return f"{first}{decided[0]}, second row `{claim.worse}`{decided[1]}{steps}."


def _row(verdict: Verdict, names: dict[Setting, str]) -> list[str]:
    claim, found = verdict.claim, verdict.found
    if verdict.setting is None:
        return [claim.name, verdict.words, *[_NOTHING] * 5, claim.demand]
    means = [
        metric(claim.metric).format(statistics.fmean(one.measurement.value for one in several))
        if several
        else _NOTHING
        for several in (verdict.better, verdict.worse)
    ]
    chance, interval = _NOTHING, _NOTHING
    if found is not None:
        chance = f"{found.seeds} × {found.units:,}"
        low, high = map(claim.format, found.interval(LEVEL))
        interval = f"{claim.format(found.value)} [{low}, {high}]"
    return [claim.name, verdict.words, names[verdict.setting], *means, chance, interval, claim.demand]


def _traces(verdicts: Sequence[Verdict], names: dict[Setting, str]) -> list[str]:
    traces = []
    for verdict in verdicts:
        if verdict.setting and verdict.better:
            rows = [row for row in (verdict.better, *verdict.between, verdict.worse) if row]
            apart = differences([variant_of(row[0].record) for row in rows])
            sides = [
                f"`{row[0].record.experiment}` ({own or 'same configuration'}) {link_runs(row)}"
                for row, own in zip(rows, apart, strict=True)
            ]
            traces.append(f"- **{verdict.claim.name}** on {names[verdict.setting]}: {'; '.join(sides)}")
    return traces
