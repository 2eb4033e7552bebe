"""How well IMFDB's age bands are told: by the age head, and by a linear probe of the features.

"Age features and identity features [...] enhance each other" (abstract) is asked of the age head, with and
without the regulariser; how much age F4 still holds says whether the regulariser did anything to it.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from common.pipelines import batches
from data_prep.prepared import shards
from reproductions.jmcnn.data import CrossAgeSet
from reproductions.shared.harness.run import Outcome
from reproductions.shared.recognition import probing
from reproductions.shared.recognition.probing import AgeTest

HEAD = "age-head"
PROBES = {"F1": "probe-F1", "F4": "probe-F4"}
"""Decision by the layer whose features are probed."""

_ANSWERS = "age_group_logits"
_BATCH = 256


def band_test(across: CrossAgeSet) -> AgeTest | None:
    """Return the test of a set with bands; None where both parts do not hold two bands."""
    if across.bands is None or across.tested is None:
        return None
    return probing.band_test(across.prepared, across.bands, across.train[0].rows, across.tested)


def add_bands(outcome: Outcome, test: AgeTest, model: keras.Model, tuned: bool) -> None:
    """Measure what a network's age head answers, where it has one, and what its features tell a probe.

    Args:
        outcome: takes the measurements.
        test: who is asked.
        model: a trained network.
        tuned: whether it was trained on the set: its age head then answers in the set's bands.
    """
    probing.add_answers(outcome, test, _answers(test, model, tuned))


def _answers(test: AgeTest, model: keras.Model, tuned: bool) -> Iterator[tuple[str, np.ndarray]]:
    layers = {layer.name for layer in model.layers}
    outputs = {"F1": model.get_layer("dropout").input, "F4": model.get_layer("F4").output}
    if tuned and _ANSWERS in layers:
        outputs[HEAD] = model.get_layer(_ANSWERS).output
    reader = keras.Model(model.input["faces"], outputs)
    found = [_read(reader, test, part) for part in (test.train, test.tested)]
    if HEAD in outputs:
        yield HEAD, found[1][HEAD].argmax(axis=1)
    known = test.classes[test.train]
    for layer, decision in PROBES.items():
        yield decision, probing.probe(found[0][layer], known, found[1][layer])


def _read(reader: keras.Model, test: AgeTest, rows: np.ndarray) -> dict[str, np.ndarray]:
    images = shards.read_images(test.prepared, rows, reader.input_shape[1])
    found = reader.predict(batches(images, _BATCH), verbose=0)
    return {name: np.asarray(values, np.float32) for name, values in found.items()}
