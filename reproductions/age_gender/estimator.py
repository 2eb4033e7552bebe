"""The trained network as an estimator of genders: for `make label-<set>`, which labels a set of people."""

from __future__ import annotations

from functools import cache

import keras
import numpy as np

from common.evidence.records import Record, predictions_of
from common.faces.alignment import to_grey
from common.files import sha256_file
from common.metrics.age import mean_by_decade
from common.metrics.classification import class_hits
from common.training.precision import precision_policy
from common.training.weights import load_weights
from reproductions.age_gender import evaluate
from reproductions.age_gender.data import TEMPLATE
from reproductions.age_gender.experiments import JOINT
from reproductions.age_gender.labels import GENDERS
from reproductions.age_gender.model import network
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.study import PAPER
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import find_trained
from reproductions.shared.pseudo_labels.estimators import Estimator, Quality

_FEMALE = GENDERS.index("female")


def trained(options: Options) -> Estimator:
    """Return the joint network of the lowest seed that has been trained under the profile of `options`.

    Its quality is the accuracy by decade of life on the sets whose genders are known.

    Raises:
        Untrained: there is none here; the sentence names the target that trains it.
    """
    found = find_trained(
        options,
        PAPER,
        JOINT.name,
        JOINT.configuration(options.profile),
        what="estimator of genders",
        target=f"results-{PAPER}",
        any_seed=True,
    )
    record = found.record
    recipe = JOINT.recipe(record.profile)

    @cache  # built when the first face comes: labels that stand need no network
    def classifier() -> keras.Model:
        with precision_policy(record.precision):
            built = network(JOINT, recipe)
        load_weights(built, found.weights, found.stated)
        return probabilities(built)

    def estimate(images: np.ndarray) -> np.ndarray:
        return evaluate.predict(classifier(), to_grey(images), recipe.mirrored)["gender"][:, _FEMALE]

    return Estimator(
        estimate=estimate,
        run=record.run,
        fingerprint=sha256_file(found.weights),
        size=recipe.size,
        template=TEMPLATE,
        quality=_quality(options, record),
    )


def _quality(options: Options, record: Record) -> tuple[Quality, ...]:
    found = []
    for item in record.measurements:
        if (item.metric, item.decision) != ("accuracy", "gender"):
            continue
        numbers = ("gender-class", "gender-answer")
        rows = predictions_of(record, options.results_root, item.column, numbers)
        if rows.empty:
            continue  # a class of a set, whose predictions are among those of the whole
        hits = class_hits(rows["gender-class"].astype(int), rows["gender-answer"].astype(int))
        subjects = rows["subject"] if rows["subject"].notna().any() else None
        decades = mean_by_decade(rows["age"], hits, subjects)
        found.append(Quality.of(f"{item.data.title}, {item.data.protocol}", decades))
    return tuple(found)
