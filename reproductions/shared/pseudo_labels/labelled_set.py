"""A SCAF-style set: an identity set whose ages and genders were estimated, as in the MTLFace supplement, A.

"First, we first use the public Azure Facial API to estimate the ages and genders of faces [...] Last, a
large-scale balanced age dataset is constructed by balancing both age and gender." The service is replaced by
estimators of one's own; what they are worth on pictures that they were not trained on stands in the manifest.
The second step, correction by hand, is left to the user.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from common.errors import UserError, clause
from common.evidence.sealed import write_sealed
from common.files import sha256_file, sha256_json, write_table, writing_to
from common.locking import take_lock
from data_prep.prepared.by_shard import compute_by_shard
from data_prep.prepared.index import Prepared
from data_prep.prepared.manifest import Altered
from reproductions.shared.pseudo_labels.estimators import AgeEstimates, Estimator, Quality
from reproductions.shared.pseudo_labels.genders import (
    ESTIMATED,
    Genders,
    GenderSource,
    own_genders,
    settled,
    unknown_genders,
)
from reproductions.shared.pseudo_labels.manifest import check_labels, read_manifest

COLUMNS = {
    "name": "string",
    "age_expectation": "float64",
    "age_spread": "float64",
    "gender": "string",
    "female_probability": "float64",
}
AGES, GENDERS = "ages", "genders"
"""What studies offer: a function of the options that returns an `estimators.Estimator`."""

FOLDER = "labelled"
LABELS = "labels.csv"
MANIFEST = "manifest.json"


def folder_of(prepared: Prepared) -> Path:
    """Return where the labels of a set are, whatever crops of it were prepared: beside the prepared sets."""
    return prepared.folder.parent / FOLDER / prepared.manifest["settings"]["dataset"]


Ahead = Callable[[str, Prepared, Estimator, Path], None]
"""Has others compute, into a folder, what an estimator of `AGES` or `GENDERS` says of a set's shards."""


def label(
    prepared: Prepared, ages: Estimator, genders: GenderSource | None = None, ahead: Ahead | None = None
) -> pd.DataFrame:
    """Label a set's images and return the labels as `load` does; they are kept in `folder_of` the set.

    Labels that stand are returned where images and estimators are the same. A killed run goes on at the shard
    where it was. While one process labels a set, others wait.

    Args:
        prepared: to the size and template of `ages`.
        ages: says ages.
        genders: says genders, unless the set brings some; None leaves them unknown then.
        ahead: called before an estimator is asked; what it has computed is not computed here.

    Raises:
        UserError: a shard is damaged, labels that stand were changed by hand, or the folder cannot be written
            to.
        ValueError: the set is of other crops than the estimator takes.
    """
    ages.check(prepared)
    folder = folder_of(prepared)
    by = None if genders is None else {"images": genders.prepared.fingerprint, **genders.estimator.identity}
    of = {"images": prepared.fingerprint, "estimator": ages.identity, "genders": by}
    with writing_to(folder):
        lock = take_lock(folder / ".lock", f"labelling {prepared.manifest['title']}")
    with lock:
        if not _standing(folder, of):
            _label(prepared, ages, genders, folder, of, ahead)
        return load(folder)


def _label(
    prepared: Prepared,
    ages: Estimator,
    genders: GenderSource | None,
    folder: Path,
    of: dict[str, Any],
    ahead: Ahead | None,
) -> None:
    title = prepared.manifest["title"]
    parts = folder / f"parts-{sha256_json([of['images'], of['estimator']])[:12]}"
    if ahead:
        ahead(AGES, prepared, ages, parts)
    estimates = compute_by_shard(prepared, answers(AGES, ages), parts, f"{title}: estimating ages")
    said = _genders(prepared, genders, folder, ahead)
    estimated = said.source == ESTIMATED
    rows = zip(prepared.index["name"], *estimates.T, said.names, said.female, strict=True)
    with writing_to(folder):
        (folder / MANIFEST).unlink(missing_ok=True)
        texts = (
            (name, f"{age:.3f}", f"{spread:.3f}", gender, None if np.isnan(female) else f"{female:.3f}")
            for name, age, spread, gender, female in rows
        )
        write_table(folder / LABELS, COLUMNS, texts)
        manifest = {
            "title": f"SCAF-style, from {title}",
            "of": of,
            "dataset": prepared.manifest["settings"]["dataset"],
            "coverage": prepared.coverage,
            "labelled": len(prepared.index),
            "gender_from": said.source,
            "gender_dissent": said.dissent,
            "quality": [asdict(one) for one in ages.quality],
            "gender_quality": [asdict(one) for one in genders.estimator.quality] if estimated else [],
            "sha256": sha256_file(folder / LABELS),
        }
        write_sealed(folder / MANIFEST, manifest)
        for leftover in folder.glob("parts-*"):
            shutil.rmtree(leftover)


