"""What every paper's runs have in common: data by preference, trainings, and one record a run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from common.errors import UserError
from common.evidence import merging, provenance, records
from common.evidence.records import Data, Measurement, Record
from common.training.fit import FitResult, fit
from common.training.precision import is_native
from common.training.weights import sealed_weights
from data_prep.datasets import get
from data_prep.datasets.held import holds
from data_prep.prepared.batches import Batches
from reproductions.shared.harness import again
from reproductions.shared.harness.options import NEEDED, Options

_made: set[Path] = set()
"""Records and folders of trainings that this process has made: rows that share one do not make it again."""


@dataclass
class Outcome:
    """What a run measured, and what its trainings took.

    Attributes:
        measurements: at least one.
        predictions: what is stored beside the record, one frame a test set.
        fitted: its trainings; the first gives the speed, those without a history are left out of the mean.
    """

    measurements: list[Measurement] = field(default_factory=list)
    predictions: list[pd.DataFrame] = field(default_factory=list)
    fitted: list[FitResult] = field(default_factory=list)

    def add(self, measurements: Iterable[Measurement], predictions: pd.DataFrame) -> None:
        """Add what was measured on one test set."""
        self.measurements += measurements
        self.predictions.append(predictions)


@dataclass(frozen=True)
class Plan:
    """One run before it is made.

    Attributes:
        paper, table, experiment, seed, configuration, trained_on: as of its record.
        tested_on: (column, data) of every test set.
        what: said when the run begins ("training on UTKFace, 13,070 images").
        make: takes the run's name and measures.
        headline: metrics told at the end, each with the decision it is told for, None for any.
    """

    paper: str
    table: str
    experiment: str
    seed: int
    configuration: dict[str, Any]
    trained_on: tuple[Data, ...]
    tested_on: tuple[tuple[str, Data], ...]
    what: str
    make: Callable[[str], Outcome]
    headline: dict[str, tuple[str, ...] | None]


def run_all(
    experiments: Iterable[Any],
    seeds: Sequence[int],
    run: Callable[[Any, int], Record | None],
    once: Callable[[Any], bool] = lambda experiment: False,
) -> None:
    """Run every experiment with every seed, the seeds outermost: what is interrupted has all its rows.

    Args:
        experiments: of a table, in its order.
        seeds: of the runs.
        run: makes a run of an experiment and a seed.
        once: whether an experiment, in which chance has no part, is run with the first seed alone.
    """
    experiments = tuple(experiments)
    for seed in seeds:
        for experiment in experiments:
            if seed == seeds[0] or not once(experiment):
                run(experiment, seed)


def run_once(plan: Plan, options: Options) -> Record | None:
    """Return the record of a run, made now unless it stands already.

    A record that lacks some of what is asked now keeps what it holds where the training comes out the same
    again, as from its checkpoint: a run under another data folder loses nothing that was measured. Where the
    options need weights that are gone, it is trained again and its record stays, see `again`.

    Args:
        plan: the run.
        options: its profile, precision, which must not be None, and folders.

    Returns:
        None, after a sentence, where there is nothing to ask on the data at hand.
    """
    name = name_of(plan, options)
    if not plan.tested_on:
        print(f"{name}: passed over, nothing on these data is asked of it", flush=True)
        return None
    standing = records.find(
        options.results_root,
        plan.paper,
        experiment=plan.experiment,
        profile=options.profile,
        seed=plan.seed,
        configuration=plan.configuration,
        precision=options.precision,
        trained_on=plan.trained_on,
        tested_on=plan.tested_on,
    )
    path = records.run_path(options.results_root, plan.paper, name)
    folder = Path(options.runs_root) / plan.paper / name
    if standing is not None and (options.resume or path in _made):
        if options.weights == NEEDED and again.lacks_weights(standing, folder):
            _train_again(plan, options, standing, folder)
        else:
            print(f"{name}: its record stands", flush=True)
        return standing
    started = time.monotonic()
    record, predictions = _make(plan, options, name, plan.what)
    (folder / again.FILE).unlink(missing_ok=True)
    if path.exists() and options.resume:
        record, predictions = merging.merged(records.read(path), record, path, predictions)
    _made.add(records.write(record, options.results_root, predictions))
    record = records.read(path)
    print(f"{_headline(record, plan)}; {time.monotonic() - started:.0f} s; {path}", flush=True)
    return record


def _make(plan: Plan, options: Options, name: str, what: str) -> tuple[Record, pd.DataFrame | None]:
    """Make a run and return its record and its predictions."""
    keras.backend.clear_session()
    print(f"{name}: {what}", flush=True)
    outcome = plan.make(name)
    fitted = outcome.fitted
    record = Record(
        paper=plan.paper,
        tables=(plan.table,),
        experiment=plan.experiment,
        profile=options.profile,
        seed=plan.seed,
        configuration=plan.configuration,
        trained_on=plan.trained_on,
        measurements=tuple(outcome.measurements),
        code_version=provenance.code_version(),
        libraries=provenance.libraries(),
        device=fitted[0].device if fitted else provenance.processor(),
        precision=options.precision,
        replicas=options.replicas,
        seconds=round(sum(one.seconds for one in fitted), 1),
        images_per_second=round(fitted[0].images_per_second, 1) if fitted else None,
        peak_memory_mb=round(max((one.peak_memory_mb for one in fitted), default=0.0), 1),
        history=merging.mean_history([one.history for one in fitted if one.history]),
        weights=sealed_weights(Path(options.runs_root) / plan.paper / name),
    )
    return record, pd.concat(outcome.predictions, ignore_index=True) if outcome.predictions else None


def _train_again(plan: Plan, options: Options, standing: Record, folder: Path) -> None:
    """Train again what a record stands of whose weights are gone, and say whether its numbers came back."""
    name = standing.run
    made, _ = _make(plan, options, name, f"its record stands, its weights are gone: {plan.what}")
    if made.weights == standing.weights:
        (folder / again.FILE).unlink(missing_ok=True)
        print(f"{name}: the weights are those of its record again", flush=True)
        return
    compared = again.compared(standing, made, records.load(options.results_root, plan.paper))
    path = again.write(compared, folder)
    if compared.differences:
        print(
            f"{name}: its numbers did not come back, {'; '.join(compared.differences)}. Its record stands as "
            f"it was, what was measured now is in {path}, and nothing uses these weights.",
            file=sys.stderr,
            flush=True,
        )
    else:
        print(f"{name}: its numbers came back within their spread, see {path}; its record stands", flush=True)


def precision_of(options: Options, own: str) -> str:
    """Return the number format of a run: what the user asks for, else the profile's `own`.

    Where this machine has no instructions for the latter it is float32, and a sentence says so.
    """
    if options.precision is not None:
        return options.precision
    if is_native(own):
        return own
    tell_once(
        f"this processor has no instructions for {own}, in which the {options.profile} profile computes "
        f"where it can: computing in float32. Runs of the two count as different; PRECISION={own} insists."
    )
    return "float32"


def name_of(plan: Plan, options: Options) -> str:
    """Return the name that a run of the plan has, see `common.evidence.records.run_name`."""
    return records.run_name(
        plan.experiment, options.profile, plan.seed, plan.configuration, options.precision, plan.trained_on
    )


def fit_batches(
    build: Callable[[], keras.Model],
    batches: Batches,
    *,
    epochs: int,
    batch: int,
    config_hash: str,
    options: Options,
    seed: int,
    run_dir: Path,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> FitResult:
    """Train on batches as the options say; arguments as of `common.training.fit.fit`.

    What this process has trained already is read back even where nothing is to be resumed.
    """
    fitted = fit(
        build,
        batches.source,
        epochs=epochs,
        steps_per_epoch=batches.steps,
        batch_size=batch,
        run_dir=run_dir,
        config_hash=config_hash,
        seed=seed,
        replicas=options.replicas,
        precision=options.precision,
        callbacks=callbacks,
        describe_batch=batches.describe,
        resume=options.resume or run_dir in _made,
    )
    _made.add(run_dir)
    return fitted


def first_held(options: Options, prefers: Sequence[str], what: str, hint: str) -> str:
    """Return the set to train on: the first of `prefers` that is there, or "synthetic" without a data folder.

    Args:
        options: the smoke profile takes generated faces whatever is there.
        prefers: data sets in the order of preference.
        what: they are, for the sentence ("set to train on").
        hint: the set whose make target the sentence names.

    Raises:
        UserError: a data folder was given that holds none of them.
    """
    if options.data_root is None:
        return "synthetic"
    if options.profile == "smoke":
        tell_once("the smoke profile takes generated faces and leaves DATA_ROOT alone: PROFILE=cpu reads it")
        return "synthetic"
    for name in prefers:
        if holds(options.data_root, name):
            return name
    folders = " or ".join(get(name).folder for name in prefers)
    raise UserError(
        f"{options.data_root} holds no {what} ({folders}): see make data-{hint}, "
        "or leave DATA_ROOT out to run on generated faces."
    )


@cache
def tell_once(sentence: str) -> None:
    """Print a sentence on the terminal, beside the results, the first time that it is to be told."""
    print(sentence, file=sys.stderr, flush=True)


def _headline(record: Record, plan: Plan) -> str:
    columns = {column for column, _ in plan.tested_on}
    shown = []
    for item in record.measurements:
        if item.metric in plan.headline and item.column in columns:
            decisions = plan.headline[item.metric]
            if decisions is None or item.decision in decisions:
                several = decisions is not None and len(decisions) > 1
                what = f"{item.metric} of {item.decision}" if several else item.metric
                shown.append(f"{item.data.title} ({item.data.protocol}) {what} {item.value:.2f}")
    return f"{record.run}: {', '.join(shown)}"
