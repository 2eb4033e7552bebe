"""Weights in files: hashed where they are written, checked where they are read, and nothing else let in.

Beside a file of weights lies a seal, `<file>.json`, with the hash of its bytes and that of the weights
themselves. The latter is what a record states: it is the same whenever the same weights are written, while a
whole network's file holds the day that it was written on.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import keras
import numpy as np

from common.errors import UserError
from common.evidence import strict
from common.evidence.sealed import read_sealed, write_sealed
from common.files import atomic_path, sha256_file
from common.training.guards import spoilt
from common.workers import is_chief, together

_REMEDY = "Delete it and run again what trains it, with WEIGHTS=needed (--weights needed)."

_ENDINGS = (".weights.h5", ".keras")

_KINDS = "fiu"
"""Kinds of numbers that a file of weights holds: floats and whole numbers."""

_SIZES = ("units", "filters", "input_dim", "output_dim", "batch_shape")
"""Settings of layers that say how many weights there are."""

_IN_ARCHIVE = ("metadata.json", "config.json", "model.weights.h5")


@dataclass(frozen=True)
class Seal:
    """What lies beside a file of weights: SHA-256 of the file, and `weights_hash` of what is in it."""

    file: str
    weights: str


def seal_path(path: Path) -> Path:
    """Return where the seal of a file of weights lies."""
    return path.with_name(f"{path.name}.json")


def save_weights(model: keras.Model, path: Path) -> None:
    """Write a network's weights and their seal, whole or not at all; what holds them already stays."""
    _save(model, path, model.save_weights)


def save_network(model: keras.Model, path: Path) -> None:
    """Write a whole network as Keras' own file; otherwise as `save_weights`."""
    _save(model, path, model.save)


def weights_hash(weights: Iterable) -> str:
    """Return the SHA-256 of weights, whatever their order and the names of their layers."""
    values = [np.ascontiguousarray(keras.ops.convert_to_numpy(weight)) for weight in weights]
    parts = sorted(
        hashlib.sha256(f"{value.dtype} {value.shape}".encode() + value.tobytes()).digest() for value in values
    )
    return hashlib.sha256(b"".join(parts)).hexdigest()


def stated_hash(path: Path) -> str | None:
    """Return the hash of the weights in a file by its seal, once its bytes are known to be those sealed.

    None where there is no seal: the file is from before there were any, or a kill came between the two.

    Raises:
        UserError: the file is not the one that was sealed, or the seal cannot be read.
    """
    beside = seal_path(path)
    if not beside.exists():
        return None
    seal = read_sealed(beside, Seal, "delete it and the weights, and train again with WEIGHTS=needed")
    try:
        intact = sha256_file(path) == seal.file
    except OSError as error:
        raise UserError(f"the weights {path} cannot be read ({error}). {_REMEDY}") from error
    if not intact:
        raise UserError(
            f"the weights {path} were changed since they were written: their hash is another. {_REMEDY}"
        )
    return seal.weights


def sealed_weights(folder: Path) -> dict[str, str]:
    """Return the hashes of all sealed weights below a folder, by file; errors are those of `stated_hash`."""
    found = {}
    for beside in sorted(Path(folder).rglob("*.json")):
        path = beside.with_suffix("")
        if path.name.endswith(_ENDINGS) and path.is_file():
            found[path.relative_to(folder).as_posix()] = stated_hash(path)
    return found


def load_weights(model: keras.Model, path: Path, stated: str | None = None) -> None:
    """Load weights into a network that is built.

    A file without a seal, from before there were any, is sealed as it is found.

    Args:
        model: of the shape that was saved; what the file holds of an optimizer is left.
        path: of the file.
        stated: hash of the weights that are meant, by a record; None where no record states one.

    Raises:
        UserError: the file is absent, damaged or changed, holds something else than the network's weights, or
            other weights than the record is of.
    """

    def load() -> keras.Model:
        _look_through(path)
        model.load_weights(path)
        return model

    _load(path, stated, load)


