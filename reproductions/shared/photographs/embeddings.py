"""A file of embeddings, which anybody reads with `numpy.load` without pickles, and the search in it.

embeddings   (N, D) float32, rows of length one: their products are cosines
names        (N,) text, the photograph of each row, relative to the folder
faces        (N,) number of the face in its photograph, from 1, left to right; may be absent where one
             face a photograph was embedded
about        JSON text: the network with its fingerprint, size and template of the faces, whether mirror
             images were added, the folder
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError, clause
from common.files import atomic_write, require_writable_file

SUFFIX = ".npz"
COUNT = 10
"""Faces that a search shows."""

_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    NotImplementedError,
    MemoryError,
    RecursionError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, eq=False)
class Embeddings:
    """A file of embeddings.

    Attributes:
        vectors: (N, D) float32, rows of length one.
        names: (N,) photographs.
        about: of the network and the folder.
        faces: (N,) numbers of the faces in their photographs; None where one a photograph was embedded.
    """

    vectors: np.ndarray
    names: np.ndarray
    about: dict[str, Any]
    faces: np.ndarray | None = None


def write(path: Path, made: Embeddings) -> None:
    """Write a file of embeddings, whole or not at all."""
    numbers = {} if made.faces is None else {"faces": made.faces}
    about = np.array(json.dumps(made.about))
    with atomic_write(path, "wb") as file:
        np.savez(file, embeddings=made.vectors, names=made.names, about=about, **numbers)


def read(path: Path, target: str = "embed") -> Embeddings:
    """Read a file of embeddings; nothing in it is executed.

    Args:
        path: of the file.
        target: of make that makes one, for the sentence.

    Raises:
        UserError: it is not there, or is no such file.
    """
    # What has another ending is another file of the user's, which is not to be written over.
    file = path if path.suffix == SUFFIX else f"FILE{SUFFIX}"
    remedy = f"make it with make {target} FOLDER=... OUT={file}"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            vectors, names = arrays["embeddings"], arrays["names"]
            about = json.loads(str(arrays["about"]))
            faces = arrays.get("faces")
        if vectors.dtype != np.float32 or vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise ValueError("its embeddings are no vectors")
        if not len(names) or names.shape != vectors.shape[:1] or names.dtype.kind != "U":
            raise ValueError("its names are not one a vector")
        if faces is not None and (faces.shape != names.shape or faces.dtype.kind not in "iu"):
            raise ValueError("its numbers of faces are not one a vector")
        if not isinstance(about, dict):
            raise ValueError("it does not say of what network it is")
    except FileNotFoundError as error:
        raise UserError(f"there is no file {path}: {remedy}.") from error
    except _DAMAGE as error:
        # NumPy takes what is no archive for a pickle, and advises to load it unsafely.
        is_archive = isinstance(error, OSError | zipfile.BadZipFile) or zipfile.is_zipfile(path)
        reason = clause(error) if is_archive else f"it is no {SUFFIX} file"
        raise UserError(f"{path} holds no embeddings ({reason}): {remedy}.") from error
    return Embeddings(vectors, names, about, faces)


def nearest(embeddings: Embeddings, vector: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows most similar to a vector of length one, the most similar first, and their cosines.

    Raises:
        UserError: the vector is another network's, as its length tells, or `count` is below 1.
    """
    require_count(count)
    if vector.shape != embeddings.vectors.shape[1:]:
        raise UserError("the embeddings have another length than this network's: embed the folder again.")
    # In float64 equal vectors are equally similar wherever they stand; then the first comes first.
    cosines = np.clip(embeddings.vectors.astype(np.float64) @ vector.astype(np.float64), -1, 1)
    best = np.argsort(-cosines, kind="stable")[:count]
    return best, cosines[best]


def require_paths(folder: Path, out: Path) -> None:
    """Refuse a folder, or a file for its embeddings, that could not be used.

    Raises:
        UserError: the file has another ending than .npz or cannot be written, or the folder is not there.
    """
    if out.suffix != SUFFIX:
        raise UserError(f"{out} does not end in {SUFFIX}: the embeddings are written in NumPy's format.")
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}: give the one that holds the photographs.")
    require_writable_file(out, "another file for the embeddings with --out (OUT=...)")


def require_count(count: int) -> None:
    """Raise UserError where so many faces cannot be shown."""
    if count < 1:
        raise UserError(f"{count} faces cannot be shown: choose at least 1.")


def require_same(made_by: Mapping[str, Any], mine: Mapping[str, Any]) -> None:
    """Refuse embeddings of another network than the one that asks; both say "network" and what else tells.

    Raises:
        UserError: they differ in anything that the one that asks says of itself.
    """
    different = [name for name, value in mine.items() if made_by.get(name) != value]
    if different == ["mirrored"]:
        theirs, ours = ("without", "with") if mine["mirrored"] else ("with", "without")
        raise UserError(
            f"the embeddings were made {theirs} the faces' mirror images and not {ours} them: embed the "
            "folder again."
        )
    if different:
        same = made_by.get("network") == mine["network"]
        by = f"another training of {mine['network']}" if same else made_by.get("network")
        here = "the one here" if same else mine["network"]
        raise UserError(
            f"the embeddings were made by {by} and not by {here}, with whose they cannot be compared: embed "
            "the folder again."
        )


def beside(out: Path, what: str) -> Path:
    """Return where a table about a file of embeddings lies: faces.index.csv beside faces.npz."""
    return out.with_name(f"{out.stem}.{what}.csv")
