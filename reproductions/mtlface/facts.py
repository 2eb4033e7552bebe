"""What the supplement says that counting answers: margin, map, ages, and both measures of synthesis."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from common.evidence import records as stored
from common.evidence.claims import MINIMUM_SEEDS, Claim, Verdict, judge
from common.evidence.contributions import StoredPredictions
from common.evidence.counts import stored_counts
from common.evidence.fact_verdicts import (
    FAILS,
    HOLDS,
    NOTED,
    UNDECIDED,
)
from common.evidence.facts import Fact, FactsPage, facts_page
from common.evidence.records import Measurement, Record
from common.metrics import metric
from reproductions.mtlface import figa1
from reproductions.mtlface.synthesis.experiments import HALF_MTLFACE, HALF_TABLE2, MTLFACE, ONE_HOT, TABLE2

_HERE = "`reproductions.mtlface.facts.{}`"
_TEXT = "the supplement's text"
_YOUNG = 20
_STRIDES = (2, 2, 2, 2, 1, 1)


def page(claims: Sequence[Claim]) -> FactsPage:
    """Return the page of facts.

    Args:
        claims: of synthesis.
    """
    return facts_page(partial(facts, claims))


def facts(claims: Sequence[Claim], folder: Path) -> tuple[Fact, ...]:
    """Return the facts in the order of the supplement.

    Args:
        claims: of synthesis.
        folder: results of the paper; without records those that need none.
    """
    runs, predictions = stored.load(folder.parent, folder.name), StoredPredictions(folder.parent)
    return (
        *_young(folder),
        *_SAMPLES,
        *_map(),
        *_margin(),
        *_clear_margin(claims, runs, predictions),
        *_group_level(runs),
        _NO_NUMBERS,
    )


def handicaps(margin: float = 0.35, scale: float = 64.0) -> np.ndarray:
    """Return what CosFace's margin takes from the true class's cosine, for cosines from -1 to 1, (N,)."""
    from common.layers import CosFaceHead

    angles = np.linspace(0, np.pi, 9)
    faces = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype("float32")
    head, plain = (CosFaceHead(2, scale, value) for value in (margin, 0.0))
    labels = np.zeros(len(faces), "int32")
    logits = []
    for layer in (plain, head):
        layer.build([faces.shape, labels.shape])
        layer.kernel.assign(np.eye(2, dtype="float32"))
        logits.append(np.asarray(layer([faces, labels]))[:, 0] / scale)
    return logits[0] - logits[1]


def _young(folder: Path) -> list[Fact]:
    found = stored_counts(folder, figa1.COUNTS, figa1.Counts, "run make figa1-mtlface")
    if found is None:
        return []
    ages = found["ages"]
    return [
        Fact(
            "A",
            "try our best to manually correct them; we mainly focus on the young ages under 20 that are "
            "often "
            "mislabeled by the API",
            f"{found['title']}: {sum(ages[:_YOUNG]):,} of {sum(ages):,} pictures are estimated under "
            f"{_YOUNG} "
            f"and {sum(ages[:12]):,} under 12. Nothing is corrected by hand here.",
            "labelled-set.md",
            NOTED,
        )
    ]


_SAMPLES = (
    Fact(
        "Fig. A.1 (a)",
        "Sample faces on SCAF",
        "Faces of identity sets are not shown. [Generated people](../synthetic/identities-by-ages.png) "
        "stand in.",
        _TEXT,
        NOTED,
    ),
)
_NO_NUMBERS = Fact(
    "C, Table 2",
    "Table 2 presents the quantitative results",
    "The numbers of the table are not in the supplement's text, so none stand beside ours.",
    _TEXT,
    NOTED,
)


def _map() -> list[Fact]:
    side = 112
    for stride in _STRIDES:
        side = -(-side // stride)
    return [
        Fact(
            "B",
            "six convolutional layers with strides of 2, 2, 2, 2, 1, 1 [...] outputting 7x7 confidence map",
            f"112 px and these strides give {side}x{side}. The authors' code has five convolutions.",
            _HERE.format("facts"),
            HOLDS if side == 7 else FAILS,
        )
    ]


def _margin() -> list[Fact]:
    taken = handicaps()
    additive = bool(np.allclose(taken, taken.mean(), atol=1e-5))
    return [
        Fact(
            "B",
            "The multiplicative margin and scale factor of CosFace loss were set to 0.35 and 64",
            f"CosFace takes {taken.mean():.2f} from the true cosine, whatever it is (between "
            f"{taken.min():.4f} and "
            f"{taken.max():.4f} for nine angles from 0 to 180 degrees): its margin is additive. "
            "Multiplicative, of "
            "the angle, is SphereFace's.",
            "`common.layers.CosFaceHead`, " + _HERE.format("handicaps"),
            FAILS if additive else HOLDS,
        )
    ]


def _clear_margin(
    claims: Sequence[Claim], runs: Sequence[Record], predictions: StoredPredictions
) -> list[Fact]:
    told, better, worse, seeds = [], 0, 0, []
    # At half the side, where that was run: there are more seeds.
    made = {one.experiment for one in runs}
    _, caae, ipcgan, _, subject = HALF_TABLE2 if HALF_MTLFACE.name in made else TABLE2
    for rival in (caae, ipcgan):
        for claim in claims:
            if (claim.better, claim.worse) != (subject.name, rival.name) or claim.metric == "both":
                continue
            for verdict in (one for one in judge(claim, runs, predictions) if one.found):
                low, high = verdict.found.interval()
                better, worse = better + (low > 0), worse + (high < 0)
                seeds.append(verdict.found.seeds)
                told.append(f"{claim.metric} over {rival.label} {_gain(verdict)}")
    if not told:
        return []
    verdict = FAILS if worse else (HOLDS if better == len(told) else UNDECIDED)
    return [
        Fact(
            "C, Table 2",
            "MTLFace outperforms CAAE and IPCGAN by a clear margin",
            f"Asked as a gain in both measures over both: {'; '.join(told)}. {better} of {len(told)} are "
            "above "
            f"chance, {worse} below.",
            "the claims of claims.md, `common.metrics.crossed`",
            verdict if min(seeds) >= MINIMUM_SEEDS else UNDECIDED,
        )
    ]


def _group_level(runs: Sequence[Record]) -> list[Fact]:
    found: dict[str, list[Measurement]] = {}
    for run in runs:
        for item in run.measurements:
            if (item.metric, item.column) == ("step", "fgnet"):
                found.setdefault(run.experiment, []).append(item)
    if not {ONE_HOT.name, MTLFACE.name} <= set(found):
        return []
    form = metric("step").format
    told = [
        f"{', '.join(f'{form(one.value)} [{form(one.low)}, {form(one.high)}]' for one in found[row.name])} "
        f"{how}"
        for row, how in ((ONE_HOT, "without"), (MTLFACE, "with it"))
    ]
    return [
        Fact(
            "C",
            "without ICM, MTLFace reduces to a common cGANs-based method that uses one-hot encoding to "
            "control "
            "face aging/rejuvenation at the group level",
            "If ICM made ages pass smoothly into one another, a face's results of neighbouring groups would "
            f"differ less with it. On FG-NET they differ by {' and '.join(told)}, a number a seed.",
            "the column step of table2-collapse.md",
            UNDECIDED,
        )
    ]


def _gain(verdict: Verdict) -> str:
    form, seeds = metric(verdict.claim.metric).format, verdict.found.seeds
    low, high = map(form, verdict.found.interval())
    where = verdict.setting.test.title
    return f"{form(verdict.found.value)} [{low}, {high}] ({where}, {seeds} seed{'s' if seeds > 1 else ''})"
