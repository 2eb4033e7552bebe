"""How often a verdict is false, in simulations with the chances that the committed records show.

    python -m benchmarks.verdict_errors [--trials 2000] [--results results]

What seeds, people and single answers vary by is taken from the records of each claim with three seeds. Trials
are drawn in which the true gain is what the claim demands, and judged with 3, 5, 8 and 10 seeds. Printed are
the shares called "reproduced" + "not reproduced", the share called the former while seeds are added until
something is decided, how often three seeds find a gain of two standard errors, and how wide the interval by a
hierarchical bootstrap is beside ours.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from common.evidence import records
from common.evidence.claims import LOOKS, judge, spent
from common.evidence.contributions import StoredPredictions
from common.metrics.crossed import Crossed, bootstrap_crossed, crossed
from reproductions.shared.harness.registry import papers

PEOPLE = 200
"""People of a simulation: the variances are scaled so that their mean has the chance of the records'."""


def simulate(found: Crossed, seeds: int, gain: float, draw: np.random.Generator) -> np.ndarray:
    """Return what people add in several trainings, (seeds, PEOPLE), with the variances of `found`."""
    flip = np.sqrt(found.flip * found.seeds * PEOPLE)
    own = np.sqrt(max(found.seed - found.flip, 0) * found.seeds)
    item = np.sqrt(found.item * PEOPLE)
    values = draw.normal(0, flip, (seeds, PEOPLE)) + draw.normal(0, item, PEOPLE)
    return gain + values + draw.normal(0, own, (seeds, 1))


def decided(found: Crossed, demanded: float) -> int:
    """Return 1 for "reproduced", -1 for "not reproduced", 0 for neither, where more is better."""
    if found.p_value(demanded) > spent(found.seeds):
        return 0
    return 1 if found.value > demanded else -1


def rates(found: Crossed, seeds: int, gain: float, trials: int) -> tuple[float, float]:
    """Return the shares of trials that are called reproduced and not reproduced, in percent."""
    draw = np.random.default_rng(seeds)
    answers = [decided(crossed(simulate(found, seeds, gain, draw)), 0.0) for _ in range(trials)]
    return 100 * float(np.mean(np.array(answers) > 0)), 100 * float(np.mean(np.array(answers) < 0))


def over_all_looks(found: Crossed, trials: int) -> float:
    """Return the share of trials first decided as "reproduced" while seeds are added, in percent."""
    draw = np.random.default_rng(0)
    wrong = 0
    for _ in range(trials):
        values = simulate(found, max(LOOKS), 0.0, draw)
        answers = (decided(crossed(values[:seeds]), 0.0) for seeds in LOOKS)
        wrong += next(filter(None, answers), 0) > 0
    return 100 * wrong / trials


def bootstrap_width(found: Crossed, trials: int = 10) -> float:
    """Return the width of the interval by drawing seeds and people again, three seeds, in percent of ours."""
    draw = np.random.default_rng(1)
    shares = []
    for _ in range(trials):
        values = simulate(found, min(LOOKS), 0.0, draw)
        (low, high), (least, most) = bootstrap_crossed(values, resamples=400), crossed(values).interval()
        shares.append(100 * (high - low) / (most - least))
    return float(np.median(shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--results", type=Path, default=Path("results"))
    given = parser.parse_args()
    looks = list(LOOKS)
    print(f"{'metric':18} {'claim':52} " + " ".join(f"{f'false, {n} seeds':>15}" for n in looks), end="")
    print(f" {'any look':>9} {'power, 3 seeds':>15} {'bootstrap':>10}")
    worst: dict[str, float] = {}
    for paper in papers().values():
        report = paper.report()
        found = records.load(given.results, report.paper)
        stored = StoredPredictions(given.results)
        for claim in report.claims:
            for verdict in judge(claim, found, stored):
                chance = verdict.found
                if chance is None or chance.seeds < min(LOOKS) or claim.ratio or claim.bound:
                    continue
                false = [rates(chance, seeds, 0.0, given.trials) for seeds in looks]
                power = rates(chance, 3, 2 * chance.error, given.trials)[0]
                name = f"{claim.name}, {verdict.setting.column}"
                shown = " ".join(f"{f'{up:.1f} + {down:.1f}%':>15}" for up, down in false)
                every = over_all_looks(chance, given.trials // 2)
                print(f"{claim.metric:18} {name[:52]:52} {shown} {every:8.1f}% {power:14.0f}%", end="")
                print(f" {bootstrap_width(chance):9.0f}%", flush=True)
                worst[claim.metric] = max(worst.get(claim.metric, 0), *(up for up, _ in false))
    for metric, share in worst.items():
        print(f"{metric}: at most {share:.1f}% falsely called reproduced")


if __name__ == "__main__":
    main()
