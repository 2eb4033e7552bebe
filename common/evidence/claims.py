"""Claims: sentences of a paper made testable, and the verdict of the records on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from common.evidence.contributions import StoredPredictions, alike
from common.evidence.intervals import together
from common.evidence.records import Record
from common.evidence.settings import Observation, Observations, Setting, observe
from common.metrics import metric
from common.metrics.crossed import Crossed, crossed

REPRODUCED = "reproduced"
NOT_REPRODUCED = "not reproduced"
BOUNDED = "undecided, bounded"
TRIVIAL = "met by a constant answer"
NOT_TESTED = "not tested"
ASKED_HERE = "asked here"
MINIMUM_SEEDS = 3
LEVEL = 0.95

Terms = NDArray[np.float64]
"""(n, N) what each image contributes in each run."""

LOOKS = {3: 0.04, 5: 0.01, 8: 0.008, 10: 0.006}
"""Seeds at which a claim is looked at, and the probability of a wrong decision spent there."""


@dataclass(frozen=True)
class Claim:
    """A sentence of the paper made testable.

    Attributes:
        name: short and unique ("halves").
        sentence: what is claimed, in words.
        source: where in the paper ("5.4.1, Table 2"); it begins with `ASKED_HERE` where no sentence of the
            paper says so.
        better, worse: experiments; the claim says that the first beats the second.
        columns: keys of the test sets to try it on.
        metric, decision: what is compared.
        margin: the gain demanded, in the metric's unit; 0 for "better".
        ratio: better / worse demanded instead, at most (at least, where higher is better): 0.5 for "halves".
        bound: the value that the first row itself must reach; `worse` is None then, and only then.
        same_training: False where what the claim is about is the training data.
        of_errors: the ratio is of what is missing to the metric's highest value: of errors, not of hits.
        constant: experiment that gives one answer to all: a bound that it meets too proves nothing.
        between: experiments from the second row to the first, in order, where the claim is that each step is
            better: the gain is then that of a step, by least squares.
        worse_decision: of the second row, where it is not the first one's.
        elsewhere: (profile, where): under that profile too few seeds are planned, and it is asked there.
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
    of_errors: bool = False
    constant: str | None = None
    between: tuple[str, ...] = ()
    worse_decision: str | None = None
    elsewhere: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        if (self.worse is None) != (self.bound is not None):
            raise ValueError(f"{self.name}: a claim has either a second row or a bound")
        if self.between and (self.worse is None or self.ratio is not None):
            raise ValueError(f"{self.name}: steps are of a gain between two rows")

    @property
    def of_paper(self) -> bool:
        """Whether a sentence of the paper says so."""
        return not self.source.startswith(ASKED_HERE)

    @property
    def falling(self) -> bool:
        """Whether what is compared is better the lower it is."""
        return self.of_errors or metric(self.metric).lower_is_better

    @property
    def rising(self) -> bool:
        """Whether the statistic speaks for the claim the higher it is: a gain does, a ratio of errors not."""
        return (self.ratio is None and self.bound is None) or not self.falling

    @property
    def demanded(self) -> float:
        """The number that the statistic must lie beyond."""
        if self.bound is not None:
            return self.bound
        return self.margin if self.ratio is None else self.ratio

    @property
    def statistic(self) -> str:
        """What a demand is of: "gain", "gain a step", "ratio", "ratio of errors" or "value"."""
        if self.bound is not None:
            return "value"
        if self.between:
            return "gain a step"
        return "gain" if self.ratio is None else f"ratio{' of errors' if self.of_errors else ''}"

    def format(self, value: float) -> str:
        """Print the statistic."""
        return metric(self.metric).format(value) if self.ratio is None else f"{value:z.2f}"

    @property
    def demand(self) -> str:
        """What the statistic must be, in words: "gain over 0.00", "ratio at most 0.50", "at least 85.00"."""
        number = self.format(self.demanded)
        if self.statistic.startswith("gain"):
            return f"{self.statistic} over {number}"
        beyond = f"{'at least' if self.rising else 'at most'} {number}"
        return beyond if self.bound is not None else f"{self.statistic} {beyond}"


