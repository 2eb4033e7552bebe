"""What was counted of a data set for a figure, kept with what it was counted of.

A figure that no training stands behind has no record. Its numbers lie in results/<paper>/data, a file a data
set: generated faces, which anyone's first command counts, do not take the place of real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from common.evidence.provenance import code_version
from common.evidence.sealed import read_sealed, write_sealed

FOLDER = "data"


class Of(TypedDict):
    """What was counted: arguments of `store_counts`, and the code that counted."""

    dataset: str
    fingerprint: str
    images: int
    stand_in: bool
    code_version: str


def store_counts(
    paper: Path,
    name: str,
    counts: Mapping[str, Any],
    *,
    dataset: str,
    fingerprint: str,
    images: int,
    stand_in: bool,
) -> Path:
    """Store what was counted and return the file.

    Args:
        paper: folder of the paper in the results.
        name: of the figure's numbers ("ages").
        counts: JSON values by name.
        dataset: that was counted.
        fingerprint: of its images.
        images: how many were counted.
        stand_in: whether they are generated.
    """
    of = {
        "dataset": dataset,
        "fingerprint": fingerprint,
        "images": images,
        "stand_in": stand_in,
        "code_version": code_version(),
    }
    path = Path(paper) / FOLDER / f"{name}-{dataset}.json"
    write_sealed(path, {"of": of, **counts})
    return path


def stored_counts(paper: Path, name: str, kind: Any, remedy: str) -> dict[str, Any] | None:
    """Return what was counted: of real faces before generated ones, then of most images; None without any.

    Args:
        paper: folder of the paper in the results.
        name: of the figure's numbers.
        kind: a TypedDict of the counts, and of "of": `Of`.
        remedy: what counts them again ("run make fig11-age-gender").

    Raises:
        UserError: a file of them cannot be read, or was edited.
    """
    files = sorted((Path(paper) / FOLDER).glob(f"{name}-*.json"))
    found = [read_sealed(path, kind, remedy) for path in files]

    def preference(one: dict[str, Any]) -> tuple[bool, int]:
        return not one["of"]["stand_in"], one["of"]["images"]

    return max(found, key=preference, default=None)
