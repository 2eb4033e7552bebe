"""`make label-<set>`: a set of identities whose ages and genders networks trained by this suite have said."""

from __future__ import annotations

import sys
from functools import partial

import numpy as np
import pandas as pd

from common.evidence.formats import markdown_table
from data_prep.datasets.held import require_set
from data_prep.preparation.on_demand import prepared_set
from data_prep.prepared.index import Prepared
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import offered
from reproductions.shared.harness.trained import Untrained
from reproductions.shared.pseudo_labels import labelled_set as labelled
from reproductions.shared.pseudo_labels.balanced import balanced, group_names, write_balanced
from reproductions.shared.pseudo_labels.estimators import Estimator, Quality
from reproductions.shared.pseudo_labels.genders import GenderSource
from reproductions.shared.pseudo_labels.labelled_set import AGES, GENDERS
from reproductions.shared.pseudo_labels.published import publish, published
from reproductions.shared.pseudo_labels.spreading import spread_shards

_OWN_LABELS = ("scaf", "synthetic")


def label(options: Options, name: str, scheduler: str | None = None) -> pd.DataFrame:
    """Label a data set, prepared as the estimators take it, and return its labels.

    Beside them lies the list of the images that a balanced set keeps. Those of real faces are published, but
    for the smoke profile's, whose estimator knows generated faces alone.

    Genders stay unknown, and a sentence says so, where no estimator of them has been trained.

    Args:
        options: of the command.
        name: of the data set.
        scheduler: address of a Dask scheduler whose workers see the same folders and label a shard each at a
            time; None labels on this machine.

    Raises:
        UserError: no estimator of ages has been trained, or the set is not there.
    """
    require_set(name, options.data_root)

    def crops(estimator: Estimator) -> Prepared:
        size, template = estimator.size, estimator.template
        return prepared_set(name, options.data_root, options.prepared_root, size, template)

    ages_by, says_ages = offered(AGES)
    genders_by, says_genders = offered(GENDERS)
    ages, genders = says_ages(options), None
    try:
        estimator = says_genders(options)
    except Untrained as untrained:
        print(f"genders are left unknown: {untrained}", file=sys.stderr, flush=True)
    else:
        genders = GenderSource(crops(estimator), estimator)
    prepared = crops(ages)
    ahead = partial(spread_shards, options, scheduler) if scheduler else None
    labels = labelled.label(prepared, ages, genders, ahead)
    write_balanced(labels, labelled.folder_of(prepared))
    if name not in _OWN_LABELS and options.profile != "smoke":
        said = [(ages_by, ages.run)]
        if genders is not None:
            said.append((genders_by, genders.estimator.run))
        publish(labels, prepared, options, said)
    return labels


def labels_of(options: Options, name: str, size: int, template: str) -> pd.DataFrame:
    """Return the labels to train on: those that the set brings (SCAF, generated faces), else estimates.

    Estimates that are published of all its images are taken before others, so that runs of all machines are
    trained on the same; `label` makes new ones, and publishes them.

    Args:
        options: of the run; the estimator is that of its profile.
        name: of the data set.
        size, template: of the prepared set that is trained on; the estimator sees the set in its own.

    Returns:
        a frame as of `labelled_set.load`, whose rows are in no order of an index: join them by name.

    Raises:
        UserError: there are no estimates yet and no estimator has been trained, or the set is not there.
    """
    prepared = prepared_set(name, options.data_root, options.prepared_root, size, template)
    if name in _OWN_LABELS:
        return labelled.of_index(prepared)
    standing = published(prepared, options)
    return label(options, name) if standing is None else standing


def report(labels: pd.DataFrame) -> str:
    """Return what was labelled, how it balances and what the estimators are worth, for a terminal."""
    manifest = labels.attrs["manifest"]
    even = balanced(labels)
    ages = labels["age_expectation"]
    lines = [
        f"{manifest['title']}: {len(labels):,} images ({manifest['coverage']}), genders from "
        f"{manifest['gender_from']}; {len(even.rows):,} when balanced",
        f"ages {ages.min():.0f} to {ages.max():.0f}, median {ages.median():.0f}; "
        f"median spread {labels['age_spread'].median():.1f} years",
        "",
        counts_table(labels),
    ]
    for quality in labelled.qualities(manifest):
        lines += ["", f"Error of the ages on {quality.data} (MAE {quality.mean:.2f} years)", ""]
        lines.append(quality_table(quality, AGE_SCORE))
    for quality in labelled.qualities(manifest, "gender_quality"):
        lines += ["", f"Accuracy of the genders on {quality.data} ({quality.mean:.1f}%), image by image", ""]
        lines.append(quality_table(quality, GENDER_SCORE))
    if manifest["gender_dissent"] is not None:
        lines += ["", dissent(manifest["gender_dissent"])]
    return "\n".join(lines)


def dissent(percent: float) -> str:
    """Return what share of the images was overruled by the others of their person, as a sentence."""
    return f"For {percent:.1f}% of the images the estimate is not that of all the person's images together."


def counts_table(labels: pd.DataFrame) -> str:
    """Return images by age group and gender before and after balancing, as Markdown."""
    even = balanced(labels)
    header = ("Ages", *(f"{one}, {when}" for one in even.strata for when in ("all", "balanced")))
    counts = np.stack([even.before, even.after], axis=1).reshape(-1, len(group_names()))
    rows = [[name, *(f"{count:,}" for count in of)] for name, of in zip(group_names(), counts.T, strict=True)]
    return "\n".join(markdown_table(header, rows, left=1))


AGE_SCORE = "MAE (years)"
GENDER_SCORE = "Accuracy (%)"


def quality_table(quality: Quality, score: str) -> str:
    """Return what an estimator is worth by decade as Markdown; `score` is the heading of the value."""
    header = ["Ages", "Images", score, "95% interval"]
    signed = any(one.bias is not None for one in quality.decades)
    if signed:
        header.append("Estimate less age (years)")
    rows = []
    for one in quality.decades:
        interval = "" if one.low is None else f"[{one.low:.2f}, {one.high:.2f}]"
        row = [f"{one.first}-{one.first + 9}", f"{one.images:,}", f"{one.value:.2f}", interval]
        if signed:
            row.append("" if one.bias is None else f"{one.bias:+.1f}")
        rows.append(row)
    return "\n".join(markdown_table(header, rows, left=1))