@dataclass(frozen=True)
class Verdict:
    """What the records say of a claim in one setting.

    Attributes:
        claim: the claim.
        setting: on which data, or None where neither row was run.
        verdict: one of the five words.
        better, worse: the observations that are compared, paired by seed.
        between: those of the claim's steps between them.
        found: the mean gain (or ratio, or value) and its chance, None where it cannot be told.
        corrected: whether a decision stands beside all those of the paper (Benjamini and Hochberg).
    """

    claim: Claim
    setting: Setting | None
    verdict: str
    better: tuple[Observation, ...] = ()
    worse: tuple[Observation, ...] = ()
    found: Crossed | None = None
    corrected: bool = True
    between: tuple[tuple[Observation, ...], ...] = ()

    @property
    def words(self) -> str:
        """The verdict for readers: where nothing is decided, how much can be ruled out."""
        if self.verdict == BOUNDED and self.found is not None:
            return self._bound(self.found)
        return self.verdict if self.corrected else f"{self.verdict}, but not beside all claims"

    def _bound(self, found: Crossed) -> str:
        rising, demanded = self.claim.rising, self.claim.demanded
        low, high = found.interval(LEVEL)
        if low > demanded if rising else high < demanded:
            return "leans for it"
        end = found.most(LEVEL) if rising else found.least(LEVEL)
        if rising and end < 0 and self.claim.bound is None and self.claim.ratio is None:
            return "leans against it"
        what = f"no {self.claim.statistic}" if self.claim.bound is None else "not"
        return f"{what} {'above' if rising else 'below'} {self.claim.format(end)}"


def judge(claim: Claim, records: Sequence[Record], stored: StoredPredictions) -> tuple[Verdict, ...]:
    """Return the verdicts of a claim, one a setting (and pair of configurations); the page tells the rule.

    A claim that is asked elsewhere, and that no other profile has runs for, has none.

    Args:
        claim: what is asked.
        records: of the paper.
        stored: the predictions beside them.
    """
    if claim.elsewhere is not None:
        records = [one for one in records if one.profile != claim.elsewhere[0]]
    verdicts = []
    for column in claim.columns:
        better = _observed(claim, records, claim.better, column)
        if claim.worse is None:
            constant = _observed(claim, records, claim.constant, column) if claim.constant else {}
            verdicts += [
                _alone(claim, setting, several, _values_on(setting, constant), stored)
                for setting, variants in better.items()
                for several in variants.values()
            ]
            continue
        worse = _observed(claim, records, claim.worse, column, claim.worse_decision)
        between = [_observed(claim, records, name, column) for name in claim.between]
        for setting in sorted(set(better) | set(worse), key=lambda one: one.order):
            verdicts += [
                _compare(claim, setting, ours, theirs, _steps(setting, between), stored)
                for ours in list(better.get(setting, {}).values()) or [()]
                for theirs in list(worse.get(setting, {}).values()) or [()]
            ]
    if not verdicts and claim.elsewhere is None:
        verdicts.append(Verdict(claim, None, NOT_TESTED))
    return tuple(verdicts)


def judge_all(
    claims: Sequence[Claim], records: Sequence[Record], stored: StoredPredictions
) -> tuple[Verdict, ...]:
    """Return the verdicts of all claims of a paper, each decision marked that falls beside so many."""
    verdicts = [verdict for claim in claims for verdict in judge(claim, records, stored)]
    chances = {
        place: one.found.p_value(one.claim.demanded)
        for place, one in enumerate(verdicts)
        if one.found is not None and one.verdict in (REPRODUCED, NOT_REPRODUCED, BOUNDED)
    }
    if not chances:
        return tuple(verdicts)
    for place, chance in zip(chances, stats.false_discovery_control([*chances.values()]), strict=True):
        if verdicts[place].verdict != BOUNDED:
            verdicts[place] = replace(verdicts[place], corrected=bool(chance <= 1 - LEVEL))
    return tuple(verdicts)


