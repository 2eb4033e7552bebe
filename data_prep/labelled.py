"""A SCAF-style set: an identity set whose ages an estimator said, as in the MTLFace supplement, section A.

"First, we first use the public Azure Facial API to estimate the ages and genders of faces [...] Last, a
large-scale balanced age dataset is constructed by balancing both age and gender." The service is replaced by
an estimator of one's own; what it is worth on people whom it was not trained on stands in the manifest. The
second step, correction by hand, is left to the user.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from common.errors import UserError
from common.files import sha256_file, sha256_json, write_json
from common.locking import take_lock
from data_prep.by_shard import compute_by_shard
from data_prep.index import Prepared, write_table
from data_prep.shards import writing_to

COLUMNS = {"name": "string", "age_expectation": "float64", "age_spread": "float64", "gender": "string"}
FOLDER = "labelled"
LABELS = "labels.csv"
MANIFEST = "manifest.json"
GENDERS = ("male", "female")


class Estimates(NamedTuple):
    """What an estimator says of faces.

    Attributes:
        expectation: (N,) years, the mean of the distribution over ages.
        spread: (N,) years, its standard deviation.
        gender: (N,) "male", "female" or None; None from an estimator that does not say it.
    """

    expectation: np.ndarray
    spread: np.ndarray
    gender: np.ndarray | None = None


@dataclass(frozen=True)
class DecadeError:
    """The estimator's error on the images of one decade: MAE in years, and its 95% interval where known."""

    first: int
    images: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Quality:
    """The estimator's error on people whom it was not trained on.

    Attributes:
        data: which images ("FG-NET, never seen").
        decades: by decade of life, youngest first.
    """

    data: str
    decades: tuple[DecadeError, ...]

    @property
    def mean(self) -> float:
        """The MAE of all images in years."""
        images = [decade.images for decade in self.decades]
        return float(np.average([decade.value for decade in self.decades], weights=images))


@dataclass(frozen=True)
class Estimator:
    """A trained network that says ages.

    Attributes:
        estimate: (N, S, S, 3) uint8 RGB -> `Estimates`.
        run: of the training, by which its record is found.
        fingerprint: SHA-256 of its weights.
        size, template: of the faces that it takes.
        quality: what is known of its error; one entry a test set.
    """

    estimate: Callable[[np.ndarray], Estimates]
    run: str
    fingerprint: str
    size: int
    template: str
    quality: tuple[Quality, ...] = ()


def folder_of(prepared: Prepared) -> Path:
    """Return where the labels of a set are, whatever crops of it were prepared: beside the prepared sets."""
    return prepared.folder.parent / FOLDER / prepared.manifest["settings"]["dataset"]


def label(prepared: Prepared, estimator: Estimator) -> pd.DataFrame:
    """Label a set's images and return the labels as `load` does; they are kept in `folder_of` the set.

    Labels that stand are returned where images and estimator are the same. A killed run goes on at the shard
    where it was. While one process labels a set, others wait.

    Args:
        prepared: to the estimator's size and template.
        estimator: says ages.

    Raises:
        UserError: a shard is damaged, or the folder cannot be written to.
        ValueError: the set is of other crops than the estimator takes.
    """
    settings = prepared.manifest["settings"]
    if (settings["size"], settings["template"]) != (estimator.size, estimator.template):
        raise ValueError(f"{prepared.folder} is of other crops than {estimator.run} takes")
    folder = folder_of(prepared)
    title = prepared.manifest["title"]
    by = {"run": estimator.run, "weights": estimator.fingerprint}
    of = {"images": prepared.fingerprint, "estimator": by}
    with writing_to(folder):
        lock = take_lock(folder / ".lock", f"labelling {title}")
    with lock:
        if not _standing(folder, of):
            _label(prepared, estimator, folder, of)
        return load(folder)


