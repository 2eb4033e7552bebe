"""What data preparation leaves: prepared sets, generated faces and labels."""

from __future__ import annotations

import functools
import io
import random
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.mutations.case import Case, changed_values
from benchmarks.mutations.evidence import RESULTS
from common.evidence import sealed
from common.files import sha256_file, write_json
from data_prep.datasets.synthetic import DATASET
from data_prep.preparation import parts
from data_prep.preparation.crop import Recipe, make_crop
from data_prep.preparation.prepare import FORMAT, prepare, report
from data_prep.preparation.sources import hash_contents, list_sources
from data_prep.prepared.by_shard import compute_by_shard
from data_prep.prepared.index import load, write_manifest
from data_prep.prepared.names import names_of
from data_prep.prepared.shards import read_images
from data_prep.synthetic.people import generate
from reproductions.shared.pseudo_labels import labelled_set as labelled
from reproductions.shared.pseudo_labels import labelling
from reproductions.shared.pseudo_labels import published as published_labels
from reproductions.shared.pseudo_labels.estimators import AgeEstimates, DecadeScore, Estimator, Quality

SIZE, TEMPLATE, SHARD_IMAGES = 32, "arcface", 4
_SET = f"prepared/synthetic-{TEMPLATE}-{SIZE}-manual"
_LABELS = "prepared/labelled/synthetic"
_RECIPE = Recipe(SIZE, TEMPLATE, 0.0, "manual")
_SETTINGS = {"format": FORMAT, "dataset": "synthetic", "shard_images": SHARD_IMAGES, **_RECIPE.settings()}


def _prepare(folder: Path):
    return prepare(
        DATASET,
        folder,
        folder / "prepared",
        size=SIZE,
        template=TEMPLATE,
        detector="manual",
        shard_images=SHARD_IMAGES,
        workers=1,
    )


def _parts(folder: Path) -> list[parts.Part]:
    sources = hash_contents(list_sources(DATASET.scan(folder / DATASET.folder)).sources)
    return parts.split(folder / _SET, sources, _SETTINGS, SHARD_IMAGES)


def _estimator() -> Estimator:
    quality = Quality("FG-NET, never seen", (DecadeScore(0, 3, 2.0, 1.0, 3.0, -0.5),))
    said = lambda images: AgeEstimates(np.full(len(images), 20.0), np.full(len(images), 5.0))  # noqa: E731
    return Estimator(said, "net-cpu-seed1-01234567", "a" * 64, SIZE, TEMPLATE, (quality,))