def spent(seeds: int) -> float:
    """Return the probability of a wrong decision allowed with so many seeds, see `LOOKS`."""
    return LOOKS[max(look for look in LOOKS if look <= seeds)]


def _observed(
    claim: Claim, records: Sequence[Record], experiment: str, column: str, decision: str | None = None
) -> Observations:
    return observe(records, experiment, column, claim.metric, decision or claim.decision, claim.same_training)


def _steps(setting: Setting, between: Sequence[Observations]) -> list[tuple[Observation, ...]]:
    """Return the observations of each step, of several configurations those with most seeds."""
    return [max(one.get(setting, {}).values(), key=len, default=()) for one in between]


def _values_on(setting: Setting, observed: Observations) -> list[float]:
    """Return what was measured on the test images of a setting, whatever was trained on."""
    return [
        one.measurement.value
        for other, variants in observed.items()
        if (other.test.identity, other.profile) == (setting.test.identity, setting.profile)
        for several in variants.values()
        for one in several
    ]


def _alone(
    claim: Claim,
    setting: Setting,
    several: tuple[Observation, ...],
    constant: Sequence[float],
    stored: StoredPredictions,
) -> Verdict:
    """Return the verdict of a claim that its row reaches a value."""
    found = together(several, stored)
    verdict = Verdict(claim, setting, _decide(claim, found), several, (), found)
    if any(value >= claim.demanded if claim.rising else value <= claim.demanded for value in constant):
        return replace(verdict, verdict=TRIVIAL)
    return verdict


def _compare(
    claim: Claim,
    setting: Setting,
    better: tuple[Observation, ...],
    worse: tuple[Observation, ...],
    between: Sequence[tuple[Observation, ...]],
    stored: StoredPredictions,
) -> Verdict:
    rows = (worse, *between, better)
    seeds = set.intersection(*({one.record.seed for one in row} for row in rows))
    worse, *steps, better = (tuple(one for one in row if one.record.seed in seeds) or row for row in rows)
    verdict = Verdict(claim, setting, NOT_TESTED, better, worse, between=tuple(steps))
    if not seeds:
        return verdict
    terms = [stored.contributions(one) for row in (worse, *steps, better) for one in row]
    if not alike(terms):
        return verdict
    values = np.stack([one.values for one in terms]).reshape(len(rows), len(seeds), -1)
    gains = _gains(claim, values)
    found = None if gains is None else crossed(gains, terms[0].subjects)
    return replace(verdict, verdict=_decide(claim, found), found=found)


def _gains(claim: Claim, rows: Terms) -> Terms | None:
    """Return what each image adds to the gain or, to first order, to the ratio of the two means, (n, N).

    Args:
        claim: that is judged.
        rows: (K, n, N) from the second row to the first.
    """
    if claim.of_errors:
        rows = metric(claim.metric).highest - rows
    if claim.ratio is None:
        # The slope of a line by least squares; of two rows the difference.
        places = np.arange(len(rows)) - (len(rows) - 1) / 2
        slope: Terms = np.tensordot(places / np.square(places).sum(), rows, axes=1)
        return -slope if claim.falling else slope
    theirs: Terms = rows[0]
    ours: Terms = rows[1]
    below = float(theirs.mean())
    if below == 0:
        # Nothing is a multiple of zero.
        return None
    ratio = float(ours.mean() / below)
    terms: Terms = ratio + (ours - ratio * theirs) / below
    return terms


def _decide(claim: Claim, found: Crossed | None) -> str:
    if found is None or found.seeds < MINIMUM_SEEDS:
        return NOT_TESTED
    if found.p_value(claim.demanded) > spent(found.seeds):
        return BOUNDED
    return REPRODUCED if (found.value > claim.demanded) == claim.rising else NOT_REPRODUCED
