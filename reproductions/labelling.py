"""`make label-<set>`: a set of identities whose ages a network trained by this suite has said."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd

from common.evidence.formats import markdown_table
from data_prep import labelled
from data_prep.faces import prepared_set
from data_prep.labelled import Quality
from data_prep.labelled_balance import balanced, group_names
from reproductions.options import Options

ESTIMATOR = "reproductions.neighborhood_loss.estimator:trained"
"""Takes the options, returns a `data_prep.labelled.Estimator`: the trained network of the paper on ages."""

_OWN_LABELS = ("scaf", "synthetic")


def label(options: Options, name: str) -> pd.DataFrame:
    """Label a data set, prepared as the estimator takes it, and return its labels.

    Raises:
        UserError: no estimator has been trained, or the set is not there.
    """
    module, _, function = ESTIMATOR.partition(":")
    estimator = getattr(importlib.import_module(module), function)(options)
    prepared = prepared_set(
        name, options.data_root, options.prepared_root, estimator.size, estimator.template
    )
    return labelled.label(prepared, estimator)


def labels_of(options: Options, name: str, size: int, template: str) -> pd.DataFrame:
    """Return the labels to train on: those that the set brings (SCAF, generated faces), else estimates.

    Args:
        options: of the run; the estimator is that of its profile.
        name: of the data set.
        size, template: of the prepared set that is trained on; the estimator sees the set in its own.

    Returns:
        a frame as of `data_prep.labelled.load`, whose rows are in no order of an index: join them by name.

    Raises:
        UserError: there are no estimates yet and no estimator has been trained, or the set is not there.
    """
    if name in _OWN_LABELS:
        return labelled.of_index(prepared_set(name, options.data_root, options.prepared_root, size, template))
    return label(options, name)


def report(labels: pd.DataFrame) -> str:
    """Return what was labelled, how it balances and what the estimator is worth, for a terminal."""
    manifest = labels.attrs["manifest"]
    even = balanced(labels)
    ages = labels["age_expectation"]
    lines = [
        f"{manifest['title']}: {len(labels):,} images ({manifest['coverage']}), gender from "
        f"{manifest['gender_from']}; {len(even.rows):,} when balanced",
        f"ages {ages.min():.0f} to {ages.max():.0f}, median {ages.median():.0f}; "
        f"median spread {labels['age_spread'].median():.1f} years",
        "",
        counts_table(labels),
    ]
    for quality in labelled.qualities(manifest):
        lines += ["", f"Error of the estimator on {quality.data} (MAE {quality.mean:.2f} years)", ""]
        lines.append(quality_table(quality))
    return "\n".join(lines)


def counts_table(labels: pd.DataFrame) -> str:
    """Return images by age group and gender before and after balancing, as Markdown."""
    even = balanced(labels)
    header = ("Ages", *(f"{one}, {when}" for one in even.strata for when in ("all", "balanced")))
    counts = np.stack([even.before, even.after], axis=1).reshape(-1, len(group_names()))
    rows = [[name, *(f"{count:,}" for count in of)] for name, of in zip(group_names(), counts.T, strict=True)]
    return "\n".join(markdown_table(header, rows, left=1))


def quality_table(quality: Quality) -> str:
    """Return the estimator's error by decade as Markdown."""
    rows = [
        [
            f"{one.first}-{one.first + 9}",
            f"{one.images:,}",
            f"{one.value:.2f}",
            "" if one.low is None else f"[{one.low:.2f}, {one.high:.2f}]",
        ]
        for one in quality.decades
    ]
    return "\n".join(markdown_table(("Ages", "Images", "MAE (years)", "95% interval"), rows, left=1))
