"""One run from faces to record: trained, tested, fine-tuned fold by fold, and written down once."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from common.evidence import provenance, records
from common.evidence.measure import measure_ages
from common.evidence.records import Data, Measurement, Record
from data_prep.faces import Faces
from reproductions.neighborhood_loss import data, evaluate
from reproductions.neighborhood_loss.data import Material
from reproductions.neighborhood_loss.experiments import Experiment, Recipe
from reproductions.neighborhood_loss.train import FineTuner, train
from reproductions.options import Options

PAPER = "neighborhood"
FOLDS = "fgnet-folds"


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed, the seeds outermost: what is interrupted has all its rows."""
    experiments = tuple(experiments)
    for seed in options.seeds:
        for experiment in experiments:
            run(experiment, table, options, seed)


def run(experiment: Experiment, table: str, options: Options, seed: int) -> Record:
    """Return the record of one run, made now unless it stands already.

    Args:
        experiment: what to run.
        table: for which it is run; others may show it too.
        options: profile, data and folders.
        seed: of weights, order and augmentation.
    """
    recipe = experiment.recipe(options.profile)
    options = dataclasses.replace(options, precision=options.precision or recipe.precision)
    material = data.load(options, recipe.size, recipe.prefers, experiment.folds)
    configuration = experiment.configuration(options.profile)
    standing = _find(experiment, configuration, material, options, seed)
    if standing is not None and options.resume:
        print(f"{standing.run}: its record stands", flush=True)
        return standing
    keras.backend.clear_session()
    trained_on = (material.train.data,)
    name = records.run_name(
        experiment.name, options.profile, seed, configuration, options.precision, trained_on
    )
    print(
        f"{name}: training on {material.train.data.title}, {material.train.data.images:,} images", flush=True
    )
    folder = Path(options.runs_root) / PAPER / name
    started = time.monotonic()
    fitted = train(experiment, recipe, material.train, options, seed, folder)
    measurements, frames = _test(experiment, recipe, fitted.model, material)
    seconds = fitted.seconds
    if material.folds:
        tuned, table_of_folds, more = _fine_tune(experiment, recipe, material, options, seed, folder)
        measurements += tuned
        frames.append(table_of_folds)
        seconds += more
    record = Record(
        paper=PAPER,
        tables=(table,),
        experiment=experiment.name,
        profile=options.profile,
        seed=seed,
        configuration=configuration,
        trained_on=trained_on,
        measurements=tuple(measurements),
        code_version=provenance.code_version(),
        libraries=provenance.libraries(),
        device=fitted.device,
        precision=options.precision,
        replicas=options.replicas,
        seconds=round(seconds, 1),
        images_per_second=round(fitted.images_per_second, 1),
        peak_memory_mb=round(fitted.peak_memory_mb, 1),
        history=records.mean_history([fitted.history]),
    )
    path = records.write(record, options.results_root, pd.concat(frames, ignore_index=True))
    print(f"{_headline(record)}; {time.monotonic() - started:.0f} s; {path}", flush=True)
    return record


def _find(
    experiment: Experiment, configuration: dict, material: Material, options: Options, seed: int
) -> Record | None:
    tested: list[tuple[str, Data]] = [(column, faces.data) for column, faces in material.tests.items()]
    if material.folds_test is not None:
        tested.append((FOLDS, material.folds_test))
    return records.find(
        options.results_root,
        PAPER,
        experiment=experiment.name,
        profile=options.profile,
        seed=seed,
        configuration=configuration,
        precision=options.precision,
        trained_on=(material.train.data,),
        tested_on=tested,
    )


def _test(
    experiment: Experiment, recipe: Recipe, model: keras.Model, material: Material
) -> tuple[list[Measurement], list[pd.DataFrame]]:
    measurements, frames = [], []
    for column, faces in material.tests.items():
        predictions = _predict(experiment, recipe, model, faces)
        measurements += measure_ages(column, faces.data, faces.ages, predictions, faces.subjects)
        frames.append(evaluate.frame(column, faces.names, faces.subjects, faces.ages, predictions))
    return measurements, frames


def _fine_tune(
    experiment: Experiment,
    recipe: Recipe,
    material: Material,
    options: Options,
    seed: int,
    folder: Path,
) -> tuple[list[Measurement], pd.DataFrame, float]:
    """Protocol b: fine-tune for each fold, test on its people, measure the folds' predictions as one set."""
    frames, seconds = [], 0.0
    start = folder / "final.weights.h5"
    tuner = FineTuner(experiment, recipe, material.folds, start, options, seed)
    for number, fold in enumerate(material.folds):
        tuned = tuner.tune(number, folder / f"fold-{number}")
        seconds += tuned.seconds
        test = fold.test
        predictions = _predict(experiment, recipe, tuned.model, test)
        frames.append(evaluate.frame(FOLDS, test.names, test.subjects, test.ages, predictions))
    together = pd.concat(frames, ignore_index=True)
    decisions = {name: together[name].to_numpy() for name in together.columns[4:]}
    measured = measure_ages(
        FOLDS, material.folds_test, together["age"].to_numpy(), decisions, together["subject"].to_numpy()
    )
    return list(measured), together, seconds


def _predict(
    experiment: Experiment, recipe: Recipe, model: keras.Model, faces: Faces
) -> dict[str, np.ndarray]:
    return evaluate.predict(model, experiment.make_loss(), faces.images(), recipe.mirrored, recipe.zooms)


def _headline(record: Record) -> str:
    shown = [
        f"{item.data.title} ({item.data.protocol}) {item.value:.2f}"
        for item in record.measurements
        if item.metric == "MAE" and item.decision in ("expectation", "regression")
    ]
    return f"{record.run}: MAE {', '.join(shown)} years"
