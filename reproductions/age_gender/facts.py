"""What the paper says that counting answers: features, parameters, sizes, curves, and itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import stats

from common.evidence import records as stored
from common.evidence.counts import stored_counts
from common.evidence.fact_verdicts import (
    CONTRADICTION,
    FAILS,
    HOLDS,
    NOTED,
    UNDECIDED,
)
from common.evidence.facts import Fact, decided, facts_page
from common.evidence.records import Record
from common.metrics.trainings import mean_of_trainings
from reproductions.age_gender import ages, curves, networks_page
from reproductions.age_gender.contradictions import CONTRADICTIONS
from reproductions.age_gender.experiments import (
    AGE,
    BALANCED,
    CONSTANT,
    GENDER,
    GENDER_SMALL,
    JOINT,
    LENET_SMALL,
)
from reproductions.age_gender.labels import AGE_INTERVALS

WINDOW = 24
"""Side of the window of Viola and Jones, in pixels."""

SHAPES = ((2, 1), (1, 2), (3, 1), (1, 3), (2, 2))
"""Cells across and down of their five types of feature."""

NEAR = 0.95
"""Share of its last validation accuracy from which on a training counts as converged."""

SAVED = 0.1
"""Share of the parameters whose saving counts as good."""

_HERE = "`reproductions.age_gender.facts.{}`"


def haar_features(side: int = WINDOW) -> int:
    """Return how many features of the five types fit into a square window.

    A feature of a x b cells has cells of any whole width and height, at any place.

    Args:
        side: of the window in pixels.

    Example:
        >>> haar_features(24)
        162336
    """
    return sum(
        (side - across * width + 1) * (side - down * height + 1)
        for across, down in SHAPES
        for width in range(1, side // across + 1)
        for height in range(1, side // down + 1)
    )


def convolved(side: int, kernel: int, stride: int, padding: int) -> int:
    """Return the side of a convolution's output, in pixels.

    Example:
        >>> convolved(128, 7, 2, 2)
        63
    """
    return (side + 2 * padding - kernel) // stride + 1


def epochs_to(curve: Sequence[float], share: float = NEAR) -> int:
    """Return after how many epochs a curve is first at a share of its last value.

    Example:
        >>> epochs_to([0.2, 0.5, 0.58, 0.6])
        3
    """
    return next(epoch for epoch, value in enumerate(curve, start=1) if value >= share * curve[-1])


def facts(folder: Path) -> tuple[Fact, ...]:
    """Return the facts in the order of the paper.

    Args:
        folder: results of the paper; without records those that need none.
    """
    runs = stored.load(folder.parent, folder.name)
    found = [*_detection(), *_networks(folder), *_layers()]
    found += _over_fitted(runs, GENDER_SMALL.name, "gender", "IV.B", "the model over-fitted obviously")
    found += _over_fitted(runs, LENET_SMALL.name, "age", "IV.C", "this model also overfitted")
    found += [*_base_line(runs), *_convergence(runs), *_balance(runs, folder), *CONTRADICTIONS]
    return tuple(found)


PAGE = facts_page(facts)


def _detection() -> list[Fact]:
    count = haar_features()
    return [
        Fact(
            "III.A",
            "AdaBoost is used for choosing optimal Haar-like features out of 160,000",
            f"{count:,} features of the five types fit into a window of {WINDOW}x{WINDOW} pixels: 160,000 is "
            "that, rounded.",
            _HERE.format("haar_features"),
            HOLDS if round(count, -4) == 160_000 else FAILS,
        ),
        Fact(
            "III.A, Eq. 2 and 3",
            "The training of a weak and a strong classifier by AdaBoost",
            "Nothing is trained here, nor does the paper say that it trained any: detection uses OpenCV's "
            "cascade, whose features, stages and thresholds Figures 1 to 3 read off its file.",
            "`common.faces.haar_cascade.read_cascade`",
            NOTED,
        ),
    ]


def _networks(folder: Path) -> list[Fact]:
    found = networks_page.stored(folder)
    if found is None:
        return []
    networks = {one["name"]: one for one in found["networks"]}
    lenet, whole = (
        {layer["name"]: layer for layer in networks[name]["layers"]} for name in ("lenet", "lenet-whole")
    )
    side = int(lenet["C1"]["output"].split("x")[0])
    links = lenet["C1"]["parameters"] * side * side
    printed = (156, 2_398_656, 12, 416)
    built = (lenet["C1"]["parameters"], links, lenet["S2"]["parameters"], lenet["C3"]["parameters"])
    how = f"`make networks-age-gender`, {networks_page.FILE}"
    apart, joint, code = (
        sum(networks[name]["parameters"] for name in names)
        for names in (("age", "gender"), ("joint",), ("joint-code",))
    )
    return [
        Fact(
            "III.B.2",
            "the first layer has 156 parameters and 2398656 links, the second 12, the third 416 parameters",
            f"Built: {built[0]:,} parameters, and each at {side}x{side} places makes {links:,} links; "
            f"{built[2]:,}; {built[3]:,}. The third has 416 only if each of its 16 filters sees one map, the "
            f"sum of the six: with a filter for each pair of maps it has {whole['C3']['parameters']:,}.",
            how,
            HOLDS if built == printed else FAILS,
        ),
        Fact(
            "III.C",
            "the convolutional layers could be shared, which is a good way to reduce parameters",
            f"Two networks of one task have {apart:,} parameters, the joint one {joint:,}: sharing the "
            f"convolutions saves {100 * (1 - joint / apart):.1f}%, for nearly all parameters are in FC6, of "
            f"which each task has its own. The authors' code shares FC6 too: {code:,}, "
            f"{100 * (1 - code / apart):.1f}% saved.",
            how,
            HOLDS if 1 - joint / apart >= SAVED else FAILS,
        ),
    ]


def _layers() -> list[Fact]:
    sizes = [convolved(*one, stride=2, padding=2) for one in ((128, 7), (32, 5), (16, 3))]
    printed = [64, 32, 16]
    return [
        Fact(
            "III.C",
            "Conv1, Conv2 and Conv3 have stride 2 and padding 2, and outputs of 64, 32 and 16 pixels",
            f"With stride 2 and padding 2 inputs of 128, 32 and 16 pixels give {_listed(sizes)}. The printed "
            "sizes hold with strides of 2, 1 and 1 and a padding that keeps the size, as in the code.",
            _HERE.format("convolved"),
            HOLDS if sizes == printed else CONTRADICTION,
        )
    ]


def _over_fitted(runs: Sequence[Record], name: str, task: str, source: str, sentence: str) -> list[Fact]:
    several = curves.runs_shown(runs, {name: name}).get(name, [])
    if len(several) < 2:
        return []
    trained, validated = (
        [100 * run.history[f"{part}{task}_accuracy"][-1] for run in several] for part in ("", "val_")
    )
    best = [100 * max(run.history[f"val_{task}_accuracy"]) for run in several]
    gap = mean_of_trainings(np.subtract(trained, validated))
    fallen = mean_of_trainings(np.subtract(best, validated))
    data = several[0].trained_on[0]
    return [
        Fact(
            source,
            sentence,
            f"Trained on {data.name} ({data.images:,} images), {len(several)} seeds: {task} is right in "
            f"{_listed(trained, '.1f')}% of the training images as they are augmented and in "
            f"{_listed(validated, '.1f')}% of the validation images: {_told(gap)} points apart. The "
            f"validation accuracy ends {fallen.value:.1f} points below its highest.",
            f"`reproductions.age_gender.facts`, the histories of {_runs(several)}",
            decided(gap.low, gap.high),
        )
    ]


def _base_line(runs: Sequence[Record]) -> list[Fact]:
    found = {
        item.decision: item
        for run in runs
        if run.experiment == CONSTANT.name
        for item in run.measurements
        if item.metric == "accuracy" and item.column in ("utkface", "wiki-text", "synthetic")
    }
    if set(found) != {"age", "gender"}:
        return []
    age, gender = found["age"], found["gender"]
    return [
        Fact(
            "IV.E",
            "the accuracy of age is really bad. And the base line is about 50%.",
            f"The most frequent answer to all is right in {age.value:.1f}% by age and {gender.value:.1f}% by "
            f'gender ({age.data.name}). So the paper\'s own 40% for age alone, and its "over 50%" for both '
            "together, are no better than an answer that looks at no face, if its set is divided alike.",
            f"the row `{CONSTANT.name}` of results.md",
            HOLDS if all(abs(one.value - 50) < 5 for one in (age, gender)) else FAILS,
        )
    ]


def _convergence(runs: Sequence[Record]) -> list[Fact]:
    rows = curves.runs_shown(runs, {JOINT.name: "", AGE.name: "", GENDER.name: ""})
    if len(rows) < 3 or min(map(len, rows.values())) < 2:
        return []
    parts, differences = [], []
    for task, alone in (("age", AGE.name), ("gender", GENDER.name)):
        together, apart = (
            {run.seed: epochs_to(run.history[f"val_{task}_accuracy"]) for run in rows[name]}
            for name in (JOINT.name, alone)
        )
        seeds = sorted(set(together) & set(apart))
        longer = mean_of_trainings([together[seed] - apart[seed] for seed in seeds])
        parts.append(
            f"{task}: {_listed([together[s] for s in seeds])} together, {_listed([apart[s] for s in seeds])} "
            f"alone, {_told(longer)} longer"
        )
        differences.append(longer)
    verdicts = {decided(one.low, one.high) for one in differences}
    return [
        Fact(
            "VI",
            "the converging time takes longer because of the unbalanced converge time of different task",
            f"Epochs until the validation accuracy is first at {NEAR:.0%} of its last value, by seed. "
            f"{'; '.join(parts)}.",
            _HERE.format("epochs_to"),
            verdicts.pop() if len(verdicts) == 1 else UNDECIDED,
        )
    ]


def _balance(runs: Sequence[Record], folder: Path) -> list[Fact]:
    counts = stored_counts(folder, ages.COUNTS, ages.Counts, "run make fig11-age-gender")
    several = curves.runs_shown(runs, {AGE.name: ""}).get(AGE.name, [])
    shares = counts["intervals"] if counts else ()
    accuracies = (
        [_mean(several, f"{counts['of']['dataset']}-{label}") for label in AGE_INTERVALS] if counts else []
    )
    if not several or None in accuracies:
        return []
    told = "; ".join(
        f"{label}: {100 * count / sum(shares):.0f}% of the training images, {accuracy:.1f}% right"
        for label, count, accuracy in zip(AGE_INTERVALS, shares, accuracies, strict=True)
    )
    alike = stats.spearmanr(shares, accuracies).statistic
    return [
        Fact(
            "VII",
            "As for the low accuracy of age, I think it is mainly based on unbalanced distribution of age",
            f"{told}. Rank correlation of the two {alike:.1f} over four intervals, which is no proof of a "
            f"cause. {_evened_out(runs, counts['of']['dataset'])}",
            "groups.md, ablations.md and data/ages",
            UNDECIDED,
        )
    ]


def _evened_out(runs: Sequence[Record], dataset: str) -> str:
    """Return what a training on evened out intervals comes to, beside the same on all images."""
    rows = [curves.runs_shown(runs, {one.name: ""}).get(one.name, []) for one in (BALANCED, JOINT)]
    if not all(rows):
        return "A training with balanced ages was not run."
    told = [
        f"{_mean(several, dataset, 'balanced accuracy'):.1f}% of an interval in the mean and "
        f"{_mean(several, dataset):.1f}% of all images"
        for several in rows
    ]
    seeds = f"{len(rows[0])} seed{'s' * (len(rows[0]) > 1)}"
    return f"With the intervals evened out ({seeds}) {told[0]} are right, else {told[1]}."


def _mean(several: Sequence[Record], column: str, metric: str = "accuracy") -> float | None:
    """Return the mean of a measurement of age over runs; None where no run has it."""
    values = [
        item.value
        for run in several
        for item in run.measurements
        if (item.column, item.metric, item.decision) == (column, metric, "age")
    ]
    return float(np.mean(values)) if values else None


def _listed(values: Sequence[float], form: str = "d") -> str:
    return ", ".join(format(value, form) for value in values)


def _told(mean) -> str:
    return f"{mean.value:.1f} [{mean.low:.1f}, {mean.high:.1f}]"


def _runs(several: Sequence[Record]) -> str:
    return ", ".join(f"[{run.seed}](runs/{run.run}.json)" for run in several)
