"""Running a study: every row with every seed, and one record a run."""

from __future__ import annotations

import dataclasses
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from statistics import fmean
from typing import Any, ClassVar, Generic, TypeVar

import keras
import pandas as pd

from common.evidence import merging, provenance, records
from common.evidence.records import Data, Record
from common.progress import readable_time
from common.training.weights import sealed_weights
from common.workers import agreed, is_chief, together
from reproductions.shared.harness import again
from reproductions.shared.harness.experiments import Experiment
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import NEEDED, Options
from reproductions.shared.harness.run import Outcome, Run

P = TypeVar("P")
"""How a study divides its data."""

Headline = Mapping[str, tuple[str, ...] | None]
"""Metrics told when a run ends, each with the decisions it is told for, None for any."""


class Study(ABC, Generic[P]):
    """What a study gives the harness: its data, and what is measured on them.

    Attributes:
        paper: its name, also the folder of its results.
        headline: what is told when a run ends.
    """

    paper: ClassVar[str]
    headline: ClassVar[Headline] = {}

    @abstractmethod
    def partition(self, run: Run) -> P:
        """Return the faces that a run is trained and tested on."""

    @abstractmethod
    def trained_on(self, run: Run, partition: P) -> tuple[Data, ...]:
        """Return what the record says that a run is trained on."""

    @abstractmethod
    def tested_on(self, run: Run, partition: P) -> Iterable[tuple[str, Data]]:
        """Yield (column, data) of every test set of a run."""

    @abstractmethod
    def measure(self, run: Run, partition: P) -> Outcome:
        """Train and measure a run."""

    def lacks(self, experiment: Any, options: Options) -> str | None:
        """Return a clause that says what a row needs and the user does not hold; None where nothing."""
        return None

    def require(self, experiments: tuple[Any, ...], options: Options) -> None:
        """Raise UserError, before anything is trained, where rows cannot be run as the options say."""

    def run_all(self, experiments: Iterable[Any], table: str, options: Options) -> None:
        """Run every experiment with every seed, the seeds outermost: what is interrupted has all its rows.

        Rows that nothing is trained for are run with the first seed alone, and a row whose data set the user
        does not hold is passed over in a sentence.
        """
        possible = []
        for one in experiments:
            if lacking := self.lacks(one, options):
                print(f"{one.name}: passed over, since it needs {lacking}")
            else:
                possible.append(one)
        self.require(tuple(possible), options)
        runs = [
            (one, seed)
            for seed in options.seeds
            for one in possible
            if one.trained or seed == options.seeds[0]
        ]
        trained: list[float] = []
        for place, (one, seed) in enumerate(runs):
            # Rows that stand, or take no training, say nothing of how long the others take.
            left = sum(other.trained for other, _ in runs[place:]) if trained else 0
            told = f", about {readable_time(fmean(trained) * left)} left" if left else ""
            print(f"{self.paper} {table}, row {place + 1} of {len(runs)}{told}", flush=True)
            began = time.monotonic()
            made = self.run(one, table, options, seed)
            spent = time.monotonic() - began
            if made is not None and made.seconds and spent > made.seconds / 2:
                trained.append(spent)

    def run(self, experiment: Experiment, table: str, options: Options, seed: int) -> Record | None:
        """Return the record of one run, made now unless it stands already.

        Args:
            experiment: what to run.
            table: for which it is run; others may show it too.
            options: profile, data and folders.
            seed: of weights, order and augmentation.
        """
        run, partition = self.planned(experiment, table, options, seed)
        return recorded(run, lambda: self.measure(run, partition), self.headline)

    def planned(self, experiment: Experiment, table: str, options: Options, seed: int) -> tuple[Run, P]:
        """Return a run with its data, nothing of it trained."""
        recipe = experiment.recipe(options.profile)
        precision = _precision(experiment, recipe, options)
        run = Run(self.paper, table, experiment, recipe, options, seed, precision)
        partition = self.partition(run)
        trained_on = self.trained_on(run, partition)
        tested_on = tuple(self.tested_on(run, partition))
        return dataclasses.replace(run, trained_on=trained_on, tested_on=tested_on), partition


def _precision(experiment: Experiment, recipe: Any, options: Options) -> str:
    """Return the number format of a run; an experiment that is about it keeps its own."""
    if not experiment.trained:
        return "float32"
    if "precision" in experiment.changes:
        return str(recipe.precision)
    return precision_of(options, recipe.precision)


