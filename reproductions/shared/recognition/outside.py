"""A recogniser from outside: what a network that this suite did not train finds by the same protocols.

King's residual network of dlib, trained on about three million pictures and in the public domain (CC0). It is
an extra: make setup JUDGES=yes. Nothing of this suite is trained on it or chosen by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError
from common.faces.alignment import similarity_transform, warp
from data_prep.datasets import get
from data_prep.datasets.samples import Rejected
from data_prep.formats.images import BadImage, decode, read_bytes
from data_prep.prepared.index import LANDMARK_COLUMNS, Prepared
from data_prep.protocols.recognition_tests import VerificationTest
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome
from reproductions.shared.recognition import evaluation
from reproductions.shared.recognition.rows import IdentificationSet

SIDE = 150
"""Side of the faces that the network takes, in pixels."""

_MODULES = ("dlib", "face_recognition_models")
PACKAGES = "the packages of requirements-judges.txt"
INSTALL = "make setup JUDGES=yes"
_BATCH = 32

# Centres of the eyes, tip of the nose and corners of the mouth of dlib's mean face, a unit square that its
# crops show with a quarter of its side more around.
_MEAN_FACE = np.array(
    [(0.2255, 0.2160), (0.7548, 0.2160), (0.4901, 0.5156), (0.2541, 0.7802), (0.7261, 0.7802)]
)
_PADDING = 0.25


def lacking(options: Options) -> str | None:
    """Return what the row needs and the user does not hold; None where nothing."""
    if options.data_root is None or options.is_first_look:
        return "real faces (DATA_ROOT, and a larger profile than smoke)"
    return lacking_packages()


def lacking_packages() -> str | None:
    """Return which packages the recogniser needs and are not installed; None where all are."""
    if any(find_spec(name) is None for name in _MODULES):
        return f"{PACKAGES}: {INSTALL} installs them"
    return None


def measure(
    sets: Iterable[IdentificationSet], verifications: Sequence[VerificationTest], options: Options
) -> Outcome:
    """Measure the recogniser on searches and pairs; distractors are not asked about.

    It reads the pictures themselves, cut by the landmarks that the prepared set holds: crops for other
    networks show less of a face than it was trained on.

    Args:
        sets, verifications: as of `reproductions.shared.recognition.rows.measure_features`.
        options: say where the pictures are.

    Raises:
        UserError: a picture is gone, or was changed so that it cannot be read.
    """
    sets = list(sets)
    wanted: dict[Path, tuple[Prepared, list[np.ndarray]]] = {}
    for one in sets:
        for search in one.searches:
            rows = [search.scheme.probes, search.scheme.gallery]
            wanted.setdefault(one.prepared.folder, (one.prepared, []))[1].extend(rows)
    for pairs in verifications:
        rows = [pairs.pairs.first, pairs.pairs.second]
        wanted.setdefault(pairs.prepared.folder, (pairs.prepared, []))[1].extend(rows)
    features = {
        folder: _features(prepared, np.unique(np.concatenate(rows)), options)
        for folder, (prepared, rows) in wanted.items()
    }
    outcome = Outcome()
    for one in sets:
        found = features.get(one.prepared.folder)
        folds = max((int(search.folds.max()) for search in one.searches), default=0) + 1
        if found is not None:
            evaluation.add_searches(outcome, one.searches, one.prepared, [found] * folds)
    for pairs in verifications:
        outcome.add(*evaluation.measure_verification(pairs, features[pairs.prepared.folder]))
    return outcome


def _features(prepared: Prepared, rows: np.ndarray, options: Options) -> np.ndarray:
    """Return the features of some images, (images of the index, 128) float32; zeros elsewhere."""
    network = _network()
    paths = _paths(prepared, options)
    names = prepared.index["name"].to_numpy(object)[rows]
    landmarks = prepared.index[list(LANDMARK_COLUMNS)].to_numpy(np.float64)[rows].reshape(-1, 5, 2)
    found = np.zeros((len(prepared.index), 128), np.float32)
    for start in range(0, len(rows), _BATCH):
        part = slice(start, start + _BATCH)
        chips = [chip(_read(paths, name), at) for name, at in zip(names[part], landmarks[part], strict=True)]
        found[rows[part]] = np.array(network.compute_face_descriptor(chips), np.float32)
    return found


def aligned_features(landmarks: np.ndarray) -> evaluation.Embed:
    """Return what gives the features of faces that are aligned: (N, S, S, 3) uint8 RGB -> (N, 128) float32.

    Args:
        landmarks: (5, 2) pixels, where those of every face lie.
    """
    network = _network()

    def features(faces: np.ndarray) -> np.ndarray:
        parts = [faces[start : start + _BATCH] for start in range(0, len(faces), _BATCH)]
        found = [network.compute_face_descriptor([chip(face, landmarks) for face in part]) for part in parts]
        return np.concatenate([np.array(part, np.float32) for part in found])

    return features


def chip(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return the face as the recogniser takes it, (150, 150, 3) uint8 RGB.

    Args:
        image: (H, W, 3) uint8 RGB.
        landmarks: (5, 2) as of `common.faces.face.Face`, pixels of the image.
    """
    target = (_MEAN_FACE + _PADDING) / (1 + 2 * _PADDING) * SIDE
    return warp(image, similarity_transform(landmarks, target), SIDE)


def _network() -> Any:
    dlib, models = map(import_module, _MODULES)
    return dlib.face_recognition_model_v1(models.face_recognition_model_location())


def _paths(prepared: Prepared, options: Options) -> dict[str, Path]:
    card = get(prepared.manifest["settings"]["dataset"])
    root = card.find(Path(options.data_root or ".") / card.folder)
    return {item.name: item.path for item in card.scan(root) if not isinstance(item, Rejected)}


def _read(paths: dict[str, Path], name: str) -> np.ndarray:
    if name not in paths:
        raise UserError(f"the picture {name} is gone from the data folder: put it back, or prepare anew.")
    try:
        return decode(read_bytes(paths[name]))
    except BadImage as error:
        raise UserError(
            f"{paths[name]} is not used any more ({error}): restore it, or prepare anew."
        ) from error
