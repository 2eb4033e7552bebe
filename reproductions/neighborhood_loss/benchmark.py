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
from reproductions.shared.age_estimation.recipes import Recipe
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.timing import median_rate

_STEPS = 60


def main(options: Options) -> None:
    """Print images a second for both depths, on noise in place of faces: the work is the same."""
    recipe = NEIGHBORHOOD_18.recipe(options.profile)
    precision = precision_of(options, recipe.precision)
    print(f"{processor()}; {recipe.size} px, width {recipe.width}, batch {recipe.batch}, {precision}")
    images, _ = _noise(recipe)
    rng = np.random.default_rng(0)
    rate = median_rate(
        lambda: [recipe.augmentation(images, rng) for _ in range(_STEPS)], _STEPS * recipe.batch
    )
    print(f"augmentation alone, one thread    {rate:8.0f} images/s")
    for experiment in (NEIGHBORHOOD_18, NEIGHBORHOOD_34):
        model = _model(experiment, options.profile, precision)
        for title, varied in (("network alone", False), ("with augmentation", True)):
            rate = _training_rate(model, recipe, varied)
            print(f"{experiment.depth} layers, {title:<22} {rate:8.0f} images/s")


def trial(options: Options) -> tuple[str, str, float]:
    """Return the experiment tried, its number format, and the images a second at which it trains here."""
    recipe = NEIGHBORHOOD_18.recipe(options.profile)
    precision = precision_of(options, recipe.precision)
    model = _model(NEIGHBORHOOD_18, options.profile, precision)
    return NEIGHBORHOOD_18.name, precision, _training_rate(model, recipe, varied=True)


def _training_rate(model: keras.Model, recipe: Recipe, varied: bool) -> float:
    """Return the images a second at which a network trains on noise, augmented or not."""
    images, ages = _noise(recipe)

    def batch(step: np.int64) -> tuple[np.ndarray, np.ndarray]:
        return recipe.augmentation(images, np.random.default_rng(step)), ages

    if varied:
        source = tf.data.Dataset.range(_STEPS).map(
            lambda step: _shaped(
                tf.numpy_function(batch, [step], (tf.uint8, tf.int32), stateful=False), images.shape
            )
        )
    else:
        source = tf.data.Dataset.from_tensors((images, ages)).repeat(_STEPS)
    data = without_autotuning(source.prefetch(4))
    model.fit(data.take(5), verbose=0, shuffle=False)
    return median_rate(lambda: model.fit(data, verbose=0, shuffle=False), _STEPS * recipe.batch)


def _noise(recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (recipe.batch, recipe.size, recipe.size, 3), np.uint8)
    return images, rng.integers(0, CLASSES, recipe.batch).astype(np.int32)


def _model(experiment: Experiment, profile: str, precision: str) -> keras.Model:
    recipe = experiment.recipe(profile)
    with precision_policy(precision):
        return compiled(build_network(experiment, recipe), experiment, recipe, _STEPS * 10)


def _shaped(batch: list[tf.Tensor], shape: tuple[int, ...]) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.ensure_shape(batch[0], shape), tf.ensure_shape(batch[1], shape[:1])
