"""Records: one JSON file a run, with all that is needed to believe a number or to measure it again.

A record stands at `results/<paper>/runs/<run>.json`, its per-image predictions beside it. The file's name
is made of what decides the result, so that a run is found again without opening the others. It holds the hash
of all that is in it, of its predictions and of its weights, so that what is edited, renamed or exchanged is
noticed where it is read.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence import sealed, strict
from common.evidence.predictions import (
    predictions_path,
    read_predictions,
    settle_predictions,
    stored_predictions,
    write_predictions,
)
from common.evidence.schemas import SCHEMA, of_today
from common.files import sha256_json
from common.metrics import metric

_SLUG = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")
_REMEDY = "Restore the file, or delete it and run the experiment again."


@dataclass(frozen=True)
class Data:
    """The images of one data set under one protocol, as trained or tested on.

    Attributes:
        dataset: the data set's key ("fgnet").
        title: its name for readers ("FG-NET").
        protocol: which images and in which role, for readers ("never seen", "test split").
        fingerprint: hash of the prepared images and labels.
        split_hash: hash of which images those are; it must not depend on the run's seed.
        images: how many were used.
        subjects: of how many people, None where unknown.
        coverage: how much of the public set the copy holds ("15,692 of 23,708 files").
        stand_in: True for generated images that stand in for real ones; every table then says so.
    """

    dataset: str
    title: str
    protocol: str
    fingerprint: str
    split_hash: str
    images: int
    subjects: int | None
    coverage: str
    stand_in: bool

    def __post_init__(self) -> None:
        _texts(self, "dataset", "title", "protocol", "fingerprint", "split_hash", "coverage")
        if self.images < 1 or (self.subjects is not None and not 1 <= self.subjects <= self.images):
            raise ValueError(f"{self.images} images of {self.subjects} subjects cannot be")

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What must be equal for two measurements to be of the same images."""
        return self.dataset, self.protocol, self.fingerprint, self.split_hash

    @property
    def name(self) -> str:
        """For readers: "UTKFace, training split"."""
        return f"{self.title}{' (stand-in)' if self.stand_in else ''}, {self.protocol}"


@dataclass(frozen=True)
class Measurement:
    """One number of a run, with its interval.

    Attributes:
        column: key of the test set, to which a table's columns refer ("fgnet", "fgnet-folds").
        metric: a name known to `common.metrics.metric` ("MAE").
        decision: how a prediction was decided ("expectation", "median", "arg-max").
        value, low, high: the metric and the ends of its 95% interval, in the metric's unit.
        data: what it was measured on.
    """

    column: str
    metric: str
    decision: str
    value: float
    low: float
    high: float
    data: Data

    def __post_init__(self) -> None:
        _texts(self, "column", "decision")
        known = metric(self.metric)
        numbers = (known.lowest, self.low, self.value, self.high, known.highest)
        if not all(map(math.isfinite, numbers[1:4])) or list(numbers) != sorted(numbers):
            raise ValueError(f"{self.metric} {self.value} [{self.low}, {self.high}] is out of order or range")


