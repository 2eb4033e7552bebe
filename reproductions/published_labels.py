"""Estimated labels kept with the results, so that whoever holds the images trains on the same ages.

An estimator trained again on another machine may say other ages, if by a hair, and another age is another
training set: its runs could not be averaged with those that stand. So what a trained network said of a set of
real faces lies in results/labels/, one file a set and profile: labels by the images' SHA-256, which names
nobody, and beside it the manifest that says which run of which weights said them. The records of those runs
are in results/labels/runs/, whether a table has them among its rows or not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence.predictions import predictions_path, read_predictions, write_predictions
from common.evidence.records import run_path
from common.files import atomic_write, sha256_file, write_json
from data_prep.index import Prepared
from data_prep.labelled import COLUMNS
from reproductions.options import Options

FOLDER = "labels"
_KEY = "sha256"


def publish(
    labels: pd.DataFrame, prepared: Prepared, options: Options, estimators: Iterable[tuple[str, str]]
) -> Path:
    """Write the labels of a set, as `data_prep.labelled.load` returns them, and return the file.

    Args:
        labels: with their manifest.
        prepared: the set, in any crops.
        options: profile of the estimator, and the folder of results.
        estimators: paper and run of those that said them: their records are kept beside the labels.
    """
    path = _file(options, labels.attrs["manifest"]["dataset"])
    frame = labels.merge(prepared.index[["name", _KEY]].astype(object), on="name")
    frame = frame[[_KEY, *(column for column in COLUMNS if column != "name")]].sort_values(_KEY)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A kill between the two leaves no labels, which are then published again, not damaged ones.
    _manifest(path).unlink(missing_ok=True)
    write_predictions(path, frame)
    for paper, run in estimators:
        record = run_path(options.results_root, paper, run)
        for file in (record, predictions_path(record)):
            _copy(file, record_of(options.results_root, run).with_name(file.name))
    manifest = labels.attrs["manifest"] | {"sha256": sha256_file(path)}
    write_json(_manifest(path), manifest)
    return path


def published(prepared: Prepared, options: Options) -> pd.DataFrame | None:
    """Return published labels of all images of a set, as `data_prep.labelled.load` returns them.

    None where there are none, where an image has no label there, or where the record of an estimator that
    said them does not lie beside them.

    Args:
        prepared: the set, in any crops.
        options: profile of the estimator, and the folder of results.

    Raises:
        UserError: the labels are damaged.
    """
    path = _file(options, prepared.manifest["settings"]["dataset"])
    try:
        manifest = json.loads(_manifest(path).read_text(encoding="utf-8"))
        stated, of = manifest["sha256"], manifest["of"]
        runs = [of[who]["run"] for who in ("estimator", "genders") if of[who]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, str(error)) from error
    if not all(record_of(options.results_root, run).is_file() for run in runs):
        return None
    if not path.is_file() or sha256_file(path) != stated:
        raise _damaged(path, "it is not the file that the manifest is of")
    stored = read_predictions(path).set_index(_KEY)
    keys = prepared.index[_KEY].to_numpy(object)
    if not np.isin(keys, stored.index).all():
        return None
    frame = stored.loc[keys].reset_index(drop=True)
    frame.insert(0, "name", prepared.index["name"].to_numpy(object))
    frame = frame[list(COLUMNS)].astype(COLUMNS)
    frame.attrs["manifest"] = manifest
    return frame


def record_of(results_root: Path, run: str) -> Path:
    """Return where the record of an estimator lies beside the labels that it said."""
    return Path(results_root) / FOLDER / "runs" / f"{run}.json"


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(to, "wb") as out:
        out.write(file.read_bytes())


def _file(options: Options, dataset: str) -> Path:
    return Path(options.results_root) / FOLDER / f"{dataset}-{options.profile}.csv.gz"


def _manifest(path: Path) -> Path:
    return path.with_name(path.name.replace(".csv.gz", ".json"))


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"the published labels {path} are damaged ({why}): restore both files, or delete them to have the "
        "images labelled anew."
    )
