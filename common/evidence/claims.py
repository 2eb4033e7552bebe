"""Claims: sentences of a paper made testable, and the verdict of the records on each."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from common.evidence.formats import GENERATED, describe, link_runs, markdown_table
from common.evidence.records import Record
from common.evidence.settings import (
    Observation,
    Setting,
    Variant,
    differences,
    name_settings,
    observe,
    variant_of,
)
from common.metrics import metric

REPRODUCED = "reproduced"
NOT_REPRODUCED = "not reproduced"
INCONCLUSIVE = "inconclusive"
NOT_TESTED = "not tested"
MINIMUM_SEEDS = 3
LEVEL = 0.95

_HEADER = ("Claim", "Verdict", "Data", "First row", "Second row", "Seeds", "Gain or ratio [95%]", "Demanded")

RULE = f"""\
A claim compares two rows whose runs should differ in nothing but what the claim is about; what they do differ
in stands with the runs below. The runs are paired by seed on the same test images. From the pairs a
{LEVEL:.0%} Student t interval is made of the mean gain (how much better the first row is, in the metric's
unit) or, where the claim is about a factor, of the mean ratio of the first row's value to the second's.

- **{REPRODUCED}**: the whole interval lies on the claim's side of what the claim demands.
- **{NOT_REPRODUCED}**: the whole interval lies on the other side.
- **{INCONCLUSIVE}**: what the claim demands lies within the interval, or all pairs gain exactly the same, as
  happens where a few probes decide, and leave no interval.
- **{NOT_TESTED}**: there are fewer than {MINIMUM_SEEDS} pairs.

The interval covers the chance in the training (initial weights, order of the data, augmentation), not the
choice of the test images, for which each number has an interval of its own in its record. Intervals are not
widened for the number of claims. A verdict holds for the data and the profile it names and for no other."""

ALONE = """\
A claim that one row reaches a value has no second row: in place of a gain stands the mean value itself, with
its interval over the seeds."""


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper made testable.

    Attributes:
        name: short and unique ("halves").
        sentence: what is claimed, in words.
        source: where in the paper ("5.4.1, Table 2").
        better, worse: experiments; the claim says that the first beats the second.
        columns: keys of the test sets to try it on.
        metric, decision: what is compared.
        margin: the gain demanded, in the metric's unit; 0 for "better".
        ratio: better / worse demanded instead, at most (at least, where higher is better): 0.5 for "halves".
        bound: the value that the first row itself must reach; `worse` is None then, and only then.
        same_training: False where what the claim is about is the training data.
    """

    name: str
    sentence: str
    source: str
    better: str
    worse: str | None
    columns: tuple[str, ...]
    metric: str = "MAE"
    decision: str = "expectation"
    margin: float = 0.0
    ratio: float | None = None
    same_training: bool = True
    bound: float | None = None

    def __post_init__(self) -> None:
        if (self.worse is None) != (self.bound is not None):
            raise ValueError(f"{self.name}: a claim has either a second row or a bound")

    @property
    def demand(self) -> str:
        """What the statistic must be, in words: "gain over 0.00", "ratio at most 0.50", "at least 85.00"."""
        known = metric(self.metric)
        if self.bound is not None:
            return f"{'at most' if known.lower_is_better else 'at least'} {known.format(self.bound)}"
        if self.ratio is None:
            return f"gain over {known.format(self.margin)}"
        return f"ratio {'at most' if known.lower_is_better else 'at least'} {self.ratio:.2f}"


@dataclass(frozen=True)
class Verdict:
    """What the records say of a claim in one setting.

    Attributes:
        claim: the claim.
        setting: on which data, or None where neither row was run.
        verdict: one of the four words.
        better, worse: the paired observations, by seed.
        statistic, low, high: mean gain (or ratio, or value) and its interval, None where not tested.
    """

    claim: Claim
    setting: Setting | None
    verdict: str
    better: tuple[Observation, ...] = ()
    worse: tuple[Observation, ...] = ()
    statistic: float | None = None
    low: float | None = None
    high: float | None = None


def judge(claim: Claim, records: Sequence[Record]) -> tuple[Verdict, ...]:
    """Return the verdicts of a claim, one a setting (and pair of configurations), by the rule in `RULE`."""
    verdicts = []
    for column in claim.columns:
        if claim.worse is None:
            verdicts += _alone(claim, records, column)
            continue
        better, worse = (
            observe(records, row, column, claim.metric, claim.decision, claim.same_training)
            for row in (claim.better, claim.worse)
        )
        for setting in sorted(set(better) | set(worse), key=lambda one: one.order):
            verdicts += [
                _compare(claim, setting, ours, theirs)
                for ours in _variants(better.get(setting, {}))
                for theirs in _variants(worse.get(setting, {}))
            ]
    return tuple(verdicts) or (Verdict(claim, None, NOT_TESTED),)


def t_interval(values: Sequence[float], level: float = LEVEL) -> tuple[float, float, float]:
    """Return mean, low and high of the Student t interval of a mean; needs two values."""
    mean = statistics.fmean(values)
    error = statistics.stdev(values) / math.sqrt(len(values))
    half = float(stats.t.ppf((1 + level) / 2, len(values) - 1)) * error
    return mean, mean - half, mean + half


