"""Training speed of a profile's networks, and how many faces a second the joint one answers for."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from common.evidence.provenance import processor
from common.pipelines import without_autotuning
from common.training.precision import precision_policy
from reproductions.age_gender.experiments import CODE_NETWORK, JOINT, LENET
from reproductions.age_gender.labels import CLASSES
from reproductions.age_gender.model import build_network
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.predict import Classifier
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.timing import median_rate

_STEPS = 30


def main(options: Options) -> None:
    """Print images a second."""
    recipe = JOINT.recipe(options.profile)
    precision = precision_of(options, recipe.precision)
    print(f"{processor()}; {recipe.size} px, width {recipe.width}, batch {recipe.batch}, {precision}")
    rng = np.random.default_rng(0)
    faces = rng.integers(0, 256, (recipe.batch, recipe.size, recipe.size, 1), np.uint8)
    for experiment in (JOINT, CODE_NETWORK, LENET):
        with precision_policy(precision):
            model = build_network(experiment, recipe, 10 * _STEPS)
        labels = {
            task: rng.integers(0, CLASSES[task], recipe.batch).astype(np.int32) for task in experiment.tasks
        }
        steps = tf.data.Dataset.from_tensors((faces, labels)).repeat(_STEPS)
        steps = without_autotuning(steps)
        model.fit(steps.take(3), verbose=0, shuffle=False)
        rate = median_rate(lambda: model.fit(steps, verbose=0, shuffle=False), _STEPS * recipe.batch)  # noqa: B023
        print(f"{experiment.label:<32} {rate:10,.0f} images/s trained")
        if experiment is JOINT:
            classifier = Classifier(probabilities(model), recipe.mirrored)
            classifier.predict(faces)
            rate = median_rate(lambda: classifier.predict(faces), recipe.batch)  # noqa: B023
            print(f"{'the same, in batches':<32} {rate:10,.0f} faces/s classified")
            rate = median_rate(lambda: classifier.predict(faces[:1]), 1)  # noqa: B023
            print(f"{'the same, one by one':<32} {rate:10,.0f} faces/s classified")
