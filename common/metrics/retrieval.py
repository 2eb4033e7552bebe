"""Mean average precision of a search for all images of a person."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from common.metrics.search import finite_matrix, unit_rows

_QUERIES = 128


def average_precisions(
    queries: ArrayLike, query_people: ArrayLike, database: ArrayLike, database_people: ArrayLike
) -> np.ndarray:
    """Return the average precision of each query, (Q,) in percent; their mean is MAP (Eq. 7).

    The database is sorted by cosine similarity to the query, equal ones in their order. With R_ik the
    results down to the k-th of the m_i images of the query's person,

        AP(q_i) = 1 / m_i sum_k Precision(R_ik).

    Args:
        queries: (Q, D) vectors.
        query_people: (Q,) labels of people.
        database: (N, D) vectors.
        database_people: (N,) labels of people.

    Returns:
        NaN for a query whose person is not in the database: its m_i is 0.

    Raises:
        ValueError: counts that do not fit, or numbers that are not finite.

    Reference: Yu and Jing, "A Joint Multi-Task CNN for Cross-Age Face Recognition", Eq. 7.
    """
    query_people, database_people = np.asarray(query_people), np.asarray(database_people)
    if len(query_people) != len(queries) or len(database_people) != len(database):
        raise ValueError(
            f"{len(queries)} queries of {len(query_people)} people, {len(database)} images of "
            f"{len(database_people)}: one label an image is needed"
        )
    base = unit_rows(finite_matrix(database, "database").astype(np.float64)).T
    asked = unit_rows(finite_matrix(queries, "queries").astype(np.float64))
    precisions = np.full(len(asked), np.nan)
    for start in range(0, len(asked), _QUERIES):
        # Rounded, so that equal vectors are equal however the product was computed.
        similar = np.round(asked[start : start + _QUERIES] @ base, 12)
        order = np.argsort(-similar, axis=1, kind="stable")
        for offset, ranked in enumerate(order):
            right = database_people[ranked] == query_people[start + offset]
            places = np.flatnonzero(right) + 1
            if len(places):
                precisions[start + offset] = 100 * np.mean(np.arange(1, len(places) + 1) / places)
    return precisions
