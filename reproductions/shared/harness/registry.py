"""Which papers the suite reproduces, and the tables and figures of each.

A paper is a folder of this package whose ``__init__`` holds one object named ``PAPER``. Adding a paper adds a
folder; nothing here changes. The ``__init__`` stays light, so that listing the papers costs no deep learning
library: it names what a target runs by `lazily`, which imports the module when the target is run.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reproductions.shared.harness.targets import RUN_FLAGS, Flag

if TYPE_CHECKING:
    from common.evidence.render import Report


@dataclass(frozen=True)
class Target:
    """One thing a reader asks of a paper: a table, a figure, or all of them.

    Attributes:
        name: what is typed, as in ``table2``.
        help: one line for the listing.
        run: does the work and ends by printing what it made and where it lies. Takes the `Options`, then the
            word where there is one, then those of its own flags that were given, as keyword arguments.
        flags: options of its own by name, beside those that every target takes.
        word: what is typed after the name, as the photograph in ``age PHOTO``; None where nothing is.

    Raises:
        ValueError: an option of its own is named as one that every target takes.
    """

    name: str
    help: str
    run: Callable[..., None]
    flags: Mapping[str, Flag] = field(default_factory=dict)
    word: Flag | None = None

    def __post_init__(self) -> None:
        if taken := RUN_FLAGS.keys() & self.flags.keys():
            raise ValueError(f"every target takes --{min(taken)}: {self.name!r} cannot have one of its own")

    @property
    def usage(self) -> str:
        """The target as it is typed, without its options."""
        return f"{self.name} {self.word.metavar}" if self.word else self.name


@dataclass(frozen=True)
class Paper:
    """One reproduced paper.

    Attributes:
        name: what is typed, as in ``neighborhood``; also the folder of its results.
        title: the paper's title, authors and year, in one line.
        targets: its targets by name, in the order of the paper.
        report: returns what is shown of the paper, from which `make tables` renders its results folder.
    """

    name: str
    title: str
    targets: dict[str, Target]
    report: Callable[[], Report]

    @classmethod
    def of(cls, name: str, title: str, targets: Iterable[Target], report: Callable[[], Report]) -> Paper:
        """Build a paper from its targets in order; two of one name raise ValueError."""
        targets = list(targets)
        by_name = {target.name: target for target in targets}
        if len(by_name) != len(targets):
            raise ValueError(f"two targets of {name!r} share a name: {[target.name for target in targets]}")
        return cls(name, title, by_name, report)


def lazily(where: str) -> Callable[..., Any]:
    """Return a function that imports ``"package.module:function"`` when it is called, and calls it."""
    module, _, function = where.partition(":")

    def call(*arguments: Any, **settings: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments, **settings)

    return call


def discover(folder: Path, package: str) -> dict[str, Paper]:
    """Return the papers found among the sub-packages of `package`, which lies in `folder`, by name.

    A sub-package that holds no ``PAPER`` is not a study: `shared` is what studies have in common.

    Raises:
        ValueError: two papers share a name, or a ``PAPER`` is none.
    """
    found: dict[str, Paper] = {}
    for entry in pkgutil.iter_modules([str(folder)]):
        if not entry.ispkg:
            continue
        paper = getattr(importlib.import_module(f"{package}.{entry.name}"), "PAPER", None)
        if paper is None:
            continue
        if not isinstance(paper, Paper):
            raise ValueError(f"{package}/{entry.name}/__init__.py holds a PAPER that is none")
        if paper.name in found:
            raise ValueError(f"two folders of {package} hold a paper named {paper.name!r}")
        found[paper.name] = paper
    return dict(sorted(found.items()))


@cache
def papers() -> dict[str, Paper]:
    """Return every paper of `reproductions` by name."""
    return discover(Path(__file__).parents[2], "reproductions")
