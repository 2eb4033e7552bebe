"""Files of data sets: packed faces, label files, lists, points, and images."""

from __future__ import annotations

import io
import pickle
import shutil
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.io
from PIL import Image

from benchmarks.mutations.case import Case, changed_values
from benchmarks.mutations.files import spoilt_numbers, spoilt_words
from common.errors import UserError
from data_prep.datasets import cacd, get
from data_prep.datasets.samples import Rejected, Sample
from data_prep.formats import recordio, verification_bin
from data_prep.formats.images import BadImage, decode, read_bytes
from data_prep.formats.unpacked import DONE
from data_prep.prepared.index import COLUMN_TYPES, COLUMNS, Prepared
from data_prep.prepared.names import Names, names_of
from data_prep.protocols.published_pairs import published_pairs
from data_prep.protocols.verification import lfw_pairs


def checked(items: Iterable[Sample | Rejected]) -> list[Sample | Rejected]:
    """Return what a reader gives, where it can be written to a text file and keeps its promises."""
    items = list(items)
    for item in items:
        item.name.encode("utf-8")
        if isinstance(item, Rejected):
            assert item.reason and "\n" not in item.reason
        else:
            assert item.age is None or 0 <= item.age <= 122
            assert item.gender in (None, "male", "female")
            assert item.identity is None or item.identity.encode("utf-8")
    return items


