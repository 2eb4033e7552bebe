"""The set of generated people: the data of a machine that holds no data set, labelled exactly."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

import cv2
import numpy as np

from common.errors import UserError
from common.evidence import sealed, strict
from common.files import atomic_write, sha256_json
from common.processes import available_cores, ordered_map
from common.progress import Progress
from data_prep.synthetic import GENDERS, Latents, render, sample_identity, sample_nuisance

# Raised whenever the same latents would look different, so that faces of an older renderer are made anew.
RENDERER = 3
FOLDER = "Synthetic"
"""Of the set in a data folder."""

LABELS, MANIFEST = "labels.csv", "manifest.json"
MADE_BY = "synthetic"
_OLD = ".old"
POINTS = ("left_eye", "right_eye", "nose", "left_mouth", "right_mouth")
COLUMNS = (
    "name",
    "identity",
    "age",
    "gender",
    "year",
    *(f"{point}_{axis}" for point in POINTS for axis in "xy"),
)
_ENCODING = (
    cv2.IMWRITE_JPEG_QUALITY,
    92,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
)
_THIS_YEAR = 2024


@dataclass(frozen=True)
class Settings:
    """What a generated set follows from; sets of the same settings are the same byte for byte.

    Identity k is the same person in every set of the same seed and images_per_identity.
    """

    identities: int = 100
    images_per_identity: int = 12
    size: int = 128  # pixels
    seed: int = 0
    renderer: int = RENDERER

    def __post_init__(self) -> None:
        for name, least in (("identities", 1), ("images_per_identity", 1), ("size", 32), ("seed", 0)):
            if getattr(self, name) < least:
                raise UserError(f"{name} of generated faces is at least {least}, not {getattr(self, name)}.")

    @property
    def images(self) -> int:
        return self.identities * self.images_per_identity

    def __str__(self) -> str:
        people, images = self.identities, self.images_per_identity
        return f"{people} people x {images} images of {self.size} px, seed {self.seed}"


class Held(TypedDict):
    """What is known of a set: its settings, and how many images they make."""

    made_by: str
    images: int
    identities: int
    images_per_identity: int
    size: int
    seed: int
    renderer: int


class _Rows(TypedDict):
    rows: list[list[Any]]


def album(settings: Settings, number: int) -> Iterator[tuple[Latents, int]]:
    """Yield (latents, year) of each picture of person `number`, oldest first.

    Ages are spread over 0 to 99, one drawn from each of images_per_identity equal spans of age ** 0.85, so
    that the young are a little more frequent, as in family albums. The last picture is not of the future.
    """
    rng = np.random.default_rng([settings.seed, number])
    identity, gender = sample_identity(rng), GENDERS[number % len(GENDERS)]
    count = settings.images_per_identity
    ages = 99.99 * ((np.arange(count) + rng.random(count)) / count) ** (1 / 0.85)
    latest = _THIS_YEAR - int(np.ceil(ages[-1]))
    birth = latest - int(rng.integers(0, 1 + max(min(70, latest - 1905), 0)))
    for age in ages.tolist():
        year = birth + int(age)
        yield Latents(identity, age, gender, sample_nuisance(rng, age, year)), year


def generate(
    root: Path,
    identities: int = Settings.identities,
    images_per_identity: int = Settings.images_per_identity,
    size: int = Settings.size,
    seed: int = Settings.seed,
    *,
    workers: int | None = None,
) -> Path:
    """Render a set of faces into `root` and return it.

    The folder appears whole; a run that was cut short goes on where it stopped; a set of these settings that
    is there is left alone. The number of worker processes (by default one a core) does not change a byte.

    Raises:
        UserError: `root` holds something else, or cannot be written, or a setting is impossible.
    """
    root = Path(root)
    settings = Settings(identities, images_per_identity, size, seed)
    try:
        # A second run waits here, and then finds the set.
        with _alone_at(root):
            if not _stands(root, settings):
                beside = root.parent / f".{root.name}.{sha256_json(asdict(settings))[:12]}.part"
                _fill(beside, settings, workers or available_cores())
                _replace(root, beside)
            _remove_leftovers(root)
    except OSError as error:
        raise UserError(
            f"cannot write generated faces to {root}: {error.strerror or error}; free space there or choose "
            "another folder, the same command goes on from what is finished."
        ) from error
    return root


def generate_default(root: Path, *, workers: int | None = None) -> Path:
    """Make the set that the suite runs on by default, unless `root` holds generated faces already."""
    root = Path(root)
    held = read_manifest(root)
    if held and held.get("renderer") == RENDERER:
        if _leftovers(root):
            with contextlib.suppress(OSError), _alone_at(root):
                _remove_leftovers(root)
        return root
    return generate(root, workers=workers)


def generated_in(prepared_root: Path) -> Path:
    """Return the data folder in `prepared_root` that holds the default set, rendered unless it is there."""
    data_root = Path(prepared_root) / "generated"
    generate_default(data_root / FOLDER)
    return data_root


def read_manifest(root: Path) -> Held | None:
    """Return what is known of the set in `root`; None where there is no set.

    Raises:
        UserError: the file that says it was changed.
    """
    path = Path(root) / MANIFEST
    try:
        found = sealed.parse(path.read_text(encoding="utf-8"))
        held = strict.build(Held, found.content, "it")
    except (OSError, ValueError):
        return None
    if found.edited:
        raise UserError(
            f"{path} was changed after the faces were generated: delete {root} to have them made anew."
        )
    return held if held["made_by"] == MADE_BY else None


def _stands(root: Path, settings: Settings) -> bool:
    """Return whether the set is there; False where there is room for it.

    Raises:
        UserError: something else is there.
    """
    held = read_manifest(root)
    if held is None:
        if root.exists() and any(root.iterdir()):
            raise UserError(
                f"{root} holds files that are not generated faces: move them or choose another folder."
            )
        return False
    wanted = asdict(settings)
    if all(held.get(name) == value for name, value in wanted.items()):
        return True
    if any(held.get(name) != value for name, value in wanted.items() if name != "renderer"):
        raise UserError(
            f"{root} holds generated faces of other settings than {settings}: "
            "delete it or choose another folder."
        )
    return False


def _fill(folder: Path, settings: Settings, workers: int) -> None:
    """Render what is missing of the set into `folder`, labels and manifest last."""
    pending = [number for number in range(settings.identities) if _rows(folder, settings, number) is None]
    with Progress("Generated faces: rendering", settings.images) as progress:
        for _ in range((settings.identities - len(pending)) * settings.images_per_identity):
            progress.advance()
        work = partial(_render_person, folder, settings)
        for _ in ordered_map(work, pending, min(workers, max(len(pending), 1)), _crashed) if pending else ():
            for _ in range(settings.images_per_identity):
                progress.advance()
    with atomic_write(folder / LABELS, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in range(settings.identities):
            writer.writerows(_rows(folder, settings, number))
    shutil.rmtree(folder / "rows")
    held = {"made_by": MADE_BY, "images": settings.images, **asdict(settings)}
    sealed.write_sealed(folder / MANIFEST, held)


def _rows_file(folder: Path, number: int) -> Path:
    """The label rows of one person: written after the images, they say that those are there."""
    return folder / "rows" / f"{number:05d}.json"


def _rows(folder: Path, settings: Settings, number: int) -> list[list[Any]] | None:
    """Return the label rows of one person; None where they are to be made."""
    try:
        found = sealed.parse(_rows_file(folder, number).read_text(encoding="utf-8"))
        rows = strict.build(_Rows, found.content, "it")["rows"]
    except (OSError, ValueError):
        return None
    whole = len(rows) == settings.images_per_identity and all(len(row) == len(COLUMNS) for row in rows)
    return rows if whole and not found.edited else None


def _render_person(folder: Path, settings: Settings, number: int) -> None:
    person = f"identity_{number:05d}"
    (folder / "images" / person).mkdir(parents=True, exist_ok=True)
    rows = []
    for index, (latents, year) in enumerate(album(settings, number)):
        age = int(latents.age)
        name = f"images/{person}/{person}_age_{age:03d}_{latents.gender}_{index:04d}.jpg"
        picture = render(latents, settings.size)
        _, encoded = cv2.imencode(".jpg", picture.image[..., ::-1], _ENCODING)
        (folder / name).write_bytes(encoded.tobytes())
        points = [f"{value:.2f}" for value in picture.landmarks.ravel()]
        rows.append([name, person, age, latents.gender, year, *points])
    sealed.write_sealed(_rows_file(folder, number), {"rows": rows})


def _crashed(number: int) -> None:
    raise RuntimeError(f"the process that rendered person {number} died: is there enough memory?")


def _replace(root: Path, beside: Path) -> None:
    """Rename `beside` onto `root`; a set of an older renderer that was there is left beside it."""
    old = root.parent / f".{root.name}{_OLD}"
    shutil.rmtree(old, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        os.rename(root, old)
    os.rename(beside, root)


@contextlib.contextmanager
def _alone_at(root: Path) -> Iterator[None]:
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(root.parent / f".{root.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _leftovers(root: Path) -> list[Path]:
    """Return what is of no use beside a set that stands: an older one, and what was begun of others."""
    begun = f".{root.name}.{'[0-9a-f]' * 12}.part"
    return [path for pattern in (begun, f".{root.name}{_OLD}") for path in root.parent.glob(pattern)]


def _remove_leftovers(root: Path) -> None:
    for path in _leftovers(root):
        shutil.rmtree(path, ignore_errors=True)
