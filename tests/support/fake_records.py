"""Records of runs that never were, for tests of what is made of records."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from common.evidence.records import Data, Measurement, Record

UTKFACE = Data(
    "utkface", "UTKFace", "train split", "a1" * 32, "b1" * 32, 11_000, None, "15,692 of 23,708 files", False
)
UTKFACE_TEST = dataclasses.replace(UTKFACE, protocol="test split", split_hash="b2" * 32, images=2354)
FGNET = Data("fgnet", "FG-NET", "never seen", "c1" * 32, "d1" * 32, 1002, 82, "1,002 of 1,002 files", False)
FGNET_FOLDS = dataclasses.replace(FGNET, protocol="subject-exclusive folds", split_hash="d2" * 32)
GENERATED = Data(
    "synthetic", "Generated faces", "test split", "e1" * 32, "f1" * 32, 200, 40, "200 of 200 files", True
)
GENERATED_TRAIN = dataclasses.replace(GENERATED, protocol="train split", split_hash="f2" * 32, images=600)


def measurement(value=6.5, column="fgnet", data=FGNET, metric="MAE", decision="expectation", half=0.3):
    """Return one measurement with the interval value -+ half."""
    return Measurement(column, metric, decision, value, value - half, value + half, data)


def record(measurements=None, seed=1, experiment="neighborhood-18", **changes):
    """Return a record of the `cpu` profile trained on UTKFace."""
    fields = {
        "paper": "neighborhood",
        "tables": ("table2",),
        "experiment": experiment,
        "profile": "cpu",
        "seed": seed,
        "configuration": {"loss": experiment.split("-")[0], "depth": 18, "epochs": 20, "sizes": [64, 64]},
        "trained_on": (UTKFACE,),
        "measurements": tuple(measurements or (measurement(),)),
        "code_version": "0123456789ab",
        "libraries": {"python": "3.13.5", "keras": "3.15.1"},
        "device": "a processor, 2 cores",
        "precision": "float32",
        "replicas": 1,
        "seconds": 512.5,
        "images_per_second": 700.25,
        "peak_memory_mb": 2048.0,
    }
    return Record(**{**fields, **changes})


def study(seeds=(1, 2, 3)):
    """Return two losses: three seeds on real faces, one on generated ones, and one row with folds."""
    noise = np.random.default_rng(0)
    runs = []
    for experiment, fgnet, utkface in (("cross-entropy-34", 7.05, 5.62), ("neighborhood-34", 6.41, 5.31)):
        for seed in seeds:
            shift = noise.normal(0, 0.06, 3)
            values = [
                measurement(fgnet + shift[0]),
                measurement(fgnet + shift[0] - 0.2, decision="median"),
                measurement(48.0 - fgnet, metric="CS@3", half=2.0),
                measurement(utkface + shift[1], "utkface", UTKFACE_TEST, half=0.15),
            ]
            runs.append(record(values, seed, experiment))
        folds = measurement(fgnet - 2.1, "fgnet-folds", FGNET_FOLDS)
        if experiment == "neighborhood-34":
            configuration = {"loss": "neighborhood", "after": "UTKFace", "epochs": 5}
            trained = (UTKFACE, dataclasses.replace(FGNET_FOLDS, images=990))
            runs.append(record([folds], 1, experiment, configuration=configuration, trained_on=trained))
        smoke = measurement(fgnet + 9, "synthetic", GENERATED, half=1.1)
        runs.append(record([smoke], 1, experiment, profile="smoke", trained_on=(GENERATED_TRAIN,)))
    return runs


@dataclass(frozen=True)
class Row:
    """A row of a table, as much of it as the harness asks."""

    name: str
    trained: bool = True

    def configuration(self, profile):
        return {}
