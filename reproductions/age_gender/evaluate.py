"""What a trained network answers, and how often it is right: of all, of each gender, of each interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import keras
import numpy as np
import pandas as pd

from common.evidence.measure import measure_classes, measure_hits
from common.evidence.records import Measurement
from common.files import sha256_json
from common.metrics.classification import class_hits
from common.pipelines import batches
from data_prep.prepared.faces import Faces
from reproductions.age_gender.labels import AGE_INTERVALS, CLASSES, GENDERS

LABELS = {"age": AGE_INTERVALS, "gender": GENDERS}
"""Names of the classes by task."""

_BATCH = 256
_FEWEST = 2


def predict(classifier: keras.Model, faces: np.ndarray, mirrored: bool) -> dict[str, np.ndarray]:
    """Return probabilities by task, (N, classes) float64, rows sum to one.

    Args:
        classifier: as of `reproductions.age_gender.networks.probabilities`.
        faces: (N, size, size, channels) uint8, as the network takes them.
        mirrored: average those of each face and of its mirror image.
    """
    views = [faces, faces[:, :, ::-1]] if mirrored else [faces]
    answers = [classifier.predict(batches(view, _BATCH), verbose=0) for view in views]
    return {task: np.mean([one[task] for one in answers], axis=0, dtype=np.float64) for task in answers[0]}


def constant(classes: Mapping[str, np.ndarray], images: int) -> dict[str, np.ndarray]:
    """Return the probabilities of an answer that is the same for all: how frequent each class is.

    Args:
        classes: (M,) classes of the training images by task.
        images: how many are asked about.
    """
    shares = {
        task: np.bincount(labels, minlength=CLASSES[task]) / len(labels) for task, labels in classes.items()
    }
    return {task: np.tile(share, (images, 1)) for task, share in shares.items()}


def measure(
    column: str, faces: Faces, classes: Mapping[str, np.ndarray], answers: Mapping[str, np.ndarray]
) -> tuple[Measurement, ...]:
    """Measure what was answered on one test set.

    Args:
        column: of the tables.
        faces: the test set.
        classes: (N,) true classes by task, as far as they are known.
        answers: (N, classes) probabilities by task, as far as they were asked.

    Returns:
        Accuracy and balanced accuracy of each task, and the accuracy of each task in each class of each
        task, under columns like "utkface-female" and "utkface-0-30".
    """
    measured: list[Measurement] = []
    for task in answers.keys() & classes.keys():
        found = answers[task].argmax(axis=1)
        measured += measure_classes(column, task, faces.data, classes[task], found, faces.subjects)
        hits = class_hits(classes[task], found)
        measured += _by_class(column, task, faces, classes, hits)
    return tuple(sorted(measured, key=lambda one: (one.column, one.decision, one.metric)))


def frame(
    column: str, faces: Faces, classes: Mapping[str, np.ndarray], answers: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return predictions as rows of the file beside a record; arguments as of `measure`.

    Columns: column, name, subject, age, and by task the true class, the answer, and the probabilities.
    """
    rows = {"column": column, "name": faces.names, "subject": faces.subjects, "age": faces.ages}
    for task in sorted(answers):
        if task in classes:
            rows[f"{task}-class"] = classes[task]
        rows[f"{task}-answer"] = answers[task].argmax(axis=1)
        rows |= {f"p-{label}": answers[task][:, place] for place, label in enumerate(LABELS[task])}
    return pd.DataFrame(rows)


def _by_class(
    column: str, task: str, faces: Faces, classes: Mapping[str, np.ndarray], hits: np.ndarray
) -> Iterable[Measurement]:
    for by, labels in classes.items():
        for place, label in enumerate(LABELS[by]):
            inside = labels == place
            if inside.sum() < _FEWEST:
                continue
            subjects = None if faces.subjects is None else faces.subjects[inside]
            people = None if subjects is None else len(set(subjects))
            if people is not None and people < _FEWEST:
                continue
            data = replace(
                faces.data,
                protocol=f"{faces.data.protocol}, {label}",
                split_hash=sha256_json([faces.data.split_hash, by, label]),
                images=int(inside.sum()),
                subjects=people,
            )
            yield measure_hits(f"{column}-{label}", "accuracy", task, data, hits[inside], subjects, 1000)