@functools.cache
def _valid() -> dict[str, bytes]:
    """Return what is prepared of six generated faces, and their labels, by path."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        generate(root / DATASET.folder, 2, 3, 64, workers=1)
        for part in _parts(root):
            (root / _SET / "parts").mkdir(parents=True, exist_ok=True)
            part.write(map(partial(make_crop, recipe=_RECIPE), part.sources))
        prepared = _prepare(root)
        labelled.label(prepared, _estimator())
        compute_by_shard(prepared, _brightness, root / "computed", "computing")
        files = (path for path in root.rglob("*") if path.is_file() and path.name != ".lock")
        found = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
    for path in (RESULTS / published_labels.FOLDER).glob("lfw-cpu.*"):
        found[f"{published_labels.FOLDER}/{path.name}"] = path.read_bytes()
    return found


def _brightness(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).mean(axis=1, keepdims=True)


def _made(name: str, unsealed: bool = False) -> Callable[[Path], Path]:
    """Return what writes all, and returns the file of that name; `unsealed`, as before there were hashes."""

    def make(folder: Path) -> Path:
        for other, content in _valid().items():
            path = folder / other
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_dir():
                path.write_bytes(content)
        if unsealed:
            for path in (folder / _SET / "manifest.json", folder / name):
                if path.suffix == ".json":
                    content = sealed.parse(path.read_text()).content
                    content.pop("tables", None)
                    write_json(path, content)
        return folder / name

    return make


def _read_set(folder: Path) -> None:
    prepared = load(folder / _SET)
    report(prepared)
    names_of(prepared)
    read_images(prepared, np.arange(2))
    labelled.folder_of(prepared)


def _read_tables_anew(folder: Path) -> None:
    """As if the tables had been hashed as they are now."""
    manifest = sealed.parse((folder / _SET / "manifest.json").read_text()).content
    if all((folder / _SET / name).is_file() for name in manifest["tables"]):
        write_manifest(folder / _SET, manifest)
    _read_set(folder)


def _read_parts(folder: Path) -> None:
    """Prepare the set again of its parts, unless one of them does not stand."""
    if all(part.record() for part in _parts(folder)):
        (folder / _SET / "manifest.json").unlink()
        _prepare(folder)


def _read_labels(folder: Path) -> None:
    frame = labelled.load(folder / _LABELS)
    labelling.report(frame)


def _hashed(read: Callable[[Path], object], labels: str, manifest: str) -> Callable[[Path], None]:
    """Return what reads labels as if the manifest had been written for them."""

    def read_anew(folder: Path) -> None:
        if (folder / labels).is_file():
            content = sealed.parse((folder / manifest).read_text()).content
            sealed.write_sealed(folder / manifest, content | {"sha256": sha256_file(folder / labels)})
        read(folder)

    return read_anew


def _changed_table(valid: bytes, generator: random.Random) -> bytes:
    """Return CSV with a value, a column or the rows exchanged; packed as it was."""
    packing = "gzip" if valid.startswith(b"\x1f\x8b") else None
    frame = pd.read_csv(io.BytesIO(valid), compression=packing, dtype=str, keep_default_na=False)
    name, row = generator.choice(list(frame)), generator.randrange(max(len(frame), 1))
    match generator.randrange(6):
        case 0:
            frame = frame.drop(columns=name)
        case 1:
            frame = frame.rename(columns={name: generator.choice(["", "name", "sha256", "x"])})
        case 2:
            frame = frame.iloc[: generator.randrange(3)]
        case 3:
            frame = frame.iloc[::-1]
        case _:
            frame.loc[row, name] = generator.choice(
                ["", "x", "-1", "1e400", "nan", "inf", "9" * 400, "\x00", "../x", "1.5", '"', "male"]
            )
    buffer = io.BytesIO()
    frame.to_csv(buffer, index=False, compression=packing)
    return buffer.getvalue()


def _of_manifest(name: str, path: str, read: Callable[[Path], object]) -> Iterator[Case]:
    yield Case(name, _made(path), read, changed_values(sealed=False))
    yield Case(f"{name}, sealed anew", _made(path), read, changed_values(sealed=True))
    yield Case(f"{name} without hashes", _made(path, unsealed=True), read, changed_values(sealed=False))


_INDEX, _MANIFEST = f"{_SET}/index.csv", f"{_SET}/manifest.json"
_TEXTS = {
    "labels": (f"{_LABELS}/labels.csv", f"{_LABELS}/manifest.json", _read_labels),
    "published labels": (
        "labels/lfw-cpu.csv.gz",
        "labels/lfw-cpu.json",
        published_labels.check,
    ),
}

CASES = (
    *_of_manifest("prepared manifest", _MANIFEST, _read_set),
    Case("index", _made(_INDEX), _read_set, _changed_table),
    Case("index's bytes", _made(_INDEX), _read_set),
    Case("index without hashes", _made(_INDEX, unsealed=True), _read_set, _changed_table),
    Case("index, hashed anew", _made(_INDEX), _read_tables_anew, _changed_table),
    Case("duplicates, hashed anew", _made(f"{_SET}/duplicates.csv"), _read_tables_anew, _changed_table),
    Case("rejected, hashed anew", _made(f"{_SET}/rejected.csv"), _read_tables_anew),
    *_of_manifest("part", f"{_SET}/parts/00001.json", _read_parts),
    Case("shard", _made(f"{_SET}/shard-00000.tfrecord"), _read_set),
    Case(
        "computed of a shard",
        _made("computed/part-00000.npy"),
        lambda folder: compute_by_shard(load(folder / _SET), _brightness, folder / "computed", "computing"),
    ),
    *_of_manifest("labels' manifest", f"{_LABELS}/manifest.json", _read_labels),
    *_of_manifest("published labels' manifest", "labels/lfw-cpu.json", published_labels.check),
    *(
        Case(f"{name}{', hashed anew' if anew else ''}", _made(path), reader, _changed_table)
        for name, (path, manifest, read) in _TEXTS.items()
        for anew, reader in ((False, read), (True, _hashed(read, path, manifest)))
    ),
    *_of_manifest(
        "generated faces' manifest",
        f"{DATASET.folder}/manifest.json",
        lambda folder: list(DATASET.scan(folder / DATASET.folder)),
    ),
    Case(
        "generated faces' labels",
        _made(f"{DATASET.folder}/labels.csv"),
        lambda folder: list(DATASET.scan(folder / DATASET.folder)),
        _changed_table,
    ),
)