def answers(offer: str, estimator: Estimator) -> Callable[[np.ndarray], np.ndarray]:
    """Return what `compute_by_shard` computes with an estimator of ages, (N, 2), or of genders, (N, 1)."""
    form = {AGES: _stacked, GENDERS: _shares}[offer]
    return lambda images: form(estimator.estimate(images))


def _genders(prepared: Prepared, source: GenderSource | None, folder: Path, ahead: Ahead | None) -> Genders:
    own = own_genders(prepared.index)
    if own is not None:
        return own
    if source is None:
        return unknown_genders(prepared.index)
    estimator, crops = source.estimator, source.prepared
    parts = folder / f"parts-{sha256_json([crops.fingerprint, estimator.identity])[:12]}"
    what = f"{prepared.manifest['title']}: estimating genders"
    if ahead:
        ahead(GENDERS, crops, estimator, parts)
    female = compute_by_shard(crops, answers(GENDERS, estimator), parts, what)[:, 0]
    # A face that could not be prepared for one of the estimators is missing there.
    found = pd.Series(female, crops.index["name"]).reindex(prepared.index["name"])
    return settled(prepared.index["identity"], found.to_numpy(np.float64))


def load(folder: str | Path) -> pd.DataFrame:
    """Read a labelled set.

    Returns:
        columns name (as in the index of the prepared set), age_expectation and age_spread in years, gender
        ("male", "female" or missing; one a person where it was estimated), female_probability (of the image
        alone); `attrs["manifest"]` says title, estimators, images and quality.

    Raises:
        Altered: labels or manifest were changed after they were written.
        UserError: `folder` holds no finished labels, or damaged ones.
    """
    folder = Path(folder)
    try:
        manifest, is_intact = read_manifest(folder / MANIFEST)
        for name, stands in (
            (MANIFEST, is_intact),
            (LABELS, sha256_file(folder / LABELS) == manifest["sha256"]),
        ):
            if not stands:
                raise _altered(folder / name)
        frame = pd.read_csv(folder / LABELS, dtype=COLUMNS, keep_default_na=False, na_values=[""])
        if tuple(frame.columns) != tuple(COLUMNS):
            raise ValueError(f"{LABELS} has other columns than expected")
        check_labels(frame, "name")
    except FileNotFoundError as error:
        raise UserError(f"{folder} holds no labelled set: run make label-<set>.") from error
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise UserError(
            f"the labels in {folder} are damaged ({clause(error)}): delete it and label again."
        ) from error
    frame.attrs["manifest"] = manifest
    return frame


def of_index(prepared: Prepared) -> pd.DataFrame:
    """Return the labels that a set brings itself, as SCAF's list or generated faces, in the form of `load`.

    The spread of such an age is unknown; images of unknown age are left out.

    Raises:
        UserError: no image has an age.
    """
    index = prepared.index[prepared.index["age"].notna()]
    title = prepared.manifest["title"]
    if index.empty:
        raise UserError(f"{title} brings no ages of its own: run make label-<set>.")
    frame = pd.DataFrame(
        {
            "name": index["name"],
            "age_expectation": index["age"].astype("float64"),
            "age_spread": np.nan,
            "gender": index["gender"],
            "female_probability": np.nan,
        }
    ).astype(COLUMNS)
    frame.attrs["manifest"] = {
        "title": f"{title}, with its own labels",
        "of": {"images": prepared.fingerprint, "estimator": None, "genders": None},
        "dataset": prepared.manifest["settings"]["dataset"],
        "coverage": prepared.coverage,
        "labelled": len(frame),
        "gender_from": "the set" if frame["gender"].notna().any() else "nobody",
        "gender_dissent": None,
        "quality": [],
        "gender_quality": [],
    }
    return frame.reset_index(drop=True)


def qualities(stored: dict[str, Any], of: str = "quality") -> tuple[Quality, ...]:
    """Return what a manifest says its estimators are worth.

    Args:
        stored: the manifest, or what was counted for a figure from it.
        of: "quality", of ages, or "gender_quality"; manifests made before there were the latter lack it.
    """
    return tuple(Quality.read(one) for one in stored.get(of, ()))


def _stacked(estimates: AgeEstimates) -> np.ndarray:
    """Return estimates as (N, 2) numbers."""
    stacked = np.column_stack([estimates.expectation, estimates.spread])
    if not np.isfinite(stacked).all() or (stacked[:, 1] < 0).any():
        raise ValueError("an estimate is not finite, or a spread negative")
    return stacked


def _shares(female: np.ndarray) -> np.ndarray:
    """Return probabilities as (N, 1) numbers."""
    if not ((female >= 0) & (female <= 1)).all():
        raise ValueError("a probability is not between 0 and 1")
    return np.reshape(female, (-1, 1))


def _standing(folder: Path, of: dict[str, Any]) -> bool:
    try:
        return load(folder).attrs["manifest"]["of"] == of
    except Altered:
        raise
    except UserError:
        return False


def _altered(path: Path) -> Altered:
    return Altered(
        f"{path} was changed after the set was labelled: delete the folder {path.parent} and run "
        "make label-<set> again. Labels corrected by hand are a set's own: list them as SCAF's are."
    )
