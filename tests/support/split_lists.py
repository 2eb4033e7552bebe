"""A made-up copy of UTKFace and lists that divide it, in the forms of the published ones."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.image_files import jpeg

FOLDERS = 10


def stem(number: int, age: int | None = None) -> str:
    """Return the name of picture `number` without its ending."""
    return f"{number % 90 if age is None else age}_{number % 2}_{number % 5}_{20170101000000000 + number}"


def write_utkface(data_root: Path, images: int = 40) -> list[str]:
    """Write a cut-out copy of so many pictures, and return their names."""
    folder = data_root / "UTKFace"
    folder.mkdir(parents=True)
    names = [f"{stem(number)}.jpg.chip.jpg" for number in range(images)]
    for number, name in enumerate(names):
        (folder / name).write_bytes(jpeg(number))
    return names


def entry(number: int, folder: object | None = None, **changed: object) -> dict[str, object]:
    """Return what the published list says of picture `number`, dealt to the folders in turn."""
    fields = {
        "img_path": f"UTKFace/part{number % 3 + 1}/{stem(number)}.jpg",
        "age": number % 90,
        "race": "Asian",
        "acquired": "2017-01-01 00:00:00",
        "database": "UTKFace",
        "folder": number % FOLDERS if folder is None else folder,
    }
    return fields | changed


def write_list(data_root: Path, content: object, name: str = "UTKFace_aligned.json") -> Path:
    """Write a list, of entries or as it stands, and return its path."""
    path = data_root / "UTKFace-splits" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, str | bytes):
        content = json.dumps(content, indent=4)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
