"""A folder of published networks in which the network is made up: it says the brightness of a face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from common.evidence.predictions import write_predictions
from reproductions.shared.networks import card, manifest
from reproductions.shared.networks.published import (
    Backing,
    Calibration,
    Chain,
    Example,
    Input,
    PublishedAges,
    PublishedRecognition,
    PublishedSynthesis,
    RangeError,
    Tried,
)

ERRORS = (RangeError(0, 29, 50, 4.0), RangeError(30, 99, 40, 12.0))


class Brightness:
    """Says that a face is as many years old as a quarter of its mean grey level, in place of a network."""

    def __init__(self, *_):
        pass

    def __call__(self, faces: np.ndarray) -> np.ndarray:
        years = faces.mean(axis=(1, 2, 3)) / 4
        return np.clip(years[:, None] - np.arange(99)[None], 0, 1).astype(np.float32)


def write_folder(folder: Path) -> PublishedAges:
    """Write manifest and answers, but no network, and return what the manifest says."""
    rows = pd.DataFrame(
        {
            "column": ["utkface"] * 40
            + ["fgnet-photographs-mtcnn"] * 4
            + ["fgnet-photographs-viola-jones"] * 4,
            "name": [f"{20 + n}_{n % 2}_{n % 5}_{n}.jpg.chip.jpg" for n in range(40)]
            + ["001A02.JPG", "002A30.JPG", "002A40.JPG", "004A20.JPG"] * 2,
            "subject": [None] * 40 + ["001", "002", "002", "004"] * 2,
            "age": [20 + n for n in range(40)] + [2, 30, 40, 20] * 2,
            "expectation": 30.0,
            "years": [22.0 + n for n in range(40)] + [5, 33, 43, 23, 8, 36, np.nan, 26],
            "low": [19.0 + n for n in range(40)] + [2, 31, 40, 20, 2, 30, np.nan, 20],
            "high": [25.0 + n for n in range(40)] + [9, 36, 46, 26, 9, 36, np.nan, 26],
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    published = PublishedAges(
        kind="age",
        file="age.onnx",
        sha256="0" * 64,
        size=1000,
        predictions=write_predictions(folder / card.answers_name("age"), rows),
        backing=(Backing("neighborhood/runs/a.json", "c" * 64, "w" * 64, True),),
        commit="abc",
        command="make publish-networks PROFILE=cpu",
        chosen="seed 1",
        input=Input(96, "utkface", ((0.3, 0.3),) * 5, True, (1.0,)),
        output="older",
        trained_on=("UTKFace, training split",),
        terms="trained on UTKFace: for non-commercial research only",
        difference=0.0001,
        calibration=Calibration("UTKFace", "s", 90, 0.8, ((0.0, 0.0), (90.0, 90.0)), 1.0, 1.0, ERRORS),
        photographs=Chain(
            "mtcnn",
            1.0,
            "as they are",
            Calibration("UTKFace", "s", 90, 0.8, ((0.0, 0.0), (90.0, 90.0)), 1.0, 1.0, ERRORS),
        ),
        example=Example(7, (1.0,), 30.0),
        tried=(Tried("a wall", 1, None, None, None), Tried("a portrait", 77, 70.0, 60.0, 80.0)),
    )
    manifest.write(folder, manifest.Manifest({"age": published}))
    return published


class Colours:
    """Says of a face its mean colour less its grey as a vector of length one, in place of a network."""

    def __init__(self, *_):
        pass

    def __call__(self, faces: np.ndarray) -> np.ndarray:
        means = faces.mean(axis=(1, 2)) if len(faces) else np.zeros((0, 3))
        means = means - means.mean(axis=1, keepdims=True)
        return (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)


def write_recognition(folder: Path) -> PublishedRecognition:
    """Write manifest and answers of a network that tells people apart, but no network; as `write_folder`."""
    shown = "photographs-retinaface-mobilenet"
    rows = [
        (f"lfw-{shown}", f"A/{n}.jpg", f"B/{n}.jpg", n % 2 == 0, n % 4 // 2, None, None, 0.9 - 0.1 * (n % 5))
        for n in range(20)
    ]
    rows[3] = (*rows[3][:-1], None)
    rows += [
        (f"fgnet-pairs-{shown}", "001A02.JPG", "002A30.JPG", n < 4, n % 2, 2, 28, cosine)
        for n, cosine in enumerate([0.3] + [0.8] * 3 + [0.2] * 4)
    ]
    rows += [
        (f"fgnet-search-{shown}", f"{n:03d}A{n}.JPG", "002A30.JPG", n > 0, None, n, 5, 0.5) for n in range(4)
    ]
    rows += [
        (f"utkface-strangers-{shown}", f"20_{n % 2}_0_{n}.jpg.chip.jpg", "x", False, None, 20, 0, 0.1 * n)
        for n in (4, 5, 6, 7)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    answers = pd.DataFrame(rows, columns=["column", "name", "other", "same", "fold", "age", "gap", "cosine"])
    published = PublishedRecognition(
        kind="recognition",
        file="recognition.onnx",
        sha256="0" * 64,
        size=1000,
        predictions=write_predictions(folder / card.answers_name("recognition"), answers),
        backing=(Backing("mtlface/runs/a.json", "c" * 64, "w" * 64, False),),
        commit="abc",
        command="make publish-networks PROFILE=cpu",
        chosen="seed 1",
        input=Input(96, "arcface", ((0.3, 0.3),) * 5, True, (1.0,)),
        output="embedding",
        trained_on=("LFW, training people",),
        terms="trained on LFW: for research",
        difference=0.0001,
        length=3,
        detector="retinaface-mobilenet",
        border="reflect",
        chosen_border="what lies outside is filled with the mirror image",
        threshold=0.6,
        false_match_rate=0.01,
        threshold_on="LFW, some people",
        people=5,
        strangers=90,
        outputs=(1.0, 0.0, 0.0),
        seed=7,
    )
    manifest.write(folder, manifest.Manifest(manifest.standing(folder).networks | {"recognition": published}))
    return published


class Brightened:
    """Makes a face ten grey levels brighter from group to group, in place of a network."""

    def __init__(self, *_):
        pass

    def __call__(self, faces: np.ndarray) -> np.ndarray:
        groups = [faces.astype(np.float32) / 255 + 10 * group / 255 for group in range(7)]
        return np.concatenate(groups, axis=1)


def write_synthesis(folder: Path) -> PublishedSynthesis:
    """Write manifest and answers of a network that takes faces to ages, but no network; as `write_folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    groups = ("0-10", "11-20", "21-30", "31-40", "41-50", "51-60", "61+")
    rows = [
        (
            "fgnet",
            f"{n:03d}A10.JPG",
            f"{n:03d}",
            "0-10",
            to,
            to if n else "0-10",
            100 * (n > 0),
            0.8,
            100,
            12.5,
        )
        for n in range(3)
        for to in groups[1:]
    ]
    columns = ["column", "name", "subject", "from", "to", "judged"]
    answers = pd.DataFrame(rows, columns=[*columns, "age accuracy", "identity", "verified", "change"])
    published = PublishedSynthesis(
        kind="synthesis",
        file="synthesis.onnx",
        sha256="0" * 64,
        size=1000,
        predictions=write_predictions(folder / card.answers_name("synthesis"), answers),
        backing=(Backing("mtlface/runs/a.json", "c" * 64, "w" * 64, False),),
        commit="abc",
        command="make publish-networks PROFILE=cpu",
        chosen="seed 1",
        input=Input(64, "utkface", ((0.3, 0.3),) * 5, False, (1.0,)),
        output="aged",
        trained_on=("UTKFace, half",),
        terms="trained on UTKFace: for research",
        difference=0.0001,
        groups=groups,
        detector="retinaface-mobilenet",
        border="replicate",
        outputs=(0.5,) * 7,
        seed=7,
    )
    manifest.write(folder, manifest.Manifest(manifest.standing(folder).networks | {"synthesis": published}))
    return published
