"""The trained networks as estimators of ages: for `make label-<set>`, and for people's own photographs."""

from __future__ import annotations

from functools import cache

import keras
import numpy as np

from common.evidence.records import Record, predictions_of
from common.files import sha256_file
from common.metrics.age import error_by_decade
from common.training.precision import precision_policy
from common.training.weights import load_weights
from reproductions.neighborhood_loss.experiments import FLOAT32, NEIGHBORHOOD_18, ORDINAL, Experiment
from reproductions.neighborhood_loss.study import PAPER
from reproductions.shared.age_estimation import evaluate
from reproductions.shared.age_estimation.data import TEMPLATE
from reproductions.shared.age_estimation.experiments import CLASSES
from reproductions.shared.age_estimation.model import build_network
from reproductions.shared.age_estimation.publishing import candidate
from reproductions.shared.age_estimation.study import FOLDS
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Trained, Untrained, find_trained
from reproductions.shared.networks.candidates import Candidate
from reproductions.shared.pseudo_labels.estimators import AgeEstimates, Estimator, Quality


def trained(options: Options) -> Estimator:
    """Return the network of the lowest seed that has been trained under the profile of `options`.

    It is that of `NEIGHBORHOOD_18` or, where no weights of it are here, the same computed in float32.

    Whatever the seeds of `options`: the ages of a set are the same for runs of every seed. Its quality is
    read from the predictions beside its record, on the sets whose pictures it was not trained on; the
    fine-tuned networks of the folds are others and left out.

    Raises:
        Untrained: none has been trained here; the sentence names the target that trains it.
    """
    try:
        experiment, found = NEIGHBORHOOD_18, _find(options, NEIGHBORHOOD_18)
    except Untrained as untrained:
        try:
            experiment, found = FLOAT32, _find(options, FLOAT32)
        except Untrained:
            raise untrained from None
    record = found.record
    recipe = experiment.recipe(record.profile)
    loss = experiment.make_loss()

    @cache  # built when the first face comes: labels that stand need no network
    def network() -> keras.Model:
        with precision_policy(record.precision):
            built = build_network(experiment, recipe)
        load_weights(built, found.weights, found.stated)
        return built

    def estimate(images: np.ndarray) -> AgeEstimates:
        likely = evaluate.probabilities(network(), loss, images, recipe.mirrored, recipe.zooms)
        ages = np.arange(CLASSES)
        expectation = likely @ ages
        variance = likely @ np.square(ages) - np.square(expectation)
        return AgeEstimates(expectation, np.sqrt(np.maximum(variance, 0)))

    return Estimator(
        estimate=estimate,
        run=record.run,
        fingerprint=sha256_file(found.weights),
        size=recipe.size,
        template=TEMPLATE,
        quality=_quality(options, record),
    )


def to_publish(options: Options) -> Candidate:
    """Return the networks of the ordinal loss, which errs least of all losses here, for `publish-networks`.

    Raises:
        Untrained: none has been trained here under the profile of `options`.
    """
    return candidate(options, PAPER, ORDINAL, f"table3-{PAPER}")


def _find(options: Options, experiment: Experiment) -> Trained:
    return find_trained(
        options,
        PAPER,
        experiment.name,
        experiment.configuration(options.profile),
        what="age estimator",
        target=f"table2-{PAPER}",
        any_seed=True,
    )


def _quality(options: Options, record: Record) -> tuple[Quality, ...]:
    tested = {item.column: item.data for item in record.measurements if item.column != FOLDS}
    found = []
    for column, data in tested.items():
        rows = predictions_of(record, options.results_root, column, ("age", "expectation"))
        subjects = rows["subject"] if rows["subject"].notna().any() else None
        decades = error_by_decade(rows["age"], rows["expectation"], subjects)
        biases = (rows["expectation"] - rows["age"]).groupby(rows["age"] // 10).mean().tolist()
        found.append(Quality.of(f"{data.title}, {data.protocol}", decades, biases))
    return tuple(found)
