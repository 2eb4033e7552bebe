"""Something computed of every image of a prepared set, a shard at a time, so that a killed run goes on."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from common.files import atomic_write, writing_to
from common.progress import Progress
from data_prep.prepared import shards
from data_prep.prepared.index import Prepared

_DIGEST = hashlib.sha256().digest_size


def compute_by_shard(
    prepared: Prepared, compute: Callable[[np.ndarray], np.ndarray], folder: Path, what: str
) -> np.ndarray:
    """Return what `compute` gives for each image of the index, (N, D) float32.

    The results of a shard are kept in `folder` from then on; those that stand there are not computed again.
    The folder must be of these images and this computation alone; the caller removes it when the whole is
    stored elsewhere.

    Args:
        prepared: the set.
        compute: (n, S, S, 3) uint8 RGB -> (n, D) finite numbers.
        folder: made where missing.
        what: is going on, for the progress bar.

    Raises:
        UserError: a shard is damaged, or `folder` cannot be written to.
        ValueError: `compute` gave another number of rows.
    """
    of_shard = prepared.index["shard"].to_numpy()
    parts = []
    with Progress(what, len(of_shard)) as progress, writing_to(folder):
        for shard in np.unique(of_shard):
            parts.append(compute_shard(prepared, compute, folder, int(shard)))
            progress.advance(len(parts[-1]))
    return np.concatenate(parts)


def compute_shard(
    prepared: Prepared, compute: Callable[[np.ndarray], np.ndarray], folder: Path, shard: int
) -> np.ndarray:
    """Return what `compute` gives for the images of one shard, which stands in `folder` from then on.

    Arguments and errors are those of `compute_by_shard`.
    """
    rows = _rows(prepared, shard)
    path = _path(folder, shard)
    part = _standing(path, len(rows))
    if part is None:
        part = np.asarray(compute(shards.read_images(prepared, rows)), np.float32)
        if part.ndim != 2 or len(part) != len(rows):
            raise ValueError(f"{len(rows)} images gave results of shape {part.shape}")
        _store(path, part)
    return part


def missing_shards(prepared: Prepared, folder: Path) -> list[int]:
    """Return the shards whose results do not stand in `folder`."""
    every = np.unique(prepared.index["shard"].to_numpy()).tolist()
    return [one for one in every if _standing(_path(folder, one), len(_rows(prepared, one))) is None]


def _rows(prepared: Prepared, shard: int) -> np.ndarray:
    return np.flatnonzero(prepared.index["shard"].to_numpy() == shard)


def _path(folder: Path, shard: int) -> Path:
    return folder / f"part-{shard:05d}.npy"


def _store(path: Path, part: np.ndarray) -> None:
    """Write an array and the hash of its file's bytes behind them."""
    buffer = io.BytesIO()
    np.save(buffer, part, allow_pickle=False)
    with atomic_write(path, "wb") as file:
        file.write(buffer.getbuffer())
        file.write(hashlib.sha256(buffer.getbuffer()).digest())


def _standing(path: Path, rows: int) -> np.ndarray | None:
    try:
        content, digest = (stored := path.read_bytes())[:-_DIGEST], stored[-_DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            return None
        part = np.load(io.BytesIO(content), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return part if part.ndim == 2 and len(part) == rows and part.dtype == np.float32 else None
