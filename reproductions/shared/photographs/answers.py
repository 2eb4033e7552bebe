"""The ages and genders of the faces in photographs, as typed answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from common.errors import UserError
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected
from reproductions.shared.networks import manifest
from reproductions.shared.networks.ages import Age, AgeNetwork
from reproductions.shared.networks.genders import Gender, GenderNetwork
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.networks.published import PublishedGenders
from reproductions.shared.photographs.finding import DETECTOR, aligned, find, opened

Photo = str | Path | np.ndarray


@dataclass(frozen=True)
class AgedFace:
    """One face of a photograph.

    Attributes:
        number: from 1, left to right.
        box: x1, y1, x2, y2 in pixels of the photograph.
        score: the detector's: of MTCNN and RetinaFace the probability that it is a face.
        age: that it looks.
        gender: that it looks; None where the folder of networks holds none that says it.
    """

    number: int
    box: tuple[float, float, float, float]
    score: float
    age: Age
    gender: Gender | None = None


@dataclass(frozen=True)
class Answer:
    """What is said of one photograph of a folder.

    Attributes:
        name: of the file, below the folder.
        faces: left to right; none where there are none, or it could not be read.
        problem: a clause that says why it could not be read, else None.
    """

    name: str
    faces: tuple[AgedFace, ...]
    problem: str | None = None


def ages_of(photo: Photo, network: Path = NETWORKS, detector: str = DETECTOR) -> list[AgedFace]:
    """Return the ages and genders of all faces of one photograph, left to right.

    Args:
        photo: a file, or (H, W, 3) uint8 RGB.
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: the photograph, the networks or the detector cannot be used.
    """
    pixels = opened(photo)
    age, gender = networks(Path(network))
    faces = find(pixels, detector)
    given = age.published.input
    # One cut serves both.
    cut = aligned(pixels, faces, given.size, given.template)
    ages = age.says(cut)
    genders = gender.says(cut) if gender else [None] * len(faces)
    return [
        AgedFace(number, face.box, face.score, *said)
        for number, (face, *said) in enumerate(zip(faces, ages, genders, strict=True), 1)
    ]


def ages_of_files(
    files: Iterable[tuple[str, Path] | Rejected], network: Path = NETWORKS, detector: str = DETECTOR
) -> Iterator[Answer]:
    """Yield what is said of each photograph; one that cannot be read has its reason. Others as `ages_of`."""
    networks(Path(network))
    for file in files:
        if isinstance(file, Rejected):
            yield Answer(file.name, (), file.reason)
            continue
        name, path = file
        try:
            pixels = opened(path)
        except UserError as error:
            yield Answer(name, (), reason_of(error, path))
        else:
            yield Answer(name, tuple(ages_of(pixels, network, detector)))


def photographs(path: Path, without: Path | None = None) -> Sequence[tuple[str, Path] | Rejected]:
    """Return the photographs that a path names: itself, or those below it, in the order of their names.

    Args:
        path: a file or a folder.
        without: a folder below it that is left out, for what was written there by an earlier run.

    Raises:
        UserError: there is nothing, or a folder without a photograph.
    """
    if not path.is_dir():
        if not path.exists():
            raise UserError(f"there is no photograph or folder {path}.")
        return [(path.name, path)]
    found = [file for file in image_files(path) if without is None or not _lies_in(file, path, without)]
    if not found:
        raise UserError(f"no photograph lies in {path} or below it.")
    return found


def _lies_in(file: tuple[str, Path] | Rejected, path: Path, folder: Path) -> bool:
    name = file.name if isinstance(file, Rejected) else file[0]
    below, ours = path.resolve(), folder.resolve()
    return ours != below and (below / name).is_relative_to(ours)


def reason_of(error: UserError, path: Path) -> str:
    """Return why a photograph cannot be used, as a clause, out of the sentence that says so."""
    return str(error).removeprefix(f"{path} cannot be used: ").removesuffix(".")


@cache
def networks(folder: Path) -> tuple[AgeNetwork, GenderNetwork | None]:
    """Return the network that says ages and the one that says genders, None where the folder has none."""
    held = manifest.read(folder).networks
    return AgeNetwork(folder), GenderNetwork(folder) if PublishedGenders.KIND in held else None
