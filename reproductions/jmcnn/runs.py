"""One run from faces to record: stage 1 once a seed, stage 2 fold by fold, and what the features find."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from common.evidence import provenance, records
from common.evidence.records import Data, Measurement, Record
from common.training.fit import FitResult
from data_prep import shards
from data_prep.index import Prepared
from reproductions.jmcnn import data, evaluate
from reproductions.jmcnn.data import Across, Material
from reproductions.jmcnn.evaluate import Embed
from reproductions.jmcnn.experiments import Experiment, Recipe
from reproductions.jmcnn.network import embedder
from reproductions.jmcnn.train import Tuner, people_in, train_base
from reproductions.options import Options

PAPER = "jmcnn"


def run_all(experiments: Iterable[Experiment], table: str, options: Options) -> None:
    """Run every experiment with every seed, the seeds outermost: what is interrupted has all its rows.

    References, which nothing is trained for and chance has no part in, are run with the first seed alone.
    """
    experiments = tuple(experiments)
    for seed in options.seeds:
        for experiment in experiments:
            if experiment.features == "F4" or seed == options.seeds[0]:
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
    precision = options.precision or recipe.precision if experiment.features == "F4" else "float32"
    options = dataclasses.replace(options, precision=precision)
    material = data.load(options, recipe.size, recipe.prefers)
    configuration = experiment.configuration(options.profile)
    trained_on = _trained_on(experiment, material)
    standing = _find(experiment, configuration, trained_on, material, options, seed)
    if standing is not None and options.resume:
        print(f"{standing.run}: its record stands", flush=True)
        return standing
    keras.backend.clear_session()
    name = records.run_name(
        experiment.name, options.profile, seed, configuration, options.precision, trained_on
    )
    print(f"{name}: {_what(experiment, material)}", flush=True)
    started = time.monotonic()
    work = _Run(experiment, recipe, material, options, seed, Path(options.runs_root) / PAPER)
    measurements, frames = work.measure(name)
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
        device=work.device,
        precision=options.precision,
        replicas=options.replicas,
        seconds=round(work.seconds, 1),
        images_per_second=work.images_per_second,
        peak_memory_mb=round(work.peak_memory_mb, 1),
        history=records.mean_history(work.histories),
    )
    path = records.write(record, options.results_root, pd.concat(frames, ignore_index=True))
    print(f"{_headline(record)}; {time.monotonic() - started:.0f} s; {path}", flush=True)
    return record


class _Run:
    """The trainings and measurements of one run, and what they took."""

    def __init__(
        self,
        experiment: Experiment,
        recipe: Recipe,
        material: Material,
        options: Options,
        seed: int,
        folder: Path,
    ):
        self.experiment = experiment
        self.recipe = recipe
        self.material = material
        self.options = options
        self.seed = seed
        self.folder = folder
        self.device = provenance.processor()
        self.seconds = 0.0
        self.images_per_second: float | None = None
        self.peak_memory_mb = 0.0
        self.histories: list[dict[str, list[float]]] = []

    def measure(self, name: str) -> tuple[list[Measurement], list[pd.DataFrame]]:
        if self.experiment.features == "chance":
            return self._chance()
        if self.experiment.features != "F4":
            return self._with(evaluate.REFERENCES[self.experiment.features])
        if not self.experiment.tuned:
            fitted, _ = self._train_base()
            self._took(fitted)
            return self._with(self._features(fitted.model))
        measurements: list[Measurement] = []
        frames: list[pd.DataFrame] = []
        _, start = self._train_base()
        for across_name, across in self.material.across.items():
            features = self._tuned_features(across, start, self.folder / name / across_name)
            self._search(across, features, measurements, frames)
        return measurements, frames

    def _chance(self) -> tuple[list[Measurement], list[pd.DataFrame]]:
        measurements = [
            evaluate.measure_chance(search, across.prepared)
            for across in self.material.across.values()
            for search in across.searches
            if search.metric == "rank-1"
        ]
        return measurements, [pd.DataFrame(columns=["column", "name"])]

    def _with(self, embed: Embed) -> tuple[list[Measurement], list[pd.DataFrame]]:
        """Measure one way of comparing faces on everything."""
        measurements: list[Measurement] = []
        frames: list[pd.DataFrame] = []
        for across in self.material.across.values():
            features = embed(shards.read_images(across.prepared))
            folds = max(int(search.folds.max()) for search in across.searches) + 1
            self._search(across, [features] * folds, measurements, frames)
        for verification in self.material.verifications:
            prepared = self.material.pair_faces[verification.column]
            features = _some(prepared, verification.pairs.first, verification.pairs.second, embed)
            measured, rows = evaluate.measure_verification(verification, prepared, features)
            measurements += measured
            frames.append(rows)
        return measurements, frames

    def _search(
        self,
        across: Across,
        features: Sequence[np.ndarray],
        measurements: list[Measurement],
        frames: list[pd.DataFrame],
    ) -> None:
        for search in across.searches:
            measured, rows = evaluate.measure_search(search, across.prepared, features)
            measurements.append(measured)
            frames.append(rows)

    def _train_base(self) -> tuple[FitResult, Path]:
        """Train stage 1 where it is not trained yet; return it and its weights file."""
        base, faces, options = self.experiment.base(), self.material.identities, self.options
        configuration = base.configuration(options.profile)
        name = records.run_name(
            base.name, options.profile, self.seed, configuration, options.precision, (faces.data,)
        )
        folder = self.folder / name
        fitted = train_base(base, self.recipe, faces, options, self.seed, folder)
        return fitted, folder / "final.weights.h5"

    def _tuned_features(self, across: Across, start: Path, folder: Path) -> list[np.ndarray]:
        """Fine-tune for each fold and return the features of the whole set under each model."""
        tuner = Tuner(
            self.experiment,
            self.recipe,
            across.train,
            start,
            people_in(self.material.identities),
            self.options,
            self.seed,
        )
        images = shards.read_images(across.prepared)
        features = []
        for number in range(len(across.train)):
            fitted = tuner.tune(number, folder / f"fold-{number}")
            self._took(fitted)
            features.append(self._features(fitted.model)(images))
        return features

    def _features(self, model: keras.Model) -> Embed:
        return evaluate.network_features(embedder(model), self.recipe.mirrored)

    def _took(self, fitted: FitResult) -> None:
        self.seconds += fitted.seconds
        self.images_per_second = round(fitted.images_per_second, 1)
        self.peak_memory_mb = max(self.peak_memory_mb, fitted.peak_memory_mb)
        self.device = fitted.device
        self.histories.append(fitted.history)


def _some(prepared: Prepared, first: np.ndarray, second: np.ndarray, embed: Embed) -> np.ndarray:
    """Return features by row of the index; rows that no pair names stay zero."""
    rows = np.unique(np.concatenate([first, second]))
    found = embed(shards.read_images(prepared, rows))
    features = np.zeros((len(prepared.index), found.shape[1]), np.float32)
    features[rows] = found
    return features


def _trained_on(experiment: Experiment, material: Material) -> tuple[Data, ...]:
    if experiment.features != "F4":
        return ()
    tuned = tuple(across.trained_on for across in material.across.values()) if experiment.tuned else ()
    return (material.identities.data, *tuned)


def _find(
    experiment: Experiment,
    configuration: dict,
    trained_on: tuple[Data, ...],
    material: Material,
    options: Options,
    seed: int,
) -> Record | None:
    wanted = [(s.column, s.data) for across in material.across.values() for s in across.searches]
    if experiment.features == "chance":
        searches = [s for across in material.across.values() for s in across.searches]
        wanted = [(s.column, s.data) for s in searches if s.metric == "rank-1"]
    elif not experiment.tuned:
        wanted += [(one.column, one.data) for one in material.verifications]
    return records.find(
        options.results_root,
        PAPER,
        experiment=experiment.name,
        profile=options.profile,
        seed=seed,
        configuration=configuration,
        precision=options.precision,
        trained_on=trained_on,
        tested_on=wanted,
    )


def _what(experiment: Experiment, material: Material) -> str:
    if experiment.features != "F4":
        return "nothing is trained"
    first = material.identities.data
    across = ", ".join(one.trained_on.title for one in material.across.values())
    told = f"stage 1 on {first.title}, {first.images:,} images of {first.subjects:,} people"
    return f"{told}; stage 2 on {across}" if experiment.tuned else told


def _headline(record: Record) -> str:
    shown = [
        f"{item.data.title} ({item.data.protocol}) {item.value:.1f}%"
        for item in record.measurements
        if item.metric in ("rank-1", "MAP", "accuracy")
    ]
    return f"{record.run}: {', '.join(shown)}"