def _label(prepared: Prepared, estimator: Estimator, folder: Path, of: dict[str, Any]) -> None:
    parts = folder / f"parts-{sha256_json(of)[:12]}"
    title = prepared.manifest["title"]
    estimates = compute_by_shard(
        prepared, lambda images: _stacked(estimator.estimate(images)), parts, f"{title}: estimating ages"
    )
    genders, source = _genders(prepared.index, estimates)
    rows = zip(prepared.index["name"], estimates[:, 0], estimates[:, 1], genders, strict=True)
    with writing_to(folder):
        (folder / MANIFEST).unlink(missing_ok=True)
        texts = ((name, f"{age:.3f}", f"{spread:.3f}", gender) for name, age, spread, gender in rows)
        write_table(folder / LABELS, COLUMNS, texts)
        manifest = {
            "title": f"SCAF-style, from {title}",
            "of": of,
            "dataset": prepared.manifest["settings"]["dataset"],
            "coverage": prepared.coverage,
            "labelled": len(prepared.index),
            "gender_from": source,
            "quality": [asdict(one) for one in estimator.quality],
            "sha256": sha256_file(folder / LABELS),
        }
        write_json(folder / MANIFEST, manifest)
        for leftover in folder.glob("parts-*"):
            shutil.rmtree(leftover)


def load(folder: str | Path) -> pd.DataFrame:
    """Read a labelled set.

    Returns:
        columns name (as in the index of the prepared set), age_expectation and age_spread in years, gender
        ("male", "female" or missing); `attrs["manifest"]` says title, estimator, images and quality.

    Raises:
        UserError: `folder` holds no finished labels, or damaged ones.
    """
    folder = Path(folder)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if sha256_file(folder / LABELS) != manifest["sha256"]:
            raise ValueError(f"{LABELS} is not the file that the manifest is of")
        frame = pd.read_csv(folder / LABELS, dtype=COLUMNS, keep_default_na=False, na_values=[""])
        if tuple(frame.columns) != tuple(COLUMNS):
            raise ValueError(f"{LABELS} has other columns than expected")
    except FileNotFoundError as error:
        raise UserError(f"{folder} holds no labelled set: run make label-<set>.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"the labels in {folder} are damaged ({error}): delete it and label again."
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
        }
    ).astype(COLUMNS)
    frame.attrs["manifest"] = {
        "title": f"{title}, with its own labels",
        "of": {"images": prepared.fingerprint, "estimator": None},
        "dataset": prepared.manifest["settings"]["dataset"],
        "coverage": prepared.coverage,
        "labelled": len(frame),
        "gender_from": "the set" if frame["gender"].notna().any() else "nobody",
        "quality": [],
    }
    return frame.reset_index(drop=True)


def qualities(manifest: dict[str, Any]) -> tuple[Quality, ...]:
    """Return what a manifest says of its estimator's error."""
    return tuple(
        Quality(one["data"], tuple(DecadeError(**decade) for decade in one["decades"]))
        for one in manifest["quality"]
    )


def _stacked(estimates: Estimates) -> np.ndarray:
    """Return estimates as (N, 3) numbers; gender is the place in `GENDERS`, -1 where it is not said."""
    gender = estimates.gender
    code = np.full(len(estimates.expectation), -1.0)
    if gender is not None:
        code = np.array([GENDERS.index(one) if one in GENDERS else -1.0 for one in gender])
    stacked = np.column_stack([estimates.expectation, estimates.spread, code])
    if not np.isfinite(stacked).all() or (stacked[:, 1] < 0).any():
        raise ValueError("an estimate is not finite, or a spread negative")
    return stacked


def _genders(index: pd.DataFrame, estimates: np.ndarray) -> tuple[list[str | None], str]:
    """Return the genders, and who says them: the estimator, or else the set itself."""
    code = estimates[:, 2].astype(int)
    if (code >= 0).any():
        return [GENDERS[one] if one >= 0 else None for one in code], "the estimator"
    known = index["gender"].astype(object).where(index["gender"].notna(), None).to_list()
    return known, "the set" if any(known) else "nobody"


def _standing(folder: Path, of: dict[str, Any]) -> bool:
    try:
        return load(folder).attrs["manifest"]["of"] == of
    except UserError:
        return False