def claims_markdown(claims: Sequence[Claim], records: Sequence[Record]) -> str:
    """Return the page of claims: verdicts with their data and intervals, the rule, and the runs."""
    verdicts = [verdict for claim in claims for verdict in judge(claim, records)]
    names = name_settings(v.setting for v in verdicts if v.setting)
    sentences = "\n".join(f"- **{c.name}** ({c.source}): {c.sentence} {_rows(c)}" for c in claims)
    table = markdown_table(_HEADER, [_row(verdict, names) for verdict in verdicts], left=3)
    used = sorted({v.setting for v in verdicts if v.setting}, key=lambda s: (s.column, s.order))
    parts = [f"<!-- {GENERATED} -->", "# Claims and verdicts", sentences, "\n".join(table)]
    parts += ["## How a verdict is reached", RULE]
    parts += [ALONE] if any(claim.worse is None for claim in claims) else []
    if used:
        parts += ["## What the data are", "\n".join(f"- **{names[s]}**: {describe(s)}" for s in used)]
        parts += ["## Runs behind the verdicts", "\n".join(_traces(verdicts, names))]
    return "\n\n".join(parts) + "\n"


def _alone(claim: Claim, records: Sequence[Record], column: str) -> list[Verdict]:
    """Return the verdicts of a claim that its row reaches a value."""
    found = observe(records, claim.better, column, claim.metric, claim.decision, claim.same_training)
    verdicts = []
    for setting in sorted(found, key=lambda one: one.order):
        for several in found[setting].values():
            values = [one.measurement.value for one in several]
            if len(values) < MINIMUM_SEEDS:
                verdicts.append(Verdict(claim, setting, NOT_TESTED, several))
            else:
                rising = not metric(claim.metric).lower_is_better
                decided = _decide(values, claim.bound, rising)
                verdicts.append(Verdict(claim, setting, decided[0], several, (), *decided[1:]))
    return verdicts


def _decide(values: Sequence[float], demanded: float, rising: bool) -> tuple[str, float, float, float]:
    """Return verdict, mean and interval of the values against what is demanded of them."""
    mean, low, high = t_interval(values)
    verdict = REPRODUCED if (low > demanded) == rising else NOT_REPRODUCED
    # Equal gains of all seeds, as of a few probes, say nothing of how far chance moves them.
    if low <= demanded <= high or math.isclose(low, high, rel_tol=1e-9):
        verdict = INCONCLUSIVE
    return verdict, mean, low, high


def _variants(found: dict[Variant, tuple[Observation, ...]]) -> list[tuple[Observation, ...]]:
    return list(found.values()) or [()]


def _compare(
    claim: Claim, setting: Setting, better: tuple[Observation, ...], worse: tuple[Observation, ...]
) -> Verdict:
    seeds = {one.record.seed for one in better} & {one.record.seed for one in worse}
    better, worse = (tuple(one for one in several if one.record.seed in seeds) for several in (better, worse))
    if len(seeds) < MINIMUM_SEEDS:
        return Verdict(claim, setting, NOT_TESTED, better, worse)
    pairs = [(a.measurement.value, b.measurement.value) for a, b in zip(better, worse, strict=True)]
    lower = metric(claim.metric).lower_is_better
    if claim.ratio is None:
        values = [(b - a if lower else a - b) for a, b in pairs]
        demanded, rising = claim.margin, True
    elif any(b == 0 for _, b in pairs):
        # Nothing is a multiple of zero.
        return Verdict(claim, setting, NOT_TESTED, better, worse)
    else:
        values = [a / b for a, b in pairs]
        demanded, rising = claim.ratio, not lower
    verdict, *interval = _decide(values, demanded, rising)
    return Verdict(claim, setting, verdict, better, worse, *interval)


def _rows(claim: Claim) -> str:
    first = f"First row `{claim.better}`"
    return f"{first}." if claim.worse is None else f"{first}, second row `{claim.worse}`."


def _row(verdict: Verdict, names: dict[Setting, str]) -> list[str]:
    claim = verdict.claim
    known = metric(claim.metric)
    if verdict.setting is None:
        return [claim.name, verdict.verdict, "–", "–", "–", "0", "–", claim.demand]
    means = [
        known.format(statistics.fmean(one.measurement.value for one in several)) if several else "–"
        for several in (verdict.better, verdict.worse)
    ]
    interval = "–"
    if verdict.statistic is not None:
        form = known.format if claim.ratio is None else "{:z.2f}".format
        interval = f"{form(verdict.statistic)} [{form(verdict.low)}, {form(verdict.high)}]"
    seeds = str(len(verdict.better))
    return [claim.name, verdict.verdict, names[verdict.setting], *means, seeds, interval, claim.demand]


def _traces(verdicts: Sequence[Verdict], names: dict[Setting, str]) -> list[str]:
    traces = []
    for verdict in verdicts:
        if verdict.better:
            rows = [row for row in (verdict.better, verdict.worse) if row]
            apart = differences([variant_of(row[0].record) for row in rows])
            sides = [
                f"`{row[0].record.experiment}` ({own or 'same configuration'}) {link_runs(row)}"
                for row, own in zip(rows, apart, strict=True)
            ]
            traces.append(f"- **{verdict.claim.name}** on {names[verdict.setting]}: {'; '.join(sides)}")
    return traces