@dataclass(frozen=True)
class Record:
    """One run: what was trained how, and what was measured.

    Attributes:
        paper: the paper's key, also its folder under results ("neighborhood").
        tables: the tables the run was made for ("table2"). Any other table may show the run too, so that none
            is made twice.
        experiment: the row it fills ("neighborhood-18").
        profile: "smoke", "cpu", "gpu" or "paper".
        seed: of the run.
        configuration: all that decides the result besides seed, data and precision; JSON values only.
        trained_on: the training sets, in the order of use; empty where nothing was trained.
        measurements: what was measured, at least one, each test set, metric and decision once.
        code_version: commit, with "+changes" where the code differed from it, or the package's version.
        libraries: versions of the libraries that do the arithmetic.
        device, precision, replicas: where and how it ran.
        deterministic: whether the same command gives the same bits again on the same machine.
        seconds: wall time of the training.
        images_per_second: training speed, None where nothing was trained.
        peak_memory_mb: largest resident memory of the process, in MiB.
        history: metric -> one value an epoch ("loss"), or as many as were kept of what is watched more
            closely (steps and weights); of several trainings, as of folds, their mean.
        predictions: SHA-256 of the file of predictions beside the record, set when they are written; None
            where there are none, or where the record is of schema 1 and their hash is not known.
        weights: file in the run's folder -> hash of the weights in it, see
            `common.training.weights.weights_hash`; empty where nothing was trained, and in records from
            before weights were hashed.

    Raises:
        ValueError: a field is empty, not finite or out of range.
        UserError: a metric is unknown.
    """

    paper: str
    tables: tuple[str, ...]
    experiment: str
    profile: str
    seed: int
    configuration: dict[str, Any]
    trained_on: tuple[Data, ...]
    measurements: tuple[Measurement, ...]
    code_version: str
    libraries: dict[str, str]
    device: str
    precision: str
    replicas: int
    seconds: float
    images_per_second: float | None
    peak_memory_mb: float
    history: dict[str, tuple[float, ...]] = field(default_factory=dict)
    predictions: str | None = None
    weights: dict[str, str] = field(default_factory=dict)
    deterministic: bool = True

    def __post_init__(self) -> None:
        for name in ("paper", "experiment", "profile", "precision"):
            if not _SLUG.fullmatch(getattr(self, name)):
                raise ValueError(
                    f"{name} must be lower-case words joined by '-', not {getattr(self, name)!r}"
                )
        _texts(self, "code_version", "device")
        for name in ("seconds", "images_per_second", "peak_memory_mb"):
            number = getattr(self, name)
            if number is not None and not 0 <= number < math.inf:
                raise ValueError(f"{name} must be finite and not negative, not {number}")
        if not all(math.isfinite(number) for values in self.history.values() for number in values):
            raise ValueError("the history must be finite")
        if self.seed < 0 or self.replicas < 1:
            raise ValueError(f"seed {self.seed} or replicas {self.replicas} is out of range")
        keys = [(item.column, item.metric, item.decision) for item in self.measurements]
        if not keys or len(set(keys)) != len(keys):
            raise ValueError("a record needs measurements, each column, metric and decision once")
        if "seed" in self.configuration:
            raise ValueError(
                "the configuration must not hold the seed: seeds of one configuration are averaged"
            )
        # Tuples become lists here, so that a record equals itself read back.
        plain = json.loads(json.dumps(self.configuration, allow_nan=False))
        object.__setattr__(self, "configuration", plain)

    @property
    def configuration_hash(self) -> str:
        """SHA-256 of the configuration written canonically."""
        return sha256_json(self.configuration)

    @property
    def run(self) -> str:
        """The run's name, see `run_name`."""
        return run_name(
            self.experiment, self.profile, self.seed, self.configuration, self.precision, self.trained_on
        )


def run_name(
    experiment: str,
    profile: str,
    seed: int,
    configuration: Mapping[str, Any],
    precision: str = "float32",
    trained_on: Iterable[Data] = (),
) -> str:
    """Name a run by what decides its result: "neighborhood-18-cpu-seed1-3fa29c01".

    The last part is a hash of configuration, precision and training data: another recipe, or another copy of
    the data, is another run and does not overwrite this one.
    """
    content = [configuration, precision, [data.identity for data in trained_on]]
    return f"{experiment}-{profile}-seed{seed}-{sha256_json(content)[:8]}"


def run_path(results_root: Path, paper: str, run: str) -> Path:
    """Return where the record of a run stands."""
    return Path(results_root) / paper / "runs" / f"{run}.json"


