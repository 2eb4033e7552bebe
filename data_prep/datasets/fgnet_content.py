"""What FG-NET holds: its archive comes over plain http and nobody has published a checksum of it.

Pinned are hashes of a complete copy: the names of the 1,002 images, which say the 82 subjects and their ages;
the size of each image; the 68 points of each; and the bytes of all these files. A copy in which any of the
first three differs is not FG-NET. Whether the archive's bytes were the copy's is not known: where they alone
differ, that is said and the copy is used. The archive as a whole and what else it may hold are not pinned.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from common.errors import UserError
from common.files import sha256_file, sha256_json
from data_prep.datasets.fgnet_points import all_points, subfolder
from data_prep.datasets.walking import names_in

IMAGES, SUBJECTS = 1002, 82
NAMES = "a30731445809d401fae4f3b4fe742dca5d8c5a6d318d6456c30ac08617a9cc89"
SIZES = "5ab3fd2372fa788ab279ea5dd6b5fdd00de260714556f05f2cea5a53a96b737f"
POINTS = "d6db604791396b9a9236b2961ae21acc03ef1bb3b70b93cde988d39167347a3e"
BYTES = "6893cd79a6d1a55e356bbbd94558f9dd520e7c16e0e9bc69e24c1d0f4190a947"


def check(folder: Path) -> list[str]:
    """Hold an unpacked copy against what is pinned.

    Args:
        folder: with the folders "images" and "points".

    Returns:
        sentences for the user: none where every byte is the pinned copy's.

    Raises:
        UserError: names, sizes or points are not FG-NET's.
    """
    images = _files(subfolder(folder, "images"), ".jpg")
    points = _files(subfolder(folder, "points"), ".pts")
    if names_hash(images) != NAMES:
        subjects = len({name[:3] for name in images})
        raise UserError(
            f"it is not FG-NET as published, for it holds {len(images):,} images of {subjects} people, not "
            f"{IMAGES:,} of {SUBJECTS}, or others; try again, or get a copy elsewhere."
        )
    for what, found, pinned in (
        ("pixels of its images have other sizes", sizes_hash, SIZES),
        ("points of its faces are others", points_hash, POINTS),
    ):
        if found(points if found is points_hash else images) != pinned:
            raise UserError(
                f"it is not FG-NET as published, for the {what}; try again, or get a copy elsewhere."
            )
    if bytes_hash([*images.values(), *points.values()]) != BYTES:
        return [
            "Names, sizes and points are FG-NET's; the bytes of its files are not those of the copy that "
            "this suite was measured on."
        ]
    return []


def names_hash(images: dict[str, Path]) -> str:
    """Return the hash of the images' names."""
    return sha256_json(list(images))


def sizes_hash(images: dict[str, Path]) -> str | None:
    """Return the hash of the images' names, widths and heights; None where one is no JPEG."""
    sizes = []
    for name, path in images.items():
        try:
            with Image.open(path, formats=("JPEG",)) as image:
                sizes.append([name, *image.size])
        except Exception:  # as in data_prep.formats.images: Pillow's parsers raise what they please
            return None
    return sha256_json(sizes)


def points_hash(points: dict[str, Path]) -> str | None:
    """Return the hash of all points to a thousandth of a pixel; None where a file holds none."""
    try:
        return sha256_json(
            [
                [name, [f"{value:.3f}" for point in all_points(path) for value in point]]
                for name, path in points.items()
            ]
        )
    except ValueError:
        return None


def bytes_hash(paths: list[Path]) -> str:
    """Return the hash of the files' contents, in order."""
    return sha256_json([sha256_file(path) for path in paths])


def _files(folder: Path | None, ending: str) -> dict[str, Path]:
    """Return the files of that ending by lower-case name, sorted by it."""
    found = {name.lower(): folder / name for name in names_in(folder)} if folder else {}
    return {name: found[name] for name in sorted(found) if name.endswith(ending)}
