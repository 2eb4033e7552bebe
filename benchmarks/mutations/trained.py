"""What trainings leave: weights, checkpoints, embeddings."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from benchmarks.mutations.case import Case, changed_values
from benchmarks.mutations.examples import example
from benchmarks.mutations.values import spoilt_json
from common.training.resume import CheckpointStore
from common.training.run_state import RunState
from common.training.weights import load_network, load_weights, save_network, save_weights, seal_path
from reproductions.shared.harness import again
from reproductions.shared.photographs import embeddings


def _network() -> keras.Model:
    faces = keras.Input((4,))
    return keras.Model(faces, keras.layers.BatchNormalization()(keras.layers.Dense(3)(faces)), name="tiny")


_MODEL = _network()


def _saved(save: Callable, name: str, sealed: bool) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        save(_MODEL, folder / name)
        if not sealed:
            seal_path(folder / name).unlink()
        return folder / name

    return make


def _seal(folder: Path) -> Path:
    save_weights(_MODEL, folder / "final.weights.h5")
    return seal_path(folder / "final.weights.h5")


_IDENTITY = {"configuration": "abc", "epochs": 3, "steps per epoch": 5}


def _checkpoint(folder: Path) -> Path:
    state = RunState(1, 2, False, {"loss": [0.1]}, [{"epoch": 1, "seconds": 2.0}], 1.5, 0.5, 0.5, 64)
    store = CheckpointStore(folder, _IDENTITY)
    store.save([np.ones((2, 2), np.float32), np.uint32(3)], state, [{"best": 0.25}])
    return folder / "epoch-00001-step-0000002.npz"


def _embeddings(folder: Path) -> Path:
    about = np.array(json.dumps({"run": "mtlface", "weights": "0" * 64, "size": 32, "mirrored": True}))
    np.savez(
        folder / "faces.npz", embeddings=np.ones((2, 3), np.float32), names=np.array(["a", "b"]), about=about
    )
    return folder / "faces.npz"


def _packed_anew(valid: bytes, generator: random.Random) -> bytes:
    with np.load(io.BytesIO(valid)) as stored:
        return _with_others(dict(stored), "embeddings", generator)


def _resealed_checkpoint(valid: bytes, generator: random.Random) -> bytes:
    with np.load(io.BytesIO(valid[:-32])) as stored:
        archive = _with_others(dict(stored), "arr_0", generator)
    return archive + hashlib.sha256(archive).digest()


def _with_others(parts: dict[str, np.ndarray], array: str, generator: random.Random) -> bytes:
    """Return an archive that says something else, or holds another array."""
    parts["about"] = np.array(spoilt_json(json.loads(str(parts["about"])), generator, sealed=False))
    if generator.random() < 0.3:
        values = (np.array([{}], object), np.array("x"), np.zeros((0, 9)), np.array(1j), np.zeros(3, "V7"))
        parts[array] = values[generator.randrange(len(values))]
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    return buffer.getvalue()


def _resealed_archive(valid: bytes, generator: random.Random) -> bytes:
    content = bytearray(valid[:-32])
    for _ in range(generator.choice((1, 3, 9))):
        content[generator.randrange(len(content))] = generator.randrange(256)
    return bytes(content) + hashlib.sha256(content).digest()


def _again(folder: Path) -> Path:
    return again.write(again.Again(example(weights={"final.weights.h5": "0" * 64}), ()), folder)


CASES = (
    Case(
        "weights",
        _saved(save_weights, "final.weights.h5", sealed=True),
        lambda folder: load_weights(_network(), folder / "final.weights.h5"),
    ),
    Case(
        "weights without a seal",
        _saved(save_weights, "final.weights.h5", sealed=False),
        lambda folder: load_weights(_network(), folder / "final.weights.h5"),
    ),
    Case(
        "network without a seal",
        _saved(save_network, "whole.keras", sealed=False),
        lambda folder: load_network(folder / "whole.keras"),
    ),
    Case(
        "seal",
        _seal,
        lambda folder: load_weights(_network(), folder / "final.weights.h5"),
        changed_values(sealed=True),
    ),
    Case("checkpoint", _checkpoint, lambda folder: CheckpointStore(folder, _IDENTITY).load()),
    Case(
        "checkpoint, hashed anew",
        _checkpoint,
        lambda folder: CheckpointStore(folder, _IDENTITY).load(),
        _resealed_checkpoint,
    ),
    Case(
        "checkpoint's bytes, hashed anew",
        _checkpoint,
        lambda folder: CheckpointStore(folder, _IDENTITY).load(),
        _resealed_archive,
    ),
    Case("embeddings", _embeddings, lambda folder: embeddings.read(folder / "faces.npz")),
    Case(
        "embeddings packed anew",
        _embeddings,
        lambda folder: embeddings.read(folder / "faces.npz"),
        _packed_anew,
    ),
    Case(
        "training made again",
        _again,
        lambda folder: again.stated_weights(example(), folder),
        changed_values(sealed=True),
    ),
)
