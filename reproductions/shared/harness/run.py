"""What travels from a table's row to its record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from common.evidence import records
from common.evidence.records import Data, Measurement
from common.training.fit import FitResult
from reproductions.shared.harness.options import Options


@dataclass(frozen=True, eq=False)
class Run:
    """One row of a table, with one seed.

    Attributes:
        paper: whose results it belongs to, by name.
        table: for which it is run; others may show it too.
        experiment: the row: it has a name, and a configuration by profile.
        recipe: of the experiment under the profile.
        options: of the command.
        seed: of weights, order and augmentation.
        precision: number format of the arithmetic.
        trained_on: as of its record; () until the data are known.
        tested_on: (column, data) of every test set, likewise.
    """

    paper: str
    table: str
    experiment: Any
    recipe: Any
    options: Options
    seed: int
    precision: str
    trained_on: tuple[Data, ...] = ()
    tested_on: tuple[tuple[str, Data], ...] = ()

    @property
    def configuration(self) -> dict[str, Any]:
        """All that decides the result besides seed and data."""
        configuration: dict[str, Any] = self.experiment.configuration(self.options.profile)
        return configuration

    @property
    def name(self) -> str:
        """The run's name, see `common.evidence.records.run_name`."""
        return records.run_name(
            self.experiment.name,
            self.options.profile,
            self.seed,
            self.configuration,
            self.precision,
            self.trained_on,
        )

    @property
    def folder(self) -> Path:
        """The folder of its checkpoints and weights."""
        return Path(self.options.runs_root) / self.paper / self.name

    @property
    def record_path(self) -> Path:
        """The file of its record."""
        return records.run_path(self.options.results_root, self.paper, self.name)


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