def write(record: Record, results_root: Path, predictions: pd.DataFrame | None = None) -> Path:
    """Write a record and, before it, its per-image predictions; return the record's path.

    Where both stand already, the new predictions wait beside the old ones until the new record stands: a
    record has its predictions whenever the run was killed.
    """
    path = run_path(results_root, record.paper, record.run)
    written = None
    if predictions is not None:
        written = write_predictions(predictions_path(path, waiting=path.exists()), predictions)
    content = {**dataclasses.asdict(record), "predictions": written}
    sealed.write_sealed(path, {"schema": SCHEMA, "configuration_hash": record.configuration_hash, **content})
    if predictions is not None:
        settle_predictions(path)
    return path


def read(path: Path) -> Record:
    """Read a record.

    Raises:
        UserError: the file is absent, is not such a record, or was edited or renamed by hand.
    """
    path = Path(path)
    try:
        found = sealed.parse(path.read_text(encoding="utf-8"))
        content = of_today(found.content)
        stated = content.pop("configuration_hash", None)
        record: Record = strict.build(Record, content, "it")
    except (OSError, ValueError, UserError) as error:
        raise UserError(f"{path} is not a readable record: {error}. {_REMEDY}") from error
    if found.edited or stated != record.configuration_hash or path.stem != record.run:
        raise UserError(
            f"{path} was edited or renamed: its name or hash disagrees with its content. {_REMEDY}"
        )
    return record


def predictions_beside(path: Path, record: Record) -> pd.DataFrame:
    """Return the predictions beside the record that was read from `path`.

    Raises:
        UserError: they are absent or damaged, or not those that the record was written with.
    """
    stored = stored_predictions(path, record.predictions)
    frame = read_predictions(stored)
    if "column" not in frame:
        raise UserError(f"{stored} does not say which test set its rows are of. {_REMEDY}")
    return frame


def predictions_of(
    record: Record, results_root: Path, column: str, numbers: Iterable[str] = ()
) -> pd.DataFrame:
    """Return the predictions of one test set.

    Args:
        record: that they stand beside.
        results_root: where it stands.
        column: the test set's key.
        numbers: names of columns that must hold a finite number in each row, where there are rows.

    Raises:
        UserError: as of `predictions_beside`, or a column holds something else.
    """
    path = run_path(results_root, record.paper, record.run)
    frame = predictions_beside(path, record)
    rows = frame[frame["column"] == column]
    for name in numbers if len(rows) else ():
        known = name in rows and pd.api.types.is_numeric_dtype(rows[name])
        if not known or not np.isfinite(rows[name]).all():
            raise UserError(f"{predictions_path(path)} holds no numbers as {name} of {column}. {_REMEDY}")
    return rows


def load(results_root: Path, paper: str) -> list[Record]:
    """Read all records of a paper, ordered by name; none is an empty list. Errors are those of `read`."""
    return [read(path) for path in sorted((Path(results_root) / paper / "runs").glob("*.json"))]


def find(
    results_root: Path,
    paper: str,
    *,
    experiment: str,
    profile: str,
    seed: int,
    configuration: Mapping[str, Any],
    precision: str = "float32",
    trained_on: Iterable[Data] = (),
    tested_on: Iterable[tuple[str, Data]] = (),
) -> Record | None:
    """Return the record that already holds what such a run would measure, or None where it has to run.

    Args:
        configuration, precision, trained_on: as the run would record them.
        tested_on: (column, data) of every test set wanted. A record that lacks one, or measured it on other
            images, does not stand.
    """
    name = run_name(experiment, profile, seed, configuration, precision, trained_on)
    path = run_path(results_root, paper, name)
    if not path.exists():
        return None
    record = read(path)
    measured = {(item.column, item.data.identity) for item in record.measurements}
    wanted = {(column, data.identity) for column, data in tested_on}
    return record if wanted <= measured else None


def _texts(owner: Any, *names: str) -> None:
    for name in names:
        if not isinstance(getattr(owner, name), str) or not getattr(owner, name).strip():
            raise ValueError(f"{name} must be a text that is not empty")
