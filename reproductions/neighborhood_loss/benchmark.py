"""Training speed of a profile's network: the network alone, the augmentation alone, and both together."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from common.evidence.provenance import processor
from common.pipelines import without_autotuning
from common.training.precision import precision_policy
from reproductions.neighborhood_loss.experiments import NEIGHBORHOOD_18, NEIGHBORHOOD_34, Experiment
from reproductions.shared.age_estimation.experiments import CLASSES
from reproductions.shared.age_estimation.model import build_network, compiled
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.timing import median_rate

_STEPS = 60


def main(options: Options) -> None:
    """Print images a second for both depths, on noise in place of faces: the work is the same."""
    recipe = NEIGHBORHOOD_18.recipe(options.profile)
    precision = precision_of(options, recipe.precision)
    print(f"{processor()}; {recipe.size} px, width {recipe.width}, batch {recipe.batch}, {precision}")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (recipe.batch, recipe.size, recipe.size, 3), np.uint8)
    ages = rng.integers(0, CLASSES, recipe.batch).astype(np.int32)
    seen = _STEPS * recipe.batch
    rate = median_rate(lambda: [recipe.augmentation(images, rng) for _ in range(_STEPS)], seen)
    print(f"augmentation alone, one thread    {rate:8.0f} images/s")

    def batch(step: np.int64) -> tuple[np.ndarray, np.ndarray]:
        return recipe.augmentation(images, np.random.default_rng(step)), ages

    still = tf.data.Dataset.from_tensors((images, ages)).repeat(_STEPS)
    varied = tf.data.Dataset.range(_STEPS).map(
        lambda step: _shaped(tf.numpy_function(batch, [step], (tf.uint8, tf.int32)), images.shape)
    )
    for experiment in (NEIGHBORHOOD_18, NEIGHBORHOOD_34):
        model = _model(experiment, options.profile, precision)
        for title, source in (("network alone", still), ("with augmentation", varied.prefetch(4))):
            data = without_autotuning(source)
            model.fit(data.take(5), verbose=0)
            rate = median_rate(lambda model=model, data=data: model.fit(data, verbose=0), seen)
            print(f"{experiment.depth} layers, {title:<22} {rate:8.0f} images/s")


def _model(experiment: Experiment, profile: str, precision: str) -> keras.Model:
    recipe = experiment.recipe(profile)
    with precision_policy(precision):
        return compiled(build_network(experiment, recipe), experiment, recipe, _STEPS * 10)


def _shaped(batch: list[tf.Tensor], shape: tuple[int, ...]) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.ensure_shape(batch[0], shape), tf.ensure_shape(batch[1], shape[:1])
