"""Estimated labels kept with the results, so that whoever holds the images trains on the same ages.

An estimator trained again on another machine may say other ages, if by a hair, and another age is another
training set: its runs could not be averaged with those that stand. So what a trained network said of a set of
real faces lies in results/labels/, one file a set and profile: labels by the images' SHA-256, which names
nobody, and beside it the manifest that says which run of which weights said them. The records of those runs
are in results/labels/runs/, whether a table has them among its rows or not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence.predictions import predictions_path, read_predictions, write_predictions
from common.evidence.records import run_path
from common.evidence.sealed import write_sealed
from common.files import atomic_write, sha256_file
from data_prep.prepared.index import Prepared
from reproductions.shared.harness.options import Options
from reproductions.shared.pseudo_labels.labelled_set import COLUMNS
from reproductions.shared.pseudo_labels.manifest import check_labels, read_manifest

FOLDER = "labels"
_SUFFIX = ".csv.gz"
_KEY = "sha256"
_COLUMNS = (_KEY, *(column for column in COLUMNS if column != "name"))


def publish(
    labels: pd.DataFrame, prepared: Prepared, options: Options, estimators: Iterable[tuple[str, str]]
) -> Path:
    """Write the labels of a set, as `labelled_set.load` returns them, and return the file.

    Args:
        labels: with their manifest.
        prepared: the set, in any crops.
        options: profile of the estimator, and the folder of results.
        estimators: paper and run of those that said them: their records are kept beside the labels.
    """
    path = _file(options, labels.attrs["manifest"]["dataset"])
    frame = labels.merge(prepared.index[["name", _KEY]].astype(object), on="name")
    frame = frame[list(_COLUMNS)].sort_values(_KEY)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A kill between the two leaves no labels, which are then published again, not damaged ones.
    _manifest(path).unlink(missing_ok=True)
    write_predictions(path, frame)
    for paper, run in estimators:
        record = run_path(options.results_root, paper, run)
        for file in (record, predictions_path(record)):
            _copy(file, record_of(options.results_root, run).with_name(file.name))
    manifest = labels.attrs["manifest"] | {"sha256": sha256_file(path)}
    write_sealed(_manifest(path), manifest)
    return path


def published(prepared: Prepared, options: Options) -> pd.DataFrame | None:
    """Return published labels of all images of a set, as `labelled_set.load` returns them.

    None where there are none, where an image has no label there, or where the record of an estimator that
    said them does not lie beside them.

    Args:
        prepared: the set, in any crops.
        options: profile of the estimator, and the folder of results.

    Raises:
        UserError: the labels are damaged.
    """
    path = _file(options, prepared.manifest["settings"]["dataset"])
    if not _manifest(path).exists():
        return None
    stored, manifest = _read(path)
    said = (manifest["of"][who] for who in ("estimator", "genders"))
    if not all(os.path.isfile(record_of(options.results_root, one["run"])) for one in said if one):
        return None
    keys = prepared.index[_KEY].to_numpy(object)
    if not np.isin(keys, stored.index).all():
        return None
    frame = stored.loc[keys].reset_index(drop=True)
    frame.insert(0, "name", prepared.index["name"].to_numpy(object))
    frame = frame[list(COLUMNS)].astype(COLUMNS)
    frame.attrs["manifest"] = manifest
    return frame


def check(results_root: Path) -> list[str]:
    """Return the files of published labels that have no manifest; read all others.

    Raises:
        UserError: labels are damaged, or were changed after they were published.
    """
    manifests = {_manifest(path): path for path in sorted((Path(results_root) / FOLDER).glob(f"*{_SUFFIX}"))}
    for manifest in sorted((Path(results_root) / FOLDER).glob("*.json")):
        _read(manifests.pop(manifest, manifest.with_suffix(_SUFFIX)))
    return [f"{path} comes from no record" for path in manifests.values()]


def _read(path: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return labels by the hashes of their images, and their manifest."""
    try:
        manifest, is_intact = read_manifest(_manifest(path))
        if not is_intact:
            raise ValueError(f"{_manifest(path).name} was edited")
        if sha256_file(path) != manifest["sha256"]:
            raise ValueError("it is not the file that the manifest is of")
        stored = read_predictions(path)
        if tuple(stored.columns) != _COLUMNS:
            raise ValueError("it has other columns than expected")
        stored = stored.astype({column: COLUMNS[column] for column in _COLUMNS if column != _KEY})
        check_labels(stored, _KEY)
    except (OSError, ValueError, TypeError) as error:
        raise _damaged(path, str(error)) from error
    return stored.set_index(_KEY), manifest


def record_of(results_root: Path, run: str) -> Path:
    """Return where the record of an estimator lies beside the labels that it said."""
    return Path(results_root) / FOLDER / "runs" / f"{run}.json"


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(to, "wb") as out:
        out.write(file.read_bytes())


def _file(options: Options, dataset: str) -> Path:
    return Path(options.results_root) / FOLDER / f"{dataset}-{options.profile}{_SUFFIX}"


def _manifest(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(_SUFFIX) + ".json")


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"the published labels {path} are damaged ({why}): restore both files, or delete them to have the "
        "images labelled anew."
    )
