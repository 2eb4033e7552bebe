"""What judges say of the faces that a trained method makes, and whether it has collapsed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from common.evidence.derived import DERIVED, with_derived
from common.evidence.measure import measure_hits, says_of_several
from common.evidence.records import Measurement
from common.metrics import realism, synthesis
from common.metrics.verification import accept_threshold, pair_similarities
from common.pipelines import without_autotuning
from data_prep.prepared import shards
from data_prep.protocols.recognition_tests import VerificationTest
from reproductions.mtlface.age_groups import GROUPS, age_groups, whole_years
from reproductions.mtlface.synthesis.data import Test
from reproductions.mtlface.synthesis.judges import Judges
from reproductions.mtlface.synthesis.realism import measure_distances
from reproductions.shared.pseudo_labels.balanced import group_names
from reproductions.shared.recognition.evaluation import Embed

DECISION = "judged"
FALSE_ACCEPTS = 0.01
"""Share of pairs of two people that the identity judge's threshold accepts."""

SECOND_ACCURACY = "age accuracy, second judge"
METRICS = (
    *("age accuracy", SECOND_ACCURACY, "identity", "identity of hits", "verified", "both"),
    *("diversity", "change", "streaks", "step"),
)
"""What is measured; all but the last have a value a face that was made. The second takes a second judge."""

Age = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(N, S, S, 3) uint8 RGB faces and (N,) groups -> (N, S, S, 3) uint8 RGB, taken to them."""

_BATCH = 64


def ageing(model: keras.Model) -> Age:
    """Return what a trained method does to faces."""

    def age(faces: np.ndarray, groups: np.ndarray) -> np.ndarray:
        inputs = {"faces": faces, "group": np.asarray(groups, np.int32)}
        batches = without_autotuning(tf.data.Dataset.from_tensor_slices(inputs).batch(_BATCH))
        return pixels(model.predict(batches, verbose=0))

    return age


def unchanged(faces: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return the faces as they are: what every method has to beat, and what one that learns nothing does."""
    return faces


def pixels(faces: np.ndarray) -> np.ndarray:
    """Return faces in [-1, 1], (N, S, S, 3), as uint8; what lies beyond is cut off."""
    scaled = np.clip((np.asarray(faces, np.float32) + 1) * 127.5, 0, 255)
    return np.floor(scaled + 0.5).astype(np.uint8)


def measure(
    test: Test, age: Age, judges: Judges, size: int, recogniser: Embed | None = None
) -> tuple[tuple[Measurement, ...], pd.DataFrame]:
    """Take every face of a test set to every age group but its own, and measure.

    Args:
        test: the faces.
        age: what takes them.
        judges: of ages and identities.
        size: side of the faces in pixels.
        recogniser: what made and real faces are compared by, see `realism.recogniser`; None leaves the
            kernel inception distances out.

    Returns:
        The measurements of `METRICS` and the distances, and one row a face that was made.
    """
    faces = shards.read_images(test.faces.prepared, test.faces.rows, size)
    people = test.faces.subjects
    own = age_groups(whole_years(test.faces.ages))
    made = {group: age(faces, np.full(len(faces), group)) for group in range(GROUPS)}
    threshold = judge_threshold(test.pairs, judges.features, size)
    given = judges.features(faces)
    rows = pd.concat(
        [
            _judged(group, images, faces, given, own, people, judges).assign(
                name=test.faces.names[own != group]
            )
            for group, images in made.items()
            if (own != group).any()
        ],
        ignore_index=True,
    )
    rows["verified"] = synthesis.accepted(rows["identity"], threshold)
    rows = with_derived(rows)
    said = {one: (rows[one], rows["subject"]) for one in METRICS if one in rows}
    said["step"] = (_steps(made), people)
    measured = [
        measure_hits(test.column, metric, DECISION, test.faces.data, *of)
        for metric, of in said.items()
        if says_of_several(*of)
    ]
    if recogniser is not None:
        measured += measure_distances(
            test.column, DECISION, test.faces.data, made, faces, own, people, recogniser
        )
    told = [one for one in said if one in rows and one not in DERIVED]
    order = ["column", "name", "subject", "from", "to", "judged", *told]
    return tuple(measured), rows.assign(column=test.column).round(4)[order]


def judge_threshold(pairs: VerificationTest, features: Embed, size: int) -> float:
    """Return the cosine from which on the identity judge takes two pictures for one person."""
    rows = np.unique(np.concatenate([pairs.pairs.first, pairs.pairs.second]))
    vectors = features(shards.read_images(pairs.prepared, rows, size))
    first, second = (vectors[np.searchsorted(rows, side)] for side in (pairs.pairs.first, pairs.pairs.second))
    scores = pair_similarities(first, second)
    return accept_threshold(scores, pairs.pairs.same, FALSE_ACCEPTS)


def _judged(
    group: int,
    images: np.ndarray,
    faces: np.ndarray,
    given: np.ndarray,
    own: np.ndarray,
    people: np.ndarray,
    judges: Judges,
) -> pd.DataFrame:
    """Judge the faces taken to one group, those that were of it left out."""
    asked = own != group
    judged = age_groups(whole_years(judges.years(images[asked])))
    cosines = np.clip(pair_similarities(given[asked], judges.features(images[asked])), -1, 1)
    several, second = len(set(people[asked])) > 1, {}
    wanted = np.full(len(judged), group)
    if judges.second_years is not None:
        seen = age_groups(whole_years(judges.second_years(images[asked])))
        second = {SECOND_ACCURACY: synthesis.group_hits(seen, wanted)}
    return pd.DataFrame(
        {
            **second,
            "subject": people[asked],
            "from": np.array(group_names())[own[asked]],
            "to": group_names()[group],
            "judged": np.array(group_names())[judged],
            "age accuracy": synthesis.group_hits(judged, wanted),
            "identity": cosines,
            "diversity": synthesis.diversities(images[asked], faces[asked], people[asked])
            if several
            else np.nan,
            "change": synthesis.mean_changes(faces[asked], images[asked]),
            "streaks": realism.relative_streaks(images[asked], faces[asked]),
        }
    )


def _steps(made: Mapping[int, np.ndarray]) -> np.ndarray:
    """Return how much each face changes from one group to the next, (N,) grey levels."""
    return np.mean(
        [synthesis.mean_changes(made[group], made[group + 1]) for group in range(GROUPS - 1)], axis=0
    )
