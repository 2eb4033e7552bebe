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

from common.errors import UserError
from reproductions.shared.harness.targets import Target

if TYPE_CHECKING:
    from common.evidence.render import Report


@dataclass(frozen=True)
class Paper:
    """One reproduced paper.

    Attributes:
        name: what is typed, as in ``neighborhood``; also the folder of its results.
        title: the paper's title, authors and year, in one line.
        targets: its targets by name, in the order of the paper.
        report: returns what is shown of the paper, from which `make tables` renders its results folder.
        offers: what it gives to other studies, by the names that these ask for ("ages").
    """

    name: str
    title: str
    targets: dict[str, Target]
    report: Callable[[], Report]
    offers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        title: str,
        targets: Iterable[Target],
        report: Callable[[], Report],
        **offers: Callable[..., Any],
    ) -> Paper:
        """Build a paper from its targets in order; two of one name raise ValueError."""
        targets = list(targets)
        by_name = {target.name: target for target in targets}
        if len(by_name) != len(targets):
            raise ValueError(f"two targets of {name!r} share a name: {[target.name for target in targets]}")
        return cls(name, title, by_name, report, offers)


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
    return {name: paper for name, (paper, _) in _found(folder, package).items()}


@cache
def folders() -> dict[str, Path]:
    """Return the folder of every paper of `reproductions` by name."""
    return {name: where for name, (_, where) in _found(Path(__file__).parents[2], "reproductions").items()}


def _found(folder: Path, package: str) -> dict[str, tuple[Paper, Path]]:
    found: dict[str, tuple[Paper, Path]] = {}
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
        found[paper.name] = paper, folder / entry.name
    return dict(sorted(found.items()))


@cache
def papers() -> dict[str, Paper]:
    """Return every paper of `reproductions` by name."""
    return discover(Path(__file__).parents[2], "reproductions")


def offered(what: str) -> tuple[str, Callable[..., Any]]:
    """Return the paper that offers something to other studies, by name, and what it offers.

    Raises:
        UserError: no study does.
    """
    for paper in papers().values():
        if what in paper.offers:
            return paper.name, paper.offers[what]
    raise UserError(f"no study in reproductions offers {what}: restore the folder of the one that does.")
