"""A record that never was, to be broken."""

from __future__ import annotations

from typing import Any

from common.evidence.records import Data, Measurement, Record

_TRAINED_ON = Data("utkface", "UTKFace", "train split", "a1" * 32, "b1" * 32, 110, None, "all files", False)
_TESTED_ON = Data("fgnet", "FG-NET", "never seen", "c1" * 32, "d1" * 32, 2, 2, "all files", False)


def example(experiment: str = "neighborhood-18", seed: int = 1, **changes: Any) -> Record:
    """Return a record of one measurement, an MAE of 6.5 years."""
    fields = {
        "paper": "neighborhood",
        "tables": ("table2",),
        "experiment": experiment,
        "profile": "cpu",
        "seed": seed,
        "configuration": {"depth": 18, "sizes": [64, 64]},
        "trained_on": (_TRAINED_ON,),
        "measurements": (Measurement("fgnet", "MAE", "expectation", 6.5, 6.2, 6.8, _TESTED_ON),),
        "code_version": "0123456789ab",
        "libraries": {"keras": "3.15.1"},
        "device": "a processor, 2 cores",
        "precision": "float32",
        "replicas": 1,
        "seconds": 512.5,
        "images_per_second": 700.25,
        "peak_memory_mb": 2048.0,
        "history": {"loss": (2.0, 1.0)},
    }
    return Record(**{**fields, **changes})
