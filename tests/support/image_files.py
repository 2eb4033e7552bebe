"""Small generated pictures, and folders of them that make a data set."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from data_prep.datasets.base import DataSet
from data_prep.datasets.image_files import image_files
from data_prep.datasets.samples import Rejected, Sample


def picture(seed: int, width: int = 48, height: int = 48) -> np.ndarray:
    """Return smooth random colours, (height, width, 3) uint8: unlike any other seed's."""
    cells = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), np.uint8)
    return cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)


def encoded(pixels: np.ndarray | Image.Image, kind: str, **options: object) -> bytes:
    """Return an image file's content; `kind` and `options` are Pillow's."""
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(seed: int, width: int = 48, height: int = 48) -> bytes:
    """Return `picture(seed)` as a JPEG file."""
    return encoded(picture(seed, width, height), "JPEG", quality=92)


@dataclass(frozen=True, kw_only=True)
class FolderSet(DataSet):
    """A data set whose names are identity_age_anything.jpg ("x" is unknown), aligned to "utkface"."""

    name: str = "folder"
    title: str = "Folder"
    folder: str = "Folder"
    whole: int = 100
    licence: str = "none needed"
    how_to_obtain: str = "make one"
    aligned: str | None = "utkface"
    landmarks: tuple | None = None

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        for item in image_files(root):
            if isinstance(item, Rejected):
                yield item
                continue
            name, path = item
            fields = Path(name).stem.split("_")
            if len(fields) != 3:
                yield Rejected(name, f"name has {len(fields)} fields, not identity_age_anything")
                continue
            identity, age = (None if field == "x" else field for field in fields[:2])
            yield Sample(
                path,
                name,
                identity=identity,
                age=None if age is None else int(age),
                landmarks=self.landmarks,
                aligned=self.aligned,
            )


def write_set(root: Path, images: int, start: int = 0) -> Path:
    """Write `images` pictures of a `FolderSet` below `root`, the DATA_ROOT, and return their folder."""
    folder = root / "Folder"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(start, start + images):
        (folder / f"{number % 7:02d}_{number % 90}_{number:03d}.jpg").write_bytes(jpeg(number))
    return folder
