"""A kind of file: how a valid one is made, how it is broken, and what reads it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.mutations.values import spoilt_bytes, spoilt_json


@dataclass
class Case:
    """A kind of file.

    Attributes:
        name: for the counts.
        make: writes valid files below a folder and returns the one that is broken.
        read: reads what lies in the folder; may raise UserError.
        change: returns a broken copy's bytes; None breaks bytes as `spoilt_bytes` does.
    """

    name: str
    make: Callable[[Path], Path]
    read: Callable[[Path], Any]
    change: Callable[[bytes, random.Random], bytes] | None = None
    _path: Path = field(init=False)
    _valid: bytes = field(init=False)

    def prepare(self, folder: Path) -> None:
        """Write the valid files and read them."""
        self._path = self.make(folder)
        self._valid = self._path.read_bytes()
        self.read(folder)

    def mutate(self, folder: Path, generator: random.Random) -> None:
        """Put a broken copy in the place of the valid file, and the others back."""
        if self._path.is_dir():
            self._path.rmdir()
        self.make(folder)
        if self.change is None or generator.random() < 0.1:
            spoilt_bytes(self._path, self._valid, generator)
        else:
            self._path.write_bytes(self.change(self._valid, generator))


def changed_values(sealed: bool) -> Callable[[bytes, random.Random], bytes]:
    """Return a change of JSON's values, see `benchmarks.mutations.values.spoilt_json`."""
    return lambda valid, generator: spoilt_json(json.loads(valid), generator, sealed).encode()