def recorded(run: Run, measure: Callable[[], Outcome], headline: Headline) -> Record | None:
    """Return the record of a run, made now unless it stands already.

    A record that lacks some of what is asked now keeps what it holds where the training comes out the same
    again, as from its checkpoint: a run under another data folder loses nothing that was measured. Where the
    options need weights that are gone, it is trained again and its record stays, see `again`.

    Args:
        run: with its data.
        measure: trains it and measures.
        headline: what is told at the end.

    Returns:
        None, after a sentence, where there is nothing to ask on the data at hand.
    """
    options, name, path = run.options, run.name, run.record_path
    if not run.tested_on:
        print(f"{name}: passed over, nothing on these data is asked of it", flush=True)
        return None
    # Of several workers the chief finds out what there is to do, and what it writes is the others' too.
    standing = _standing(run) if is_chief() else None
    lacking = standing is not None and options.weights == NEEDED and again.lacks_weights(standing, run.folder)
    if agreed(f"whether {name} is trained", lambda: standing is None or lacking) and not is_chief():
        keras.backend.clear_session()
        measure()
    if is_chief():
        if standing is None:
            _write(run, measure, headline)
        elif lacking:
            _train_again(run, measure, standing)
        else:
            print(f"{name}: its record stands", flush=True)
    together(f"the record of {name}")
    return standing or records.read(path)


def _standing(run: Run) -> Record | None:
    """Return the record that holds all that is asked of a run and that the options keep."""
    options = run.options
    standing = records.find(
        options.results_root,
        run.paper,
        experiment=run.experiment.name,
        profile=options.profile,
        seed=run.seed,
        configuration=run.configuration,
        precision=run.precision,
        trained_on=run.trained_on,
        tested_on=run.tested_on,
    )
    return standing if standing is not None and options.keeps(run.record_path) else None


def _write(run: Run, measure: Callable[[], Outcome], headline: Headline) -> None:
    """Make a run, write its record and say what it measured."""
    options, path, started = run.options, run.record_path, time.monotonic()
    record, predictions = _made(run, measure, "training" if run.trained_on else "nothing is trained")
    (run.folder / again.FILE).unlink(missing_ok=True)
    if path.exists() and options.resume:
        record, predictions = merging.merged(records.read(path), record, path, predictions)
    records.write(record, options.results_root, predictions)
    told = _headline(records.read(path), run, headline)
    print(f"{told}; {time.monotonic() - started:.0f} s; {path}", flush=True)


def _made(run: Run, measure: Callable[[], Outcome], doing: str) -> tuple[Record, pd.DataFrame | None]:
    """Make a run and return its record and its predictions."""
    keras.backend.clear_session()
    print(f"{run.name}: {doing}{_described(run.trained_on)}", flush=True)
    outcome = measure()
    options, fitted = run.options, outcome.fitted
    record = Record(
        paper=run.paper,
        tables=(run.table,),
        experiment=run.experiment.name,
        profile=options.profile,
        seed=run.seed,
        configuration=run.configuration,
        trained_on=run.trained_on,
        measurements=tuple(outcome.measurements),
        code_version=provenance.code_version(),
        libraries=provenance.libraries(),
        device=fitted[0].device if fitted else provenance.processor(),
        precision=run.precision,
        replicas=options.replicas,
        deterministic=options.deterministic,
        seconds=round(sum(one.seconds for one in fitted), 1),
        images_per_second=round(fitted[0].images_per_second, 1) if fitted else None,
        peak_memory_mb=round(max((one.peak_memory_mb for one in fitted), default=0.0), 1),
        history=merging.mean_history([one.history for one in fitted if one.history]),
        weights=sealed_weights(run.folder),
    )
    return record, pd.concat(outcome.predictions, ignore_index=True) if outcome.predictions else None


def _described(trained_on: tuple[Data, ...]) -> str:
    """Return what is said of the data when a run begins: " on LFW, 8,000 images of 900 people"."""
    sets = []
    for data in trained_on:
        people = f" of {data.subjects:,} people" if data.subjects else ""
        sets.append(f"{data.title}, {data.images:,} images{people}")
    return f" on {' and '.join(sets)}" if sets else ""


def _train_again(run: Run, measure: Callable[[], Outcome], standing: Record) -> None:
    """Train again what a record stands of whose weights are gone, and say whether its numbers came back."""
    name = standing.run
    made, _ = _made(run, measure, "its record stands, its weights are gone: training")
    if made.weights == standing.weights:
        (run.folder / again.FILE).unlink(missing_ok=True)
        print(f"{name}: the weights are those of its record again", flush=True)
        return
    compared = again.compared(standing, made, records.load(run.options.results_root, run.paper))
    path = again.write(compared, run.folder)
    if compared.differences:
        print(
            f"{name}: its numbers did not come back, {'; '.join(compared.differences)}. Its record stands as "
            f"it was, what was measured now is in {path}, and nothing uses these weights.",
            file=sys.stderr,
            flush=True,
        )
    else:
        print(f"{name}: its numbers came back within their spread, see {path}; its record stands", flush=True)


def _headline(record: Record, run: Run, headline: Headline) -> str:
    columns = {column for column, _ in run.tested_on}
    shown = []
    for item in record.measurements:
        if item.metric in headline and item.column in columns:
            decisions = headline[item.metric]
            if decisions is None or item.decision in decisions:
                several = decisions is not None and len(decisions) > 1
                what = f"{item.metric} of {item.decision}" if several else item.metric
                shown.append(f"{item.data.title} ({item.data.protocol}) {what} {item.value:.2f}")
    return f"{record.run}: {', '.join(shown)}"