def picture(number: int, kind: str, **options: Any) -> bytes:
    """Return an image file of 24 by 24 random pixels."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 24, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def _written(name: str, content: bytes | str, *beside: str) -> Callable[[Path], Path]:
    """Return what writes a file below a folder, with empty ones beside it."""
    content = content.encode() if isinstance(content, str) else content

    def make(folder: Path) -> Path:
        for other in (*beside, name):
            (folder / other).parent.mkdir(parents=True, exist_ok=True)
            (folder / other).touch()
        (folder / name).write_bytes(content)
        return folder / name

    return make


def _records() -> bytes:
    parts = []
    for number in range(6):
        payload = struct.pack("<IfQQf", 1, 0.0, number, 0, number // 2) + picture(number, "JPEG")
        parts.append(struct.pack("<II", 0xCED7230A, len(payload)) + payload + bytes(-len(payload) % 4))
    return b"".join(parts)


def _unpacked(unpack: Callable[[Path, Path], int], name: str) -> Callable[[Path], None]:
    """Return a reader that unpacks a file anew into a folder, and once more into the same."""

    def read(folder: Path) -> None:
        shutil.rmtree(folder / "out", ignore_errors=True)
        assert unpack(folder / name, folder / "out") == unpack(folder / name, folder / "out")

    return read


def _stated(module: Any, name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        _written(name, content)(folder)
        done = folder / "out" / DONE
        if done.is_dir():
            done.rmdir()
        shutil.rmtree(folder / "out", ignore_errors=True)
        module.unpack(folder / name, folder / "out")
        return done

    return make


def _verification(protocol: int) -> bytes:
    images: list[Any] = [picture(number, "JPEG") for number in range(8)]
    images[1] = np.frombuffer(images[1], np.uint8)
    return pickle.dumps((images, [True, False, np.bool_(True), 0]), protocol)


def _column(values: list[Any]) -> np.ndarray:
    column = np.empty((len(values), 1), object if isinstance(values[0], str) else float)
    column[:, 0] = values
    return column


def _matlab(variables: dict[str, dict[str, list[Any]]], compressed: bool) -> bytes:
    file = io.BytesIO()
    columns = {name: {key: _column(two) for key, two in table.items()} for name, table in variables.items()}
    scipy.io.savemat(file, columns, do_compression=compressed)
    return file.getvalue()


_WIKI = {
    "wiki": {
        "dob": [723671, 700000],
        "photo_taken": [2009, 1990],
        "full_path": ["17/a.jpg", "17/b.jpg"],
        "gender": [1, 0],
        "name": ["Sami Jauhojärvi", "A B"],
        "face_score": [4.3, 2.0],
        "second_face_score": [float("nan")] * 2,
    }
}
_CACD = {
    "celebrityData": {"name": ["A_B", "C_D"], "identity": [1, 2], "birth": [1951, 1951], "rank": [1, 3]},
    "celebrityImageData": {
        "age": [53, 20],
        "identity": [1, 2],
        "year": [2004, 2004],
        "rank": [1, 3],
        "birth": [1951, 1951],
        "name": ["53_A_B_0001.jpg", "20_C_D_0001.jpg"],
    },
}


def _scanned(name: str, folder: str = ".") -> Callable[[Path], list]:
    return lambda root: checked(get(name).scan(root / folder))


def _image(path: Path) -> None:
    try:
        pixels = decode(read_bytes(path))
    except BadImage as bad:
        raise UserError(f"{path.name}: {bad}") from bad
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3


_POINTS = "version: 1\r\nn_points: 68\r\n{\r\n" + "".join(f"{i}.5 {i}\r\n" for i in range(68)) + "}\r\n"
_IMFDB = "".join(
    f"Film\t012{i}.jpg\tA_{i}.jpg\t1\t2\t3\t4\tFilm\t7-10-2000\tA\tMALE\tFEAR\tNONE\tBAD\tOLD\tUP\tOVER\r\n"
    for i in range(3)
)
_SCAF = "".join(f"{i} {i:03d}/face {i}.jpg {20 + i}.5 {i % 2}\n" for i in range(20))
_MORPH = "id_num,picture_num,dob,doa,race,gender,facial_hair,age,age_diff,glasses,photo\n" + "".join(
    f"{i},0,3/2/1980,10/11/2004,W,M,,24,0,n,Album2/{i:06}_0M24.JPG\n" for i in range(5)
)
_PEOPLE = [f"A_{letter}" for letter in "BCDE"]
_LFW_NAMES = [f"{person}/{person}_{number:04d}.jpg" for person in _PEOPLE for number in (1, 2)]
_LFW = "2\t2\n" + "".join(
    f"{a}\t1\t2\n{b}\t1\t2\n{a}\t1\t{b}\t2\n{b}\t1\t{a}\t2\n" for a, b in (_PEOPLE[:2], _PEOPLE[2:])
)
_NUMBERED = [f"agedb_30/{number:05d}.jpg" for number in range(1, 41)]
_AGEDB = "".join(
    f"{2 * pair + 1:05d}.jpg {2 * pair + 2:05d}.jpg {1 if pair % 2 else -1}\n" for pair in range(20)
)


def _index(names: list[str]) -> pd.DataFrame:
    rows = {column: [None] * len(names) for column in COLUMNS} | {"name": names}
    rows |= {column: [0] * len(names) for column in ("shard", "position", "width", "height")}
    return pd.DataFrame(rows, columns=COLUMNS).astype(COLUMN_TYPES)


def _agedb_pairs(folder: Path) -> None:
    (folder / "prepared").mkdir(exist_ok=True)
    (folder / "prepared" / "duplicates.csv").write_text("name,kept,reason\n")
    prepared = Prepared(folder / "prepared", _index(_NUMBERED), {"settings": {"dataset": "agedb-30"}})
    published_pairs(prepared, folder)


def _duplicates(folder: Path) -> None:
    names_of(Prepared(folder, _index(_LFW_NAMES), {}))


_IMAGES = {
    "JPEG": {},
    "JPEG, progressive": {"progressive": True},
    "PNG": {},
    "BMP": {},
    "TIFF": {},
    "TIFF, LZW": {"compression": "tiff_lzw"},
    "WEBP": {},
}

CASES = (
    Case(
        "RecordIO", _written("train.rec", _records()), _unpacked(recordio.unpack, "train.rec"), spoilt_numbers
    ),
    Case(
        "RecordIO's unpacked.json",
        _stated(recordio, "train.rec", _records()),
        lambda folder: recordio.unpack(folder / "train.rec", folder / "out"),
        changed_values(sealed=False),
    ),
    *(
        Case(
            f"verification .bin, protocol {protocol}",
            _written("a.bin", _verification(protocol)),
            _unpacked(verification_bin.unpack, "a.bin"),
            spoilt_numbers,
        )
        for protocol in (0, 2, 4)
    ),
    Case(
        "verification .bin's unpacked.json",
        _stated(verification_bin, "a.bin", _verification(2)),
        lambda folder: verification_bin.unpack(folder / "a.bin", folder / "out"),
        changed_values(sealed=False),
    ),
    *(
        Case(
            f"wiki.mat{', compressed' * compressed}",
            _written(
                "wiki_crop/wiki.mat", _matlab(_WIKI, compressed), "wiki_crop/17/a.jpg", "wiki_crop/17/b.jpg"
            ),
            _scanned("imdb-wiki"),
            spoilt_numbers,
        )
        for compressed in (False, True)
    ),
    *(
        Case(
            f"CACD's .mat{', compressed' * compressed}",
            _written(cacd.META, _matlab(_CACD, compressed), "CACD2000/53_A_B_0001.jpg"),
            _scanned("cacd"),
            spoilt_numbers,
        )
        for compressed in (False, True)
    ),
    *(
        Case(
            name,
            _written("image", picture(1, name.split(",")[0], **options)),
            lambda f: _image(f / "image"),
            spoilt_numbers,
        )
        for name, options in _IMAGES.items()
    ),
    Case(
        "FG-NET's points",
        _written("points/001a02.pts", _POINTS, "images/001A02.JPG"),
        _scanned("fgnet"),
        spoilt_words,
    ),
    Case("SCAF's list", _written("list.txt", _SCAF), _scanned("scaf"), spoilt_words),
    Case(
        "IMFDB's list",
        _written("A/Film/Film.txt", _IMFDB, *(f"A/Film/images/A_{i}.jpg" for i in range(3))),
        _scanned("imfdb"),
        spoilt_words,
    ),
    Case(
        "MORPH's CSV",
        _written("morph.csv", _MORPH, *(f"{i:06}_0M24.JPG" for i in range(5))),
        _scanned("morph"),
        spoilt_words,
    ),
    Case(
        "LFW's pairs",
        _written("pairs.txt", _LFW),
        lambda f: lfw_pairs(Names(_index(_LFW_NAMES)), f / "pairs.txt"),
        spoilt_words,
    ),
    Case(
        "AgeDB-30's pairs",
        _written("AgeDB-30/agedb_30.txt", _AGEDB, *(f"AgeDB-30/{name}" for name in _NUMBERED)),
        _agedb_pairs,
        spoilt_words,
    ),
    Case(
        "names of copies",
        _written("duplicates.csv", "name,kept,reason\nx.jpg,A_B/A_B_0001.jpg,same\n" * 3),
        _duplicates,
        spoilt_words,
    ),
)
