"""What can be typed after a target or a command: options, and the word some take."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from common.errors import UserError, unknown
from reproductions.shared.harness.options import (
    PRECISIONS,
    parse_folder,
    parse_root,
    parse_seeds,
    parse_whole,
)
from reproductions.shared.harness.profiles import PROFILES


def listed(where: str) -> Callable[[], tuple[str, ...]]:
    """Return a function that imports the names in ``"package.module:NAMES"`` when it is called."""
    module, _, names = where.partition(":")
    return lambda: tuple(getattr(importlib.import_module(module), names))


@dataclass(frozen=True)
class Flag:
    """An option ``--name VALUE``, or a word that a target takes.

    Attributes:
        read: turns what was typed into the value, or raises a ValueError whose text follows the option's name
            ("takes a whole number, not 'x'"); None for an option without a value, which ``--no-name`` undoes.
        metavar: what stands for the value in the help.
        help: what it means, in a line.
        required: whether the target cannot do without it.
        choices: what it may be; none where it may be anything.
    """

    read: Callable[[str], Any] | None
    metavar: str
    help: str
    required: bool = False
    choices: Callable[[], Iterable[str]] = tuple

    def value(self, name: str, given: Any) -> Any:
        """Return the value of what was typed for `name` ("--size"), already a bool where nothing is read.

        Raises:
            UserError: it is empty, is none of the choices or cannot be read.
        """
        if self.read is None:
            return given
        if given == "":
            raise UserError(f"{name} has an empty value: give {self.help}.")
        choices = tuple(self.choices())
        if choices and given not in choices:
            raise unknown(name, given, choices)
        try:
            return self.read(given)
        except ValueError as error:
            raise UserError(f"{name} {error}.") from None

    def shown(self, name: str) -> str:
        """Return the option called `name` as it is typed."""
        return f"--{name} {self.metavar}".rstrip()

    def spellings(self, name: str) -> list[str]:
        """Return how the option called `name` may be typed."""
        return [f"--{name}", f"--no-{name}"][: 2 if self.read is None else 1]


_SIZES = "; ".join(f"{one.name}, {one.purpose}" for one in PROFILES.values())

RUN_FLAGS = {
    "profile": Flag(str, "P", f"size of the run: {_SIZES} (default smoke)"),
    "data-root": Flag(parse_folder, "DIR", "folder of your data sets; generated faces are used without it"),
    "replicas": Flag(parse_whole, "N", "devices that share a batch: GPUs, or logical CPUs (default 1)"),
    "precision": Flag(str, "F", f"{', '.join(PRECISIONS)} (default the profile's own)"),
    "seeds": Flag(parse_seeds, "S,S", "one run for each seed (default 1,2,3; smoke 1)"),
    "resume": Flag(None, "", "go on where a stopped run was and keep finished records (default); or not"),
    "setup": Flag(str, "NAME", "the paper's machine, as in mtlface-8gpu: that many devices share a batch"),
    "deterministic": Flag(
        None, "", "the same bits twice on one machine (default); or not, which a GPU may do faster"
    ),
    "weights": Flag(str, "W", "needed: train again where a record stands whose weights are gone"),
    "results-root": Flag(
        parse_root, "DIR", "records, tables and figures (default results; smoke runs/results)"
    ),
    "prepared-root": Flag(parse_root, "DIR", "aligned faces, kept between runs (default prepared)"),
    "runs-root": Flag(parse_root, "DIR", "checkpoints and logs (default runs)"),
}
"""What every target takes: the fields of `reproductions.shared.harness.options.Options`."""


@dataclass(frozen=True)
class Target:
    """One thing that can be asked for: a table, a figure, a data set, or all of a study.

    Attributes:
        name: what is typed, as in ``table2``.
        help: one line for the listing.
        run: does the work and ends by printing what it made and where it lies. Takes the `Options`, then the
            word where there is one, then those of its own flags that were given, as keyword arguments.
        flags: options of its own by name, beside those of a run.
        word: what is typed after the name, as the photograph in ``age PHOTO``; None where nothing is.
        takes: names of the options of a run that mean something to it; None is all.
        light: it needs neither TensorFlow nor a data folder that is there already.
        further: words that are typed after that one.

    Raises:
        ValueError: an option of its own is named as one of a run.
    """

    name: str
    help: str
    run: Callable[..., None]
    flags: Mapping[str, Flag] = field(default_factory=dict)
    word: Flag | None = None
    takes: tuple[str, ...] | None = None
    light: bool = False
    further: tuple[Flag, ...] = ()

    def __post_init__(self) -> None:
        if taken := RUN_FLAGS.keys() & self.flags.keys():
            raise ValueError(f"--{min(taken)} is an option of runs: {self.name!r} cannot have one of its own")

    @property
    def usage(self) -> str:
        """The target as it is typed, without its options."""
        return " ".join([self.name, *(word.metavar for word in self.words)])

    @property
    def words(self) -> tuple[Flag, ...]:
        """What is typed after the name, in order."""
        return self.further if self.word is None else (self.word, *self.further)

    @property
    def options(self) -> dict[str, Flag]:
        """All that it takes, by name."""
        of_runs = RUN_FLAGS if self.takes is None else {name: RUN_FLAGS[name] for name in self.takes}
        return {**of_runs, **self.flags}
