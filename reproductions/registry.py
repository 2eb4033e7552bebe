"""Which papers the suite reproduces, and the tables and figures of each.

A paper is a folder of this package whose ``__init__`` holds one object named ``PAPER``. Adding a paper adds a
folder; nothing here changes. The ``__init__`` stays light, so that listing the papers costs no deep learning
library: it names what a target runs by `lazily`, which imports the module when the target is run.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reproductions.options import Options

if TYPE_CHECKING:
    from common.evidence.render import Report


@dataclass(frozen=True)
class Target:
    """One thing a reader asks of a paper: a table, a figure, or all of them.

    Attributes:
        name: what is typed, as in ``table2``.
        help: one line for the listing.
        run: does the work and ends by printing what it made and where it lies.
    """

    name: str
    help: str
    run: Callable[[Options], None]


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

    def call(*arguments: Any) -> Any:
        return getattr(importlib.import_module(module), function)(*arguments)

    return call


def discover(folder: Path, package: str) -> dict[str, Paper]:
    """Return the papers found among the sub-packages of `package`, which lies in `folder`, by name.

    Raises:
        ValueError: a sub-package has no ``PAPER``, or two papers share a name.
    """
    found: dict[str, Paper] = {}
    for entry in pkgutil.iter_modules([str(folder)]):
        if not entry.ispkg:
            continue
        paper = getattr(importlib.import_module(f"{package}.{entry.name}"), "PAPER", None)
        if not isinstance(paper, Paper):
            raise ValueError(f"{package}/{entry.name}/__init__.py holds no PAPER")
        if paper.name in found:
            raise ValueError(f"two folders of {package} hold a paper named {paper.name!r}")
        found[paper.name] = paper
    return dict(sorted(found.items()))


@cache
def papers() -> dict[str, Paper]:
    """Return every paper of this package by name."""
    return discover(Path(__file__).parent, __package__)