def load_network(path: Path, stated: str | None = None) -> keras.Model:
    """Return a whole network, uncompiled; arguments and errors as of `load_weights`.

    No code that such a file could hold is run.
    """

    def load() -> keras.Model:
        _look_through_archive(path)
        return keras.saving.load_model(path, compile=False, safe_mode=True)

    return _load(path, stated, load)


def _load(path: Path, stated: str | None, load: Callable[[], keras.Model]) -> keras.Model:
    if not path.is_file():
        raise UserError(f"the weights {path} are not there. {_REMEDY}")
    sealed = stated_hash(path)
    try:
        model = load()
    # What Keras, h5py and TensorFlow raise at a hostile file has no class in common.
    except Exception as error:
        told = " ".join(str(error).split())[:200]
        raise UserError(f"{path} does not hold the weights of this network ({told}). {_REMEDY}") from error
    if names := spoilt(model):
        raise UserError(f"{path} holds weights that are not finite ({names}). {_REMEDY}")
    found = weights_hash(model.weights)
    if stated is not None and found != stated:
        raise UserError(f"{path} holds other weights than those that its record tells of. {_REMEDY}")
    if sealed is None:
        with contextlib.suppress(OSError):
            _write_seal(path, sha256_file(path), found)
    return model


def _save(model: keras.Model, path: Path, write: Callable[[Path], None]) -> None:
    if is_chief():
        _write(model, Path(path), write)
    together("a file of weights")


def _write(model: keras.Model, path: Path, write: Callable[[Path], None]) -> None:
    weights = weights_hash(model.weights)
    if _holds(path, weights):
        return
    # A kill between the two leaves a file without a seal, not one with another's.
    seal_path(path).unlink(missing_ok=True)
    with atomic_path(path) as beside:
        write(beside)
        file = sha256_file(beside)
    _write_seal(path, file, weights)


def _holds(path: Path, weights: str) -> bool:
    try:
        return path.is_file() and stated_hash(path) == weights
    except UserError:
        return False


def _write_seal(path: Path, file: str, weights: str) -> None:
    write_sealed(seal_path(path), {"file": file, "weights": weights})


def _look_through(file: Path | io.BytesIO) -> int:
    """Refuse what no network's weights hold; return the largest side of an array.

    Raises:
        OSError, ValueError: it is no HDF5, or holds links to elsewhere or what are no numbers.
    """
    largest = 0

    def look(name: str, item: h5py.Group | h5py.Dataset) -> None:
        nonlocal largest
        if isinstance(item, h5py.Dataset):
            if item.dtype.kind not in _KINDS or item.external or item.is_virtual:
                raise ValueError(f"{name} holds {item.dtype}, which are no numbers of its own")
            if item.nbytes > size:
                raise ValueError(f"{name} says that it is larger than the file")
            largest = max(largest, *item.shape, 0)

    size = os.path.getsize(file) if isinstance(file, Path) else file.getbuffer().nbytes
    with h5py.File(file) as content:
        content.visititems(look)
    return largest


def _look_through_archive(path: Path) -> None:
    """Refuse a whole network's file with packed or other parts, or layers larger than its weights."""
    with zipfile.ZipFile(path) as archive:
        if sorted(archive.namelist()) != sorted(_IN_ARCHIVE) or any(
            part.compress_type != zipfile.ZIP_STORED or part.file_size > os.path.getsize(path)
            for part in archive.infolist()
        ):
            raise ValueError("it does not hold what Keras writes")
        largest = _look_through(io.BytesIO(archive.read("model.weights.h5")))
        config = strict.parse(archive.read("config.json").decode())
    if any(size > largest for size in _sizes(config)):
        raise ValueError("a layer is larger than its weights")


def _sizes(config: object) -> Iterator[int]:
    if isinstance(config, dict):
        for name, value in config.items():
            if name in _SIZES:
                several = value if isinstance(value, list) else [value]
                yield from (one for one in several if type(one) is int)
            yield from _sizes(value)
    elif isinstance(config, list):
        for value in config:
            yield from _sizes(value)
