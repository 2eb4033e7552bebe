"""What features of faces are worth: what their cosines find. And two features that need no network."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import keras
import numpy as np
import pandas as pd

from common.evidence.measure import measure_hits, measure_pairs
from common.evidence.records import Measurement
from common.faces.texture import grey_values, local_binary_patterns
from common.metrics.identification import chance_hits, rank1_hits
from common.metrics.retrieval import average_precisions
from common.metrics.search import nearest
from common.metrics.verification import pair_similarities
from common.pipelines import batches
from data_prep.prepared import shards
from data_prep.prepared.index import Prepared
from data_prep.protocols.distractors import Distractors
from data_prep.protocols.recognition_tests import DistractorTest, IdentificationTest, VerificationTest
from reproductions.shared.harness.run import Outcome

_BATCH = 256
_READ = 4096
DECISION = "cosine"

Embed = Callable[[np.ndarray], np.ndarray]
"""(N, S, S, 3) uint8 RGB -> (N, D) features."""


def network_features(network: keras.Model, mirrored: bool) -> Embed:
    """Return the features of a network, with `mirrored` summed over a face and its mirror image."""

    def embed(images: np.ndarray) -> np.ndarray:
        features = network.predict(batches(images, _BATCH), verbose=0)
        if mirrored:
            features = features + network.predict(batches(images[:, :, ::-1], _BATCH), verbose=0)
        return np.asarray(features, np.float32)

    return embed


REFERENCES: Mapping[str, Embed] = {"pixels": grey_values, "lbp": local_binary_patterns}
"""What faces are compared by without a network, by the name of the experiment."""


def add_searches(
    outcome: Outcome,
    searches: Iterable[IdentificationTest],
    prepared: Prepared,
    features: Sequence[np.ndarray],
) -> None:
    """Measure searches in one set; `features` are those of all its images under the model of each fold."""
    for search in searches:
        measured, rows = measure_search(search, prepared, features)
        outcome.add([measured], rows)


def add_distractor_test(
    outcome: Outcome,
    distractor_test: DistractorTest,
    prepared: Prepared,
    features: np.ndarray,
    embed: Embed,
    size: int | None = None,
) -> None:
    """Measure a search whose gallery strangers join; their images are read at `size` pixels."""
    scheme = distractor_test.distracted.scheme
    people = prepared.index["identity"].to_numpy(object)
    distractors = [_embedded(crowd, embed, size) for crowd in distractor_test.distracted.crowds]
    gallery = distractor_test.distracted.gallery(features, distractors)
    answer = nearest(features[scheme.probes], gallery, scheme.leave_out)
    hits = rank1_hits(answer, people[scheme.probes], distractor_test.distracted.people(people))
    names = prepared.index["name"].to_numpy(object)
    rows = pd.DataFrame(
        {
            "column": distractor_test.column,
            "name": names[scheme.probes],
            "subject": people[scheme.probes],
            "cosine": np.round(answer.similarities, 5),
            "rank-1": hits,
        }
    )
    measured = measure_hits(
        distractor_test.column, "rank-1", DECISION, distractor_test.data, hits, people[scheme.probes]
    )
    outcome.add([measured], rows)


def _embedded(crowd: Distractors, embed: Embed, size: int | None) -> np.ndarray:
    """Return the features of a crowd; it may be far larger than memory has room for as images."""
    parts = np.array_split(crowd.rows, max(1, math.ceil(len(crowd.rows) / _READ)))
    return np.concatenate([embed(shards.read_images(crowd.prepared, rows, size)) for rows in parts])


def add_verification(
    outcome: Outcome, verification: VerificationTest, embed: Embed, size: int | None = None
) -> None:
    """Measure pairs by the features of their images, read at `size` pixels (None: as prepared)."""
    pairs, faces = verification.pairs, verification.prepared
    rows = np.unique(np.concatenate([pairs.first, pairs.second]))
    found = embed(shards.read_images(faces, rows, size))
    features = np.zeros((len(faces.index), found.shape[1]), np.float32)
    features[rows] = found
    outcome.add(*measure_verification(verification, features))


def measure_search(
    search: IdentificationTest, prepared: Prepared, features: Sequence[np.ndarray]
) -> tuple[Measurement, pd.DataFrame]:
    """Measure rank-1 or MAP of one search.

    Args:
        search: who is looked for.
        prepared: the set.
        features: (images of the set, D) under the model of each fold.

    Returns:
        The measurement, and one row a probe: its person, the nearest image and what it contributes.
    """
    index, scheme = prepared.index, search.scheme
    people = index["identity"].to_numpy(object)
    hits = np.full(len(scheme.probes), np.nan)
    found = np.full(len(scheme.probes), -1)
    cosine = np.full(len(scheme.probes), np.nan)
    for fold in np.unique(search.folds):
        mine = search.folds == fold
        probes, vectors = scheme.probes[mine], features[int(fold)]
        answer = nearest(vectors[probes], vectors[scheme.gallery], scheme.leave_out[mine])
        found[mine], cosine[mine] = scheme.gallery[answer.rows], answer.similarities
        if search.metric == "MAP":
            hits[mine] = average_precisions(
                vectors[probes], people[probes], vectors[scheme.gallery], people[scheme.gallery]
            )
        else:
            hits[mine] = rank1_hits(answer, people[probes], people[scheme.gallery])
    measured = measure_hits(search.column, search.metric, DECISION, search.data, hits, people[scheme.probes])
    names = index["name"].to_numpy(object)
    rows = pd.DataFrame(
        {
            "column": search.column,
            "name": names[scheme.probes],
            "subject": people[scheme.probes],
            "nearest": names[found],
            "cosine": np.round(cosine, 5),
            search.metric: np.round(hits, 3),
        }
    )
    return measured, rows


def measure_verification(
    verification: VerificationTest, features: np.ndarray
) -> tuple[tuple[Measurement, ...], pd.DataFrame]:
    """Measure pairs: accuracy by folds, AUC, EER and true accept rates.

    Args:
        verification: the pairs.
        features: (images of their set, D); rows that no pair names are not read.

    Returns:
        The measurements, and one row a pair.
    """
    pairs = verification.pairs
    scores = pair_similarities(features[pairs.first], features[pairs.second])
    measured = measure_pairs(
        verification.column, DECISION, verification.data, scores, pairs.same, pairs.folds
    )
    names = verification.prepared.index["name"].to_numpy(object)
    rows = pd.DataFrame(
        {
            "column": verification.column,
            "name": names[pairs.first],
            "nearest": names[pairs.second],
            "same": pairs.same,
            "fold": pairs.folds,
            "cosine": np.round(scores, 5),
        }
    )
    return measured, rows


def measure_chance(search: IdentificationTest, prepared: Prepared) -> Measurement:
    """Measure what answers drawn by lot would score at a rank-1 search."""
    people = prepared.index["identity"].to_numpy(object)
    scheme = search.scheme
    hits = chance_hits(people[scheme.probes], people[scheme.gallery], scheme.leave_out)
    return measure_hits(search.column, search.metric, DECISION, search.data, hits, people[scheme.probes])
