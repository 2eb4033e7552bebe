"""Photographs into an array and back: aligned rows, refused files with reasons, the nearest face first."""

import json
import shutil
import zipfile
from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from common.errors import UserError
from reproductions.mtlface.embed import Embedder, embed_folder
from reproductions.mtlface.search import found_table, search
from reproductions.shared.photographs import embeddings as format_of
from reproductions.shared.photographs.embeddings import Embeddings, read
from tests.support.cartoon import write_photo


def coarse(faces):
    """A face as eight by eight cells of its grey picture, less their mean."""
    grey = [cv2.cvtColor(face, cv2.COLOR_RGB2GRAY) for face in faces]
    cells = [cv2.resize(face, (8, 8), interpolation=cv2.INTER_AREA) for face in grey]
    vectors = np.array(cells, np.float64).reshape(len(faces), -1)
    return vectors - vectors.mean(axis=1, keepdims=True)


EMBEDDER = Embedder(coarse, "aifr-mtlface-test-seed1", "a" * 64, 32)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    """A folder of three faces, a copy of one, a picture of nothing and a file that is none, embedded."""
    root = tmp_path_factory.mktemp("photographs")
    for name, tint in (("a.png", 1.0), ("trip/b.png", 0.5), ("trip/c.png", 0.2)):
        write_photo(root / "photos" / name, tint)
    shutil.copy(root / "photos" / "a.png", root / "photos" / "again.png")
    (root / "photos" / "broken.jpg").write_bytes(b"nothing")
    cv2.imwrite(str(root / "photos" / "empty.png"), np.full((80, 80, 3), 127, np.uint8))
    out = root / "out" / "faces.npz"
    made = embed_folder(EMBEDDER, root / "photos", out, root / "prepared", workers=1)
    return root, out, made


def test_every_row_has_its_photograph(embedded):
    _, out, made = embedded
    found = read(out)
    assert found.names.tolist() == made.names.tolist() == ["a.png", "trip/b.png", "trip/c.png"]
    np.testing.assert_array_equal(found.vectors, made.vectors)
    assert found.vectors.dtype == np.float32 and found.vectors.shape == (3, 64)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-6)
    assert {name: found.about[name] for name in EMBEDDER.about()} == EMBEDDER.about()
    index = pd.read_csv(out.with_name("faces.index.csv"))
    assert index["name"].tolist() == found.names.tolist()
    assert index["row"].tolist() == [0, 1, 2]
    assert (index["x2"] > index["x1"]).all() and (index["landmark_source"] == "mtcnn").all()


def test_what_has_no_row_is_listed_with_the_reason(embedded):
    left = pd.read_csv(embedded[1].with_name("faces.rejected.csv"))
    assert left["name"].tolist() == ["again.png", "broken.jpg", "empty.png"]
    assert left["reason"][0].startswith("byte-identical to a.png")
    assert (
        left["reason"][1]
        == "the file is not an image of a known format (JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP or JPEG 2000)"
    )
    assert left["reason"][2] == "no face found by mtcnn"


def test_of_all_that_lies_in_a_folder_there_is_a_row(tmp_path):
    """What Pillow opens is in the array whatever its name; the rest is named; what was written is neither."""
    folder = tmp_path / "photos"
    write_photo(folder / "a.png", 1.0)
    with Image.open(folder / "a.png") as face:
        face.load()
    (folder / "a.png").unlink()
    kinds = {"JPEG": "jfif", "AVIF": "avif", "GIF": "gif", "JPEG2000": "jp2", "WEBP": "txt", "TIFF": ""}
    for kind, ending in kinds.items():
        face.save(folder / f"{kind}.{ending}".rstrip("."), kind)
    (folder / "phone.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (folder / "film.mov").write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ")
    (folder / "notes").write_text("of the journey")
    (folder / ".hidden.jpg").touch()
    for _ in range(2):
        made = embed_folder(EMBEDDER, folder, folder / "faces.npz", tmp_path / "prepared", workers=1)
        left = pd.read_csv(folder / "faces.rejected.csv", index_col="name")["reason"]
        written = {"faces.npz", "faces.index.csv", "faces.rejected.csv"}
        lie_there = {path.name for path in folder.iterdir()} - written
        assert set(made.names) | set(left.index) == lie_there
        assert sorted(made.names) == ["AVIF.avif", "GIF.gif", "JPEG.jfif", "JPEG2000.jp2", "TIFF", "WEBP.txt"]
    assert "run pip install pillow-heif, or convert it to JPEG" in left["phone.HEIC"]
    assert "is a film, not a photograph" in left["film.mov"]
    assert "hidden file" in left[".hidden.jpg"]
    assert (made.vectors @ made.vectors.T).min() > 0.98


def test_the_rows_are_the_network_on_the_aligned_faces(embedded):
    from data_prep.prepared.index import load
    from data_prep.prepared.shards import read_images

    root, _, made = embedded
    (folder,) = (root / "prepared").iterdir()
    np.testing.assert_allclose(made.vectors, EMBEDDER.vectors(read_images(load(folder))), atol=1e-7)
    assert not list(folder.glob("embeddings-*"))


