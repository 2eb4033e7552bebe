"""The page of claims: the verdicts, how they are reached, and the runs behind them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from common.evidence.claims import LEVEL, LOOKS, MINIMUM_SEEDS, TRIVIAL, Claim, Verdict
from common.evidence.formats import GENERATED, describe, link_runs, markdown_table, text_table
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
- **{TRIVIAL}**: one answer given to everybody reaches the value too, which then proves nothing.
- **not tested**: there are fewer than {MINIMUM_SEEDS} pairs of runs, or no predictions are stored. The
  interval of one pair counts the people alone.

A claim may be looked at again with more seeds; chances of a wrong decision are spent by plan: {_SPENT} seeds.
Decisions that do not stand beside the others of this page (Benjamini and Hochberg, {1 - LEVEL:.0%}) say so.
A verdict holds for the data and the profile it names and for no other."""

ALONE = """\
A claim that one row reaches a value has no second row: in place of a gain stands the mean value itself, with
its interval over seeds and people."""

STEPS = """\
A claim about a series of rows is asked of all of them at once: its statistic is the gain of a step, the slope
of a line through the rows by least squares."""


def claims_markdown(claims: Sequence[Claim], verdicts: Sequence[Verdict]) -> str:
    """Return the page of claims: verdicts with their data and intervals, the rule, and the runs."""
    names = name_settings(v.setting for v in verdicts if v.setting)
    sentences = "\n".join(f"- **{c.name}** ({c.source}): {c.sentence} {_rows(c)}" for c in claims)
    table = markdown_table(_HEADER, [_row(verdict, names) for verdict in verdicts], left=3)
    used = sorted({v.setting for v in verdicts if v.setting}, key=lambda s: (s.column, s.order))
    parts = [f"<!-- {GENERATED} -->", "# Claims and verdicts", sentences, "\n".join(table)]
    parts += ["## How a verdict is reached", RULE]
    parts += [ALONE] if any(claim.worse is None for claim in claims) else []
    parts += [STEPS] if any(claim.between for claim in claims) else []
    if used:
        parts += ["## What the data are", "\n".join(f"- **{names[s]}**: {describe(s)}" for s in used)]
        parts += ["## Runs behind the verdicts", "\n".join(_traces(verdicts, names))]
    return "\n\n".join(parts) + "\n"


def claims_text(verdicts: Sequence[Verdict]) -> str:
    """Return the verdicts for a terminal: those on which anything was run, each with its gain."""
    names = name_settings(v.setting for v in verdicts if v.setting)
    rows = [_row(verdict, names) for verdict in verdicts if verdict.better or verdict.worse]
    if not rows:
        return "No claim of the paper can be looked at: nothing was run of it yet.\n"
    columns = [(_HEADER[place], [row[place] for row in rows]) for place in (0, 1, 6)]
    return "\n".join(text_table(columns)) + "\n"


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
        return [claim.name, verdict.words, "–", "–", "–", "–", "–", claim.demand]
    means = [
        metric(claim.metric).format(statistics.fmean(one.measurement.value for one in several))
        if several
        else "–"
        for several in (verdict.better, verdict.worse)
    ]
    chance, interval = "–", "–"
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
