"""The manifest of a labelled set: who labelled which images, and what that is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from common.evidence import sealed, strict
from reproductions.shared.pseudo_labels.estimators import Quality
from reproductions.shared.pseudo_labels.genders import GENDERS


class Estimated(TypedDict):
    """An estimator: the run of its training and the hash of its weights."""

    run: str
    weights: str


class EstimatedOf(Estimated):
    """The same, and the fingerprint of the crops that it saw."""

    images: str


class Of(TypedDict):
    """What the labels follow from: images by their fingerprint, and estimators, None where there is none."""

    images: str
    estimator: Estimated | None
    genders: EstimatedOf | None


class _Always(TypedDict):
    title: str
    of: Of
    dataset: str
    coverage: str
    labelled: int
    gender_from: str
    quality: list[Quality]
    sha256: str


class LabelsManifest(_Always, total=False):
    """A manifest; those from before genders were estimated lack what is said of these."""

    gender_dissent: float | None
    gender_quality: list[Quality]


def read_manifest(path: Path) -> tuple[dict[str, Any], bool]:
    """Return the manifest of labels, JSON-able, and whether it is as it was written.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no manifest, with a clause that says why.
    """
    found = sealed.parse(Path(path).read_text(encoding="utf-8"))
    strict.build(LabelsManifest, found.content, "it")
    return found.content, not found.edited


def check_labels(frame: pd.DataFrame, key: str) -> None:
    """Raise ValueError where labels, in the columns of `labelled_set`, are none.

    Args:
        frame: of any order.
        key: column that names the images.
    """
    if frame.empty:
        raise ValueError("no image is labelled")
    ages, spreads = (frame[column].to_numpy(np.float64) for column in ("age_expectation", "age_spread"))
    if not np.isfinite(ages).all() or np.isinf(spreads).any() or (spreads < 0).any():
        raise ValueError("an age is no number of years")
    if frame[key].isna().any() or frame[key].duplicated().any():
        raise ValueError("an image is named twice, or not at all")
    if not frame["gender"].dropna().isin(GENDERS).all():
        raise ValueError("a gender is neither male nor female")