def test_a_killed_run_goes_on_and_leaves_no_half_array(embedded, tmp_path):
    root, _, made = embedded
    calls = []

    def dying(faces):
        calls.append(len(faces))
        if len(calls) == 1:
            raise KeyboardInterrupt
        return coarse(faces)

    again = replace(EMBEDDER, embed=dying, fingerprint="b" * 64)
    with pytest.raises(KeyboardInterrupt):
        embed_folder(again, root / "photos", tmp_path / "faces.npz", root / "prepared", workers=1)
    assert not list(tmp_path.iterdir())
    found = embed_folder(again, root / "photos", tmp_path / "faces.npz", root / "prepared", workers=1)
    np.testing.assert_array_equal(found.vectors, made.vectors)


def test_the_photograph_itself_is_found_first(embedded):
    root, out, _ = embedded
    found = search(EMBEDDER, root / "photos" / "trip" / "b.png", read(out))
    assert found["name"][0] == "trip/b.png"
    assert found["cosine"][0] == pytest.approx(1, abs=1e-3)
    assert found["cosine"].is_monotonic_decreasing and len(found) == 3
    assert len(search(EMBEDDER, root / "photos" / "a.png", read(out), count=1)) == 1
    assert found_table(found).splitlines()[2].startswith("| trip/b.png")


def test_equal_faces_come_in_the_order_of_the_file(embedded):
    root, _, made = embedded
    same = Embeddings(np.repeat(made.vectors[:1], 3, axis=0), np.array(["x", "y", "z"]), made.about)
    assert search(EMBEDDER, root / "photos" / "a.png", same)["name"].tolist() == ["x", "y", "z"]


def test_mistakes_are_told(embedded, tmp_path):
    root, out, _ = embedded
    made = read(out)
    bad = {
        "broken.jpg": "the file is not an image of a known format",
        "empty.png": "no face found",
        "no.jpg": "No such file",
    }
    for photo, reason in bad.items():
        with pytest.raises(UserError, match=f"{photo} cannot be used: .*{reason}"):
            search(EMBEDDER, root / "photos" / photo, made)
    with pytest.raises(UserError, match="were made by aifr-mtlface-test-seed1 and not by other"):
        search(replace(EMBEDDER, run="other"), root / "photos" / "a.png", made)
    with pytest.raises(UserError, match="by another training of aifr-mtlface-test-seed1 and not by the one"):
        search(replace(EMBEDDER, fingerprint="c" * 64), root / "photos" / "a.png", made)
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(UserError, match=r"folder\.npz is a folder: give another file"):
        embed_folder(EMBEDDER, root / "photos", tmp_path / "folder.npz", tmp_path)
    for below in (out, out / "deeper"):
        with pytest.raises(UserError, match=r"cannot write .*faces\.npz"):
            embed_folder(EMBEDDER, root / "photos", below / "x.npz", tmp_path)
    assert not list(tmp_path.glob("*.csv"))
    with pytest.raises(UserError, match="choose at least 1"):
        search(EMBEDDER, root / "photos" / "a.png", made, count=0)
    with pytest.raises(UserError, match=r"does not end in \.npz"):
        embed_folder(EMBEDDER, root / "photos", tmp_path / "x.npy", tmp_path)
    with pytest.raises(UserError, match="there is no folder"):
        embed_folder(EMBEDDER, root / "nowhere", tmp_path / "x.npz", tmp_path)


def npy_of_2_40_rows() -> bytes:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776, 2), }\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


@pytest.mark.parametrize(
    "damage", ["cut", "text", "objects", "names", "missing", "about", "nested", "pressed", "endless"]
)
def test_a_file_of_another_kind_is_named(embedded, tmp_path, damage):
    path = tmp_path / "faces.npz"
    vectors, names, about = np.eye(2, dtype=np.float32), np.array(["a", "b"]), np.array(json.dumps({}))
    match damage:
        case "cut":
            path.write_bytes(embedded[1].read_bytes()[:100])
        case "text":
            path.write_text("name,cosine\n")
        case "objects":
            np.savez(path, embeddings=vectors, names=np.array(["a", 1], object), about=about)
        case "names":
            np.savez(path, embeddings=vectors, names=names[:1], about=about)
        case "about":
            np.savez(path, embeddings=vectors, names=names, about=np.array("[]"))
        case "nested":
            np.savez(path, embeddings=vectors, names=names, about=np.array("[" * 100_000))
        case "pressed":
            np.savez_compressed(path, embeddings=np.eye(64, dtype=np.float32), names=names, about=about)
            content = bytearray(path.read_bytes())
            content[60:90] = bytes(30)
            path.write_bytes(content)
        case "endless":
            with zipfile.ZipFile(path, "w") as file:
                file.writestr("embeddings.npy", npy_of_2_40_rows())
    with pytest.raises(UserError, match=r"make it with make embed-mtlface FOLDER=\.\.\. OUT"):
        read(path, "embed-mtlface")


def test_the_format_is_told_where_it_is_made():
    assert all(word in format_of.__doc__ for word in ("(N, D) float32", "names ", "faces ", "about "))
