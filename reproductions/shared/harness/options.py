"""What a user may choose about a run, checked once and passed to every target."""

from __future__ import annotations

import keyword
import reprlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.errors import UserError, unknown
from common.files import expanded
from reproductions.shared.harness.profiles import PROFILES

PRECISIONS = ("float32", "bfloat16", "float16")
"""The number formats a network can compute in; weights stay float32."""

NEEDED = "needed"
WEIGHTS = ("optional", NEEDED)
"""Whether a run whose record stands is made again where its weights are gone."""

MOST_REPLICAS = 256
"""More than any machine has GPUs, or a batch can be shared among."""

MOST_WORKERS = 1024

RESULTS = Path("results")
SMOKE_RESULTS = "results"
"""Folder of the smoke profile's results in that of its runs."""

_LARGEST_SEED = 2**32 - 1

_BY_PROFILE: Any = None
"""In place of what the profile decides where nobody says it; no field of `Options` keeps it."""


@dataclass(frozen=True)
class Options:
    """The choices of one command.

    Attributes:
        profile: how large the run is, a name of `reproductions.shared.harness.profiles.PROFILES`.
        data_root: the folder of the user's data sets, or None where there is none (generated faces are used).
        prepared_root: where aligned faces are kept between runs.
        results_root: where records, tables and figures go; where nothing is given "results", but beside the
            runs under smoke, whose numbers are of generated faces.
        runs_root: where checkpoints and logs go.
        replicas: how many devices share one batch.
        precision: a name of `PRECISIONS`, or None for what each row computes in by its recipe.
        seeds: one run for each; where none is given 1, 2, 3, but 1 alone under smoke.
        resume: go on from checkpoints and keep finished records; False starts afresh.
        weights: a name of `WEIGHTS`.
        deterministic: train with operations that give the same bits twice on one machine.
        setup: name of the paper's machine whose number of replicas these are, see `setups`; None is none.
        began: when the command began, in seconds since 1970.

    Raises:
        UserError: a value that no run could use.
    """

    profile: str = "smoke"
    data_root: Path | None = None
    prepared_root: Path = Path("prepared")
    results_root: Path = _BY_PROFILE
    runs_root: Path = Path("runs")
    replicas: int = 1
    precision: str | None = None
    seeds: tuple[int, ...] = _BY_PROFILE
    resume: bool = True
    weights: str = "optional"
    deterministic: bool = True
    setup: str | None = None
    began: float = field(default_factory=time.time, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise unknown("profile", self.profile, PROFILES)
        first_look = self.is_first_look
        if self.results_root is _BY_PROFILE:
            root = self.runs_root / SMOKE_RESULTS if first_look else RESULTS
            object.__setattr__(self, "results_root", root)
        if self.seeds is _BY_PROFILE:
            object.__setattr__(self, "seeds", (1,) if first_look else (1, 2, 3))
        if self.precision is not None and self.precision not in PRECISIONS:
            raise unknown("precision", self.precision, PRECISIONS)
        if self.weights not in WEIGHTS:
            raise unknown("--weights", self.weights, WEIGHTS)
        if not 1 <= self.replicas <= MOST_REPLICAS:
            raise UserError(
                f"--replicas takes a whole number from 1 to {MOST_REPLICAS}, not {self.replicas}."
            )
        if (
            not self.seeds
            or min(self.seeds) < 0
            or max(self.seeds) > _LARGEST_SEED
            or len(set(self.seeds)) != len(self.seeds)
        ):
            given = ",".join(map(str, self.seeds))
            raise UserError(
                f"--seeds takes different whole numbers from 0 to {_LARGEST_SEED}, as in 1,2,3, not {given}."
            )

    @property
    def is_first_look(self) -> bool:
        """Whether rows that no paper prints wait for targets of their own."""
        return self.profile == "smoke"

    def keeps(self, path: Path) -> bool:
        """Whether a finished file is taken as it is: where runs are resumed, or if this command made it."""
        try:
            return self.resume or path.stat().st_mtime >= self.began
        except FileNotFoundError:
            return False

    def check_data_root(self) -> None:
        """Raise UserError where a data folder was named that does not exist."""
        if self.data_root is not None and not self.data_root.is_dir():
            raise UserError(
                f"there is no data folder {str(self.data_root)!r}: give the one that holds FG-NET, "
                "UTKFace and the like, as DATA_ROOT=folder or --data-root folder."
            )


def parse_folder(text: str) -> Path:
    """Read a folder, which need not exist; a leading ~ is the home folder."""
    return expanded(text)


def parse_root(text: str) -> Path:
    """Read a folder that is made if need be; a file in its place or on the way is a ValueError."""
    path = parse_folder(text)
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    if not there.is_dir():
        raise ValueError(f"takes a folder, and {there} is a file")
    return path


def parse_whole(text: str) -> int:
    """Read a whole number; anything else is a ValueError to follow the option's name."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"takes a whole number, not {reprlib.repr(text)}") from None


def parse_workers(text: str) -> int:
    """Read a number of processes; one that no machine runs is a ValueError to follow the option's name."""
    workers = parse_whole(text)
    if not 1 <= workers <= MOST_WORKERS:
        raise ValueError(f"takes a whole number from 1 to {MOST_WORKERS}, not {workers}")
    return workers


def parse_seeds(text: str) -> tuple[int, ...]:
    """Read ``"1,2,3"`` as (1, 2, 3); anything else is a ValueError to follow the option's name."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise ValueError(
            f"takes whole numbers with commas between, as in 1,2,3, not {reprlib.repr(text)}"
        ) from None


def parse_fraction(text: str) -> float:
    """Read a number; anything else is a ValueError to follow the option's name."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"takes a number, not {reprlib.repr(text)}") from None


def parse_study(text: str) -> str:
    """Read the name of a study, a folder that can be imported; anything else is a ValueError."""
    if not text.isidentifier() or text != text.lower() or keyword.iskeyword(text):
        raise ValueError(f"takes small letters, digits and _, as in soft_labels, not {reprlib.repr(text)}")
    return text
