"""Training speed of a profile's network."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from common.evidence.provenance import processor
from common.pipelines import without_autotuning
from common.training.precision import precision_policy
from reproductions.mtlface.age_groups import AGES, age_groups
from reproductions.mtlface.experiments import COSFACE, MTLFACE
from reproductions.mtlface.model import recognition_network
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.timing import median_rate

_STEPS = 20
_PEOPLE = 500


def main(options: Options) -> None:
    """Print images a second of the system and of CosFace alone."""
    recipe = MTLFACE.recipe(options.profile)
    precision = precision_of(options, recipe.precision)
    print(
        f"{processor()}; IR-{recipe.depth}, {recipe.size} px, width {recipe.width}, batch {recipe.batch}, "
        f"{recipe.optimizer}, {precision}"
    )
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (recipe.batch, recipe.size, recipe.size, 3), np.uint8)
    identity = rng.integers(0, _PEOPLE, recipe.batch).astype(np.int32)
    years = rng.integers(0, AGES, recipe.batch).astype(np.int32)
    labels = {"identity": identity}
    for head in ("", "reversed_"):
        labels |= {f"{head}age": years, f"{head}age_group": age_groups(years)}
    for experiment in (COSFACE, MTLFACE):
        with precision_policy(precision):
            model = recognition_network(experiment, recipe, _PEOPLE, 10 * _STEPS)
        targets = {name: labels[name] for name in model.output}
        batches = tf.data.Dataset.from_tensors(({"faces": images, "identity": identity}, targets))
        data = without_autotuning(batches.repeat(_STEPS))
        model.fit(data.take(2), verbose=0, shuffle=False)
        rate = median_rate(
            lambda model=model, data=data: model.fit(data, verbose=0, shuffle=False), _STEPS * recipe.batch
        )
        print(f"{experiment.label:<46} {rate:8,.0f} images/s")
