"""Training speed of a profile's networks, and how fast a person is looked for among a million."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
import tensorflow as tf

from common.evidence.provenance import processor
from common.metrics.search import BLOCK, nearest
from common.pipelines import without_autotuning
from common.training.precision import precision_policy
from reproductions.jmcnn.experiments import JMCNN
from reproductions.jmcnn.model import base_network
from reproductions.jmcnn.network import OUTPUT
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.timing import median_rate

GALLERY = 1_000_000
PROBES = 1_000

_STEPS = 40
_PEOPLE = 500


def main(options: Options) -> None:
    """Print images a second and comparisons a second."""
    recipe = JMCNN.recipe(options.profile)
    precision = precision_of(options, recipe.precision)
    batch = recipe.base.batch
    print(f"{processor()}; {recipe.size} px, width {recipe.width}, batch {batch}, {precision}")
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (batch, recipe.size, recipe.size, 3), np.uint8)
    people = rng.integers(0, _PEOPLE, batch).astype(np.int32)
    inputs = {"faces": images} | ({} if recipe.margin is None else {"identity": people})
    with precision_policy(precision):
        model = base_network(recipe, _PEOPLE, 10 * _STEPS)
    batches = tf.data.Dataset.from_tensors((inputs, {"identity": people})).repeat(_STEPS)
    data = without_autotuning(batches)
    model.fit(data.take(3), verbose=0, shuffle=False)
    rate = median_rate(lambda: model.fit(data, verbose=0, shuffle=False), _STEPS * batch)
    print(f"stage 1, network alone        {rate:12,.0f} images/s")
    with tempfile.TemporaryDirectory() as folder:
        _search(Path(folder), rng)


def _search(folder: Path, rng: np.random.Generator) -> None:
    """Look for the probes in a gallery that lies on the disk."""
    gallery = np.memmap(folder / "gallery", np.float32, "w+", shape=(GALLERY, OUTPUT))
    for start in range(0, GALLERY, BLOCK):
        part = gallery[start : start + BLOCK]
        part[:] = rng.standard_normal(part.shape, np.float32)
    wanted = rng.integers(0, GALLERY, PROBES)
    probes = gallery[wanted] + 0.5 * rng.standard_normal((PROBES, OUTPUT), np.float32)
    start = time.perf_counter()
    found = nearest(probes, gallery)
    seconds = time.perf_counter() - start
    right = float(np.mean(found.rows == wanted))
    print(
        f"{PROBES:,} probes in a gallery of {GALLERY:,} vectors of {OUTPUT}: {seconds:.1f} s, "
        f"{PROBES * GALLERY / seconds:,.0f} comparisons/s, {right:.1%} found"
    )
