"""Embeddings as a product: a folder of photographs becomes an array, with who is in which row.

    python -m reproductions mtlface embed FOLDER --out faces.npz

What faces.npz holds says `reproductions.shared.photographs.embeddings`. Beside it lie faces.index.csv, one
line a row with where in the photograph the face was found, and faces.rejected.csv, everything else that lies
in FOLDER with the reason: what a file is, its content says and not its name. One face a photograph is
embedded, the largest and most central; of an animation or of pages the first picture. A killed run goes on
where it was; the array appears last.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common.files import expanded, sha256_json, write_table, writing_to
from common.metrics.search import unit_rows
from data_prep.datasets.base import DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample
from data_prep.preparation.prepare import prepare
from data_prep.prepared.by_shard import compute_by_shard
from data_prep.prepared.index import Prepared
from reproductions.shared.photographs.embeddings import Embeddings, beside, require_paths, write
from reproductions.shared.recognition.evaluation import Embed

INDEX = (
    "row",
    "name",
    "landmark_source",
    "score",
    "x1",
    "y1",
    "x2",
    "y2",
    "width",
    "height",
    "sha256",
)


@dataclass(frozen=True)
class Embedder:
    """A trained network that turns faces into vectors.

    Attributes:
        embed: (N, S, S, 3) uint8 RGB -> (N, D).
        run: of the training, by which its record is found.
        fingerprint: SHA-256 of its weights: only vectors of one network can be compared.
        size, template: of the faces that it takes.
        mirrored: whether `embed` adds the features of each face's mirror image.
    """

    embed: Embed
    run: str
    fingerprint: str
    size: int
    template: str = "arcface"
    mirrored: bool = False

    def vectors(self, faces: np.ndarray) -> np.ndarray:
        """Return the embeddings of faces, (N, D) float32 rows of length one."""
        return unit_rows(np.asarray(self.embed(faces), np.float64)).astype(np.float32)

    def about(self) -> dict[str, Any]:
        """Return what tells this network's vectors from another's."""
        return {
            "network": self.run,
            "fingerprint": self.fingerprint,
            "size": self.size,
            "template": self.template,
            "mirrored": self.mirrored,
        }


@dataclass(frozen=True, kw_only=True)
class _Photographs(DataSet):
    """Any folder of pictures, as a data set without labels.

    Attributes:
        without: files that are not the user's: what an earlier run has written there.
    """

    without: frozenset[Path] = frozenset()

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        for file in image_files(root, every=True):
            name = file.name if isinstance(file, Rejected) else file[0]
            if root / name not in self.without:
                yield file if isinstance(file, Rejected) else Sample(file[1], name)

    def scan(self, root: Path) -> Iterator[Sample | Rejected]:
        return self.read(root)

    def coverage(self, files: int) -> str:
        return f"{files:,} files"


def embed_folder(
    embedder: Embedder,
    folder: Path,
    out: Path,
    prepared_root: Path,
    detector: str = "auto",
    workers: int | None = None,
) -> Embeddings:
    """Embed the photographs below a folder and write `out` and the tables beside it.

    Args:
        embedder: the network.
        folder: of the photographs, read with its subfolders.
        out: the array's file, ending in .npz.
        prepared_root: keeps the aligned faces, so that the next run reads new photographs only.
        detector, workers: as of `data_prep.preparation.prepare.prepare`.

    Raises:
        UserError: `out` has another ending or is a folder, the folder is not there or holds no photograph
            with a face, or a file cannot be written.
    """
    folder, out = expanded(folder).resolve(), expanded(out)
    require_paths(folder, out)
    prepared = prepare(
        _card(
            folder,
            frozenset(path.resolve() for path in (out, beside(out, "index"), beside(out, "rejected"))),
        ),
        folder.parent,
        prepared_root,
        size=embedder.size,
        template=embedder.template,
        detector=detector,
        workers=workers,
    )
    parts = prepared.folder / f"embeddings-{sha256_json([prepared.fingerprint, embedder.about()])[:12]}"
    vectors = compute_by_shard(prepared, embedder.vectors, parts, f"{folder.name}: embedding")
    names = prepared.index["name"].to_numpy(str)
    about = embedder.about() | {"folder": str(folder), "images": prepared.fingerprint}
    with writing_to(out.parent):
        write_table(beside(out, "rejected"), ("name", "reason"), _left_out(prepared))
        write_table(beside(out, "index"), INDEX, _index_rows(prepared))
        made = Embeddings(vectors, names, about)
        write(out, made)
    shutil.rmtree(parts)
    return made


def _card(folder: Path, without: frozenset[Path]) -> _Photographs:
    # Folders of one name are told apart by their place.
    place = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
    return _Photographs(
        name=f"photographs-{place}",
        title=folder.name or "photographs",
        folder=folder.name,
        whole=0,
        licence="your own",
        how_to_obtain="put photographs there",
        without=without,
    )


def _index_rows(prepared: Prepared) -> Iterator[list[Any]]:
    frame = prepared.index.assign(row=np.arange(len(prepared.index)))[list(INDEX)].astype(object)
    yield from frame.where(frame.notna(), None).to_numpy().tolist()


def _left_out(prepared: Prepared) -> list[tuple[str, str]]:
    """Return the photographs without a row: those refused, and byte-identical copies of others."""
    found = []
    for table in ("rejected.csv", "duplicates.csv"):
        frame = pd.read_csv(prepared.folder / table, dtype=str, keep_default_na=False)
        found += list(zip(frame["name"], frame["reason"], strict=True))
    return sorted(set(found))
