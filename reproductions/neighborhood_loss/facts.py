"""What the paper says that counting answers: its tables against its sentences, targets, sizes, σ."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from common.evidence import records as stored
from common.evidence.claims import MINIMUM_SEEDS, Claim, Verdict, judge
from common.evidence.contributions import StoredPredictions
from common.evidence.fact_verdicts import (
    CONTRADICTION,
    FAILS,
    HOLDS,
    NOTED,
    UNDECIDED,
)
from common.evidence.facts import Fact, FactsPage, facts_page
from common.evidence.records import Record, predictions_of
from common.evidence.tables import Table
from data_prep.datasets.imdb_wiki import DATASET as IMDB_WIKI
from reproductions.neighborhood_loss.experiments import (
    CROSS_ENTROPY_18,
    MARGINS,
    NEIGHBORHOOD_18,
    PRINTED_OPTIMIZER,
)

_HERE = "`reproductions.neighborhood_loss.facts.{}`"
_TEXT = "the paper's text"
_TESTS = ("utkface", "fgnet", "fgnet-folds", "synthetic")
_L1 = "l1-18"


def page(table2: Table, table3: Table) -> FactsPage:
    """Return the page of facts.

    Args:
        table2, table3: with the paper's own numbers.
    """
    return facts_page(partial(facts, table2, table3))


def facts(table2: Table, table3: Table, folder: Path) -> tuple[Fact, ...]:
    """Return the facts in the order of the paper.

    Args:
        table2, table3: with the paper's own numbers.
        folder: results of the paper; without records those that need none.
    """
    runs = stored.load(folder.parent, folder.name)
    return (
        *_targets(),
        *_sizes(),
        *_regression(runs, folder.parent),
        *_images(),
        *_settings(runs, folder.parent),
        *_tables(table2, table3),
        *_TEXTS,
    )


def target_sum(age: int, sigma: float = 5.0, classes: int = 100) -> float:
    """Return what the targets of Eq. 4 sum to for an image of some age.

    Example:
        >>> round(target_sum(30), 2), round(target_sum(0), 2)
        (8.86, 4.93)
    """
    return float(np.exp(-np.square((np.arange(classes) - age) / sigma)).sum())


def _targets() -> list[Fact]:
    middle, end = target_sum(50), target_sum(0)
    return [
        Fact(
            "3, Eq. 2 and 4",
            "d is the target output of a softmax's cross entropy",
            f"The targets of Eq. 4 sum to {middle:.2f} in the middle and to {end:.2f} at age 0, where a "
            "distribution sums to 1: the loss of an infant weighs "
            f"{100 * end / middle:.0f}% of an adult's, and a fused softmax cross entropy has another "
            "gradient than Eq. 2. Both are run: the rows of normalised targets and of the fused gradient.",
            _HERE.format("target_sum"),
            NOTED,
        )
    ]


def _sizes() -> list[Fact]:
    same = (224 + 2 * 1 - 3) // 1 + 1
    return [
        Fact(
            "4.2 and Table 1",
            "we use conv 3x3 and stride = 1 in the first convolutional layer; output size of Conv1_x 112x112",
            f"From 224 px a 3x3 convolution of stride 1 gives {same} px. 112 is what the max pooling leaves, "
            "which the text counts to Conv2_x. So it is built.",
            "table1.md",
            CONTRADICTION if same != 112 else HOLDS,
        ),
        Fact(
            "Table 1",
            "two units in each stage of the 18-layer network, the second convolution of each with stride 2",
            f"If each of the eight units halved the size, 112 px would come to {112 / 2**8:.1f}. The printed "
            "sizes halve once a stage: built is stride 2 in the first unit of each.",
            "table1.md",
            CONTRADICTION,
        ),
    ]


def _regression(runs: Sequence[Record], root: Path) -> list[Fact]:
    several = [run for run in runs if run.experiment == _L1 and run.history.get("loss")]
    if not several:
        return []
    run = several[0]
    losses = run.history["loss"]
    rises = sum(after > before for before, after in itertools.pairwise(losses))
    told, trained = [], True
    for item in run.measurements:
        if (item.metric, item.decision) != ("MAE", "regression"):
            continue
        ages = predictions_of(run, root, item.column, ("age",))["age"]
        constant = float((ages - ages.median()).abs().mean())
        trained &= item.value < constant
        told.append(f"{item.value:.2f} on {item.data.name} (the median age for all: {constant:.2f})")
    claim = Claim("", "", "", CROSS_ENTROPY_18.name, _L1, _TESTS, worse_decision="regression")
    gains = "; ".join(_gain(one) for one in judge(claim, runs, StoredPredictions(root)) if one.found)
    return [
        Fact(
            "4.3",
            "training a CNN directly for regression is relatively unstable as outliers cause a large error "
            "term. This results in very large gradients which makes it difficult for the network to converge",
            "L1 has no larger gradient where the error is large, so that it tells of regression and not of "
            f"the reason given; squared error was not run. With L1, {len(several)} "
            f"seed{'s' if len(several) > 1 else ''}: the "
            f"loss rises after {rises} of {len(losses) - 1} epochs and ends at {losses[-1]:.3g} from "
            f"{losses[0]:.3g}; MAE {', '.join(told)}. What cross entropy gains over it, in years: {gains}.",
            f"[its record](runs/{run.run}.json)",
            UNDECIDED if trained and rises <= len(losses) // 4 and losses[-1] < losses[0] / 2 else HOLDS,
        )
    ]


def _images() -> list[Fact]:
    imdb, wiki, total = 461_871, 62_359, 524_230
    return [
        Fact(
            "5.1",
            "The IMDB and Wiki includes 461,871 images and 62,359 images respectively, total 524,230 images",
            f"{imdb:,} and {wiki:,} make {imdb + wiki:,}. The published set has {IMDB_WIKI.whole:,} images: "
            f"the paper counts {total - IMDB_WIKI.whole:,} more.",
            "`data_prep.datasets.imdb_wiki.DATASET`",
            HOLDS if imdb + wiki == total == IMDB_WIKI.whole else FAILS,
        )
    ]


def _settings(runs: Sequence[Record], root: Path) -> list[Fact]:
    predictions = StoredPredictions(root)
    found = {
        one.name: [
            verdict
            for verdict in judge(Claim("", "", "", one.name, NEIGHBORHOOD_18.name, _TESTS), runs, predictions)
            if verdict.found
        ]
        for one in (*MARGINS, PRINTED_OPTIMIZER)
    }
    margins = {one.label.rpartition(" ")[2]: found[one.name] for one in MARGINS if found[one.name]}
    facts = []
    if margins:
        gains = "; ".join(
            f"σ = {sigma}: {', '.join(map(_gain, several))}" for sigma, several in margins.items()
        )
        ends = [one.found.interval()[0] for several in margins.values() for one in several]
        seeds = min(one.found.seeds for several in margins.values() for one in several)
        facts.append(
            Fact(
                "5.3",
                "We empirically set σ of Eq.(5) as 5",
                f"What other margins gain over 5, in years, with as many seeds as stand with each: {gains}. "
                "Of one seed the interval counts the test's people alone.",
                "`common.metrics.crossed`, the records of ablations.md",
                UNDECIDED if seeds < MINIMUM_SEEDS else (FAILS if max(ends) > 0 else HOLDS),
            )
        )
    if found[PRINTED_OPTIMIZER.name]:
        facts.append(
            Fact(
                "5.3",
                "The learning rate is started from 0.1 [...] We use the Adam optimizer",
                "What Adam at 0.1 gains over the recipe of the other rows, in years: "
                f"{'; '.join(map(_gain, found[PRINTED_OPTIMIZER.name]))}.",
                "`common.metrics.crossed`, the records of ablations.md",
                NOTED,
            )
        )
    return facts


def _tables(table2: Table, table3: Table) -> list[Fact]:
    rows = {row.label: row.paper for row in table3.rows if len(row.paper) == len(table3.paper_columns)}
    dex = rows.pop("DEX")
    ours = {depth: rows.pop(f"Neighborhood loss, {depth} layers") for depth in (18, 34)}
    cited = {"DEX": dex, **{row.label: row.paper for row in table3.rows if row.cited}}
    better = {depth: _beaten(values, cited) for depth, values in ours.items()}
    entropy = next(row.paper for row in table2.rows if row.label.startswith("Cross entropy") and row.paper)
    twice = [column for column, value in entropy.items() if value == dex[column]]
    ratios = {column: ours[34][column] / value for column, value in entropy.items()}
    apart = ", ".join(
        f"{column} {value} against {dex[column]}" for column, value in entropy.items() if column not in twice
    )
    lost = ", ".join(f"{column} {ours[18][column]} against {dex[column]}" for column in dex)
    return [
        Fact(
            "5.4.2, Table 3",
            "As can be seen from Table.3, our method shows superior performance compare to other methods.",
            f"Of its own two networks the one of 34 layers is below all other methods in {better[34]} of "
            f"{len(dex)} columns, the one of 18 layers in {better[18]}. That one against DEX: {lost}.",
            _HERE.format("facts") + ", the numbers of Table 3",
            HOLDS if better[18] == better[34] == len(dex) else CONTRADICTION,
        ),
        Fact(
            "Tables 2 and 3",
            "Cross entropy loss, CACD: 6.52. DEX, CACD: 6.52",
            f"The two have one value in {len(twice)} of {len(dex)} columns ({', '.join(twice)}), though DEX "
            "is another network (VGG-16, pretrained, 20 of them), quoted from elsewhere. In the others they "
            f"differ: {apart}.",
            _HERE.format("facts") + ", the numbers of Tables 2 and 3",
            NOTED if twice else FAILS,
        ),
        Fact(
            "5.4.1, Table 2",
            "our neighborhood loss improves high accuracy compared to cross entropy loss",
            "Of cross entropy's error it leaves "
            + ", ".join(f"{ratio:.2f} on {column}" for column, ratio in ratios.items())
            + ". On FG-NET that is a claim of claims.md; MORPH and CACD's pictures are not held here.",
            _HERE.format("facts") + ", the numbers of Table 2",
            NOTED,
        ),
    ]


def _beaten(values: Mapping[str, float], others: Mapping[str, Mapping[str, float]]) -> int:
    """Return in how many columns a row is below all others."""
    return sum(all(value < other[column] for other in others.values()) for column, value in values.items())


def _gain(verdict: Verdict) -> str:
    low, high = verdict.found.interval()
    seeds = verdict.found.seeds
    return (
        f"{verdict.found.value:.2f} [{low:.2f}, {high:.2f}] on {verdict.setting.test.name} "
        f"({seeds} seed{'s' if seeds > 1 else ''})"
    )


_TEXTS = (
    Fact(
        "5.4.2 and Table 3",
        "DEX [13], DIF [21], CA-SVR [22], SVR [23], OHRank [24], DLA [25] (5.4.2); DEX [7], DIF [9], "
        "CA-SVR [10], SVR [11], OHRank [12], DLA [13] (Table 3)",
        "Each method has two reference numbers. Methods are named here, not numbered.",
        _TEXT,
        CONTRADICTION,
    ),
    Fact(
        "5.2",
        "we extract a subset 6000 images [of MORPH]; we use 500 images [of CACD]",
        "Which ones is not said. Here they are drawn by hashes of names, and MORPH and CACD's pictures are "
        "not held: these columns stand empty.",
        _TEXT,
        NOTED,
    ),
    Fact(
        "5.3, Fig. 2",
        "Face image examples from FG-NET, MORPH and CACD",
        "Faces of these sets are not shown. [Generated ones](../synthetic/identities-by-ages.png) show what "
        "the suite can show of ages.",
        _TEXT,
        NOTED,
    ),
)
