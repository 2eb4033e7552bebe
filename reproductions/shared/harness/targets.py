"""What can be typed after a target or a command: options, and the word some take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.errors import UserError
from reproductions.shared.harness.options import (
    PRECISIONS,
    parse_folder,
    parse_root,
    parse_seeds,
    parse_whole,
)
from reproductions.shared.harness.profiles import PROFILES


@dataclass(frozen=True)
class Flag:
    """An option ``--name VALUE``, or a word that a target takes.

    Attributes:
        read: turns what was typed into the value, or raises a ValueError whose text follows the option's name
            ("takes a whole number, not 'x'"); None for an option without a value, which ``--no-name`` undoes.
        metavar: what stands for the value in the help.
        help: what it means, in a line.
        required: whether the target cannot do without it.
    """

    read: Callable[[str], Any] | None
    metavar: str
    help: str
    required: bool = False

    def value(self, name: str, given: Any) -> Any:
        """Return the value of what was typed for `name` ("--size"), already a bool where nothing is read.

        Raises:
            UserError: it is empty or cannot be read.
        """
        if self.read is None:
            return given
        if given == "":
            raise UserError(f"{name} has an empty value.")
        try:
            return self.read(given)
        except ValueError as error:
            raise UserError(f"{name} {error}.") from None

    def shown(self, name: str) -> str:
        """Return the option called `name` as it is typed."""
        return f"--{name} {self.metavar}".rstrip()


_SIZES = "; ".join(f"{one.name}, {one.purpose}" for one in PROFILES.values())

RUN_FLAGS = {
    "profile": Flag(str, "P", f"size of the run: {_SIZES} (default smoke)"),
    "data-root": Flag(parse_folder, "DIR", "folder of your data sets; generated faces are used without it"),
    "replicas": Flag(parse_whole, "N", "devices that share a batch: GPUs, or logical CPUs (default 1)"),
    "precision": Flag(str, "F", f"{', '.join(PRECISIONS)} (default the profile's own)"),
    "seeds": Flag(parse_seeds, "S,S", "one run for each seed (default 1,2,3)"),
    "resume": Flag(None, "", "go on where a stopped run was and keep finished records (default); or not"),
    "weights": Flag(str, "W", "needed: train again where a record stands whose weights are gone"),
    "results-root": Flag(parse_root, "DIR", "records, tables and figures (default results)"),
    "prepared-root": Flag(parse_root, "DIR", "aligned faces, kept between runs (default prepared)"),
    "runs-root": Flag(parse_root, "DIR", "checkpoints and logs (default runs)"),
}
"""What every target takes: the fields of `reproductions.shared.harness.options.Options`."""
