"""What each table could show of the data at hand, and how long its trainings take on this machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from common.evidence import records
from common.evidence.records import Record
from data_prep.datasets import DATASETS
from reproductions.shared.harness.registry import Paper


@dataclass(frozen=True)
class Forecast:
    """What is known of a table before it is run.

    Attributes:
        target: that makes it, as typed after make.
        shows: titles of the sets that it shows and that are at hand.
        lacks: names of those that are not.
        untrained: names of the sets that the committed runs were trained on and that are not at hand.
        runs: how many committed trainings its rows have.
        seconds: that these take at this machine's speed; None where its speed is not known.
    """

    target: str
    shows: tuple[str, ...]
    lacks: tuple[str, ...]
    untrained: tuple[str, ...]
    runs: int
    seconds: float | None


def forecasts(
    papers: Iterable[Paper], held: Collection[str], results_root: Path, profile: str, speed: float | None
) -> Iterator[Forecast]:
    """Yield a forecast of every table that has a target.

    Args:
        papers: the studies.
        held: names of the sets at hand.
        results_root: where the committed records lie.
        profile: whose records tell how long a training takes.
        speed: of this machine, as a multiple of that of the committed runs.
    """
    for paper in papers:
        made = [
            one for one in records.load(results_root, paper.name) if one.profile == profile and one.trained_on
        ]
        for table in paper.report().tables:
            if table.name not in paper.targets:
                continue
            rows = {row.experiment for row in table.rows if row.lender is None}
            runs = [one for one in made if one.experiment in rows]
            shown = dict.fromkeys(filter(None, (dataset_of(column.key) for column in table.columns)))
            yield Forecast(
                f"{table.name}-{paper.name}",
                tuple(DATASETS[name].title for name in shown if name in held),
                tuple(name for name in shown if name not in held and name != "synthetic"),
                tuple(sorted(_trained_on(runs) - set(held) - {"synthetic"})),
                len(runs),
                sum(one.seconds for one in runs) / speed if speed else None,
            )


def dataset_of(column: str) -> str | None:
    """Return the set that a column shows: of "cacd-vs-pairs" it is "cacd-vs", of "chance" none."""
    named = [name for name in DATASETS if f"{column}-".startswith(f"{name}-")]
    return max(named, key=len, default=None)


def recorded_rate(
    results_root: Path, paper: str, experiment: str, profile: str, precision: str
) -> float | None:
    """Return the images a second at which the committed runs of an experiment trained, None where none is."""
    rates = [
        one.images_per_second
        for one in records.load(results_root, paper)
        if (one.experiment, one.profile, one.precision) == (experiment, profile, precision)
        and one.images_per_second
    ]
    return sum(rates) / len(rates) if rates else None


def _trained_on(runs: Iterable[Record]) -> set[str]:
    return {data.dataset for one in runs for data in one.trained_on}
