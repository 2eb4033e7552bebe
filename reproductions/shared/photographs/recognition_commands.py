"""``python -m reproductions embed``, ``search`` and ``compare``: who is like whom, by a published network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError
from common.evidence.formats import markdown_table
from common.files import expanded, write_table, writing_to
from common.progress import Progress
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.networks.recognition import RecognitionNetwork
from reproductions.shared.photographs.answers import reason_of
from reproductions.shared.photographs.embeddings import (
    COUNT,
    Embeddings,
    beside,
    nearest,
    read,
    require_count,
    require_paths,
    require_same,
    write,
)
from reproductions.shared.photographs.finding import DETECTOR, chosen
from reproductions.shared.photographs.recognising import (
    EmbeddedFace,
    compared,
    embedded,
    faces_in,
    network_of,
)

INDEX = ("row", "name", "face", "score", "x1", "y1", "x2", "y2")


def embed(folder: Path, *, out: Path, network: Path = NETWORKS, detector: str = DETECTOR) -> None:
    """Embed all faces of the photographs below a folder, and print where the array lies.

    Beside it lie <out>.index.csv, one line a row with where the face was found, and <out>.rejected.csv, all
    else that lies in the folder with the reason.

    Args:
        folder: of the photographs, read with its subfolders.
        out: the array's file, see `reproductions.shared.photographs.embeddings`.
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: something given cannot be used, or no face is found in any photograph.
    """
    folder, out = expanded(folder), expanded(out)
    require_paths(folder, out)
    about = about_network(network_of(Path(network))) | {"folder": str(folder.resolve()), "detector": detector}
    found: list[tuple[str, EmbeddedFace]] = []
    rejected = []
    for name, faces in _faces(folder, out, network, detector):
        if isinstance(faces, str):
            rejected.append((name, faces))
        else:
            found += [(name, face) for face in faces]
    with writing_to(out.parent):
        write_table(beside(out, "rejected"), ("name", "reason"), rejected)
        if not found:
            raise UserError(
                f"no face is found below {folder}; {beside(out, 'rejected')} says why, file by file."
            )
        rows = (
            (row, name, face.number, round(face.score, 4), *(round(value, 1) for value in face.box))
            for row, (name, face) in enumerate(found)
        )
        write_table(beside(out, "index"), INDEX, rows)
        vectors = np.stack([face.vector for _, face in found])
        names = np.array([name for name, _ in found])
        write(out, Embeddings(vectors, names, about, np.array([face.number for _, face in found])))
    photos = len(set(names))
    print(f"{len(found):,} faces in {photos:,} photographs, {vectors.shape[1]} numbers each")
    print(beside(out, "index"), beside(out, "rejected"), out, sep="\n")


def search(
    photo: Path,
    *,
    into: Path,
    count: int = COUNT,
    face: int | None = None,
    network: Path = NETWORKS,
    detector: str = DETECTOR,
) -> None:
    """Print the embedded faces most similar to those of a photograph.

    Args:
        photo: whose faces are looked for.
        into: file of embeddings, as `embed` writes it.
        count: how many faces to show for each.
        face: number of the one that is looked for, from 1, left to right; None is all.
        network, detector: as of `embed`.

    Raises:
        UserError: something given cannot be used, or the embeddings are another network's.
    """
    require_count(count)
    embeddings, recogniser = read(expanded(into)), network_of(Path(network))
    require_same(embeddings.about, about_network(recogniser))
    threshold = recogniser.published.threshold
    numbers = np.ones(len(embeddings.names), int) if embeddings.faces is None else embeddings.faces
    faces = faces_in(photo, network, detector)
    for one in faces if face is None else [chosen(faces, face, photo)]:
        print(f"{photo}, face {one.number} of {len(faces)}, {_place(one)}" if len(faces) > 1 else f"{photo}")
        rows = [
            [str(embeddings.names[row]), str(numbers[row]), f"{cosine:.4f}", _said(cosine >= threshold)]
            for row, cosine in zip(*nearest(embeddings, one.vector, count), strict=True)
        ]
        print("\n".join(markdown_table(("Photograph", "Face", "Cosine", "By the network"), rows)) + "\n")
    print(_promise(recogniser, len(embeddings.names)))


def compare(photo: Path, other: Path, *, network: Path = NETWORKS, detector: str = DETECTOR) -> None:
    """Print how alike each face of one photograph is to each of another; arguments as of `embed`.

    Raises:
        UserError: a photograph cannot be used or shows no face, or the network cannot be used.
    """
    recogniser = network_of(Path(network))
    rows = [
        [str(one.first), str(one.second), f"{one.likeness.cosine:.4f}", _said(one.likeness.same)]
        for one in compared(photo, other, network, detector)
    ]
    header = (f"Face in {photo}", f"Face in {other}", "Cosine", "By the network")
    print("\n".join(markdown_table(header, rows)))
    if len(rows) > 1:
        print("\nFaces are numbered left to right.")
    print(f"\n{_promise(recogniser)}")


def about_network(recogniser: RecognitionNetwork) -> dict[str, Any]:
    """Return what tells a network's vectors from another's."""
    one = recogniser.published
    return {
        "network": one.kind,
        "fingerprint": one.sha256,
        "size": one.input.size,
        "template": one.input.template,
        "mirrored": one.input.mirrored,
    }


def _faces(
    folder: Path, out: Path, network: Path, detector: str
) -> Iterator[tuple[str, Sequence[EmbeddedFace] | str]]:
    """Yield the faces of each photograph with its name, or in their place why there are none."""
    written = {one.resolve() for one in (out, beside(out, "index"), beside(out, "rejected"))}
    files = [
        one
        for one in image_files(folder, every=True)
        if (folder / (one.name if isinstance(one, Rejected) else one[0])).resolve() not in written
    ]
    with Progress(f"{folder.name or folder}: embedding", len(files)) as progress:
        for one in files:
            if isinstance(one, Rejected):
                yield one.name, one.reason
            else:
                name, path = one
                try:
                    yield name, embedded(path, network, detector) or "no face is found"
                except UserError as error:
                    yield name, reason_of(error, path)
            progress.advance()


def _said(same: bool) -> str:
    return "one person" if same else "two people"


def _place(face: EmbeddedFace) -> str:
    x1, y1, x2, y2 = map(round, face.box)
    return f"box {x1}, {y1} to {x2}, {y2}"


def _promise(recogniser: RecognitionNetwork, among: int = 1) -> str:
    one = recogniser.published
    rate = one.false_match_rate
    told = (
        f"One person from a cosine of {one.threshold:.4f} on: of pairs of two people {rate:.0%} pass too, "
        "and more of people who look alike."
    )
    if among * rate >= 1:
        told += f" Among {among:,} faces of strangers some {round(among * rate):,} do."
    return told
