"""Ages out of a trained network: every decision of README.md, each with its error and interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from common.faces.views import views
from common.losses import AgeLoss
from common.losses.age_loss import Decoded
from common.metrics.age import DECISIONS, QUANTILES, quantiles
from common.pipelines import batches

_BATCH = 256
_KEYS = ("column", "name", "subject", "age")
_QUANTILES = tuple(f"q{level}" for level in QUANTILES)


class Predicted(NamedTuple):
    """What a network says of N faces.

    Attributes:
        decisions: decision -> (N,) years. "expectation" is Eq. 6; "median" and "arg-max" stand beside it; an
            ordinal loss adds its own "rank-count"; a regression has "regression" alone.
        quantiles: (N, L) years at `common.metrics.age.QUANTILES`; None for a regression.
    """

    decisions: dict[str, np.ndarray]
    quantiles: np.ndarray | None


def predict(
    model: keras.Model,
    loss: AgeLoss,
    images: np.ndarray,
    mirrored: bool,
    zooms: Sequence[float] = (1.0,),
) -> Predicted:
    """Predict ages by every decision that the loss allows, and how they are distributed.

    Args:
        images: (N, size, size, 3) uint8.
        mirrored: average the probabilities (or ages) of each face and of its mirror image.
        zooms: and those of the face enlarged by each of these factors about its centre.
    """
    decoded = _decoded(model, loss, images, mirrored, zooms)
    own = np.mean([one.ages for one in decoded], axis=0)
    if decoded[0].probabilities is None:
        return Predicted({"regression": own}, None)
    probabilities = np.mean([one.probabilities for one in decoded], axis=0)
    decisions = {name: decide(probabilities) for name, decide in DECISIONS.items()}
    if loss.outputs != loss.num_classes:
        decisions["rank-count"] = own
    return Predicted(decisions, quantiles(probabilities))


def constant(train: ArrayLike, images: int) -> Predicted:
    """Return the median of the ages trained on, (N,) years, as what is said of each of so many images."""
    said = np.full(images, float(np.median(train)))
    return Predicted(dict.fromkeys(DECISIONS, said), None)


def probabilities(
    model: keras.Model, loss: AgeLoss, images: np.ndarray, mirrored: bool, zooms: Sequence[float] = (1.0,)
) -> np.ndarray:
    """Return the mean probabilities of the ages over the views of each face, (N, K); arguments as `predict`.

    Raises:
        ValueError: the loss is of a regression.
    """
    decoded = _decoded(model, loss, images, mirrored, zooms)
    if decoded[0].probabilities is None:
        raise ValueError(f"{type(loss).__name__} gives no probabilities")
    return np.mean([one.probabilities for one in decoded], axis=0)


def _decoded(
    model: keras.Model, loss: AgeLoss, images: np.ndarray, mirrored: bool, zooms: Sequence[float]
) -> list[Decoded]:
    several = views(images, mirrored, zooms)
    return [loss.decode(model.predict(batches(view, _BATCH), verbose=0)) for view in several]


def frame(
    column: str, names: np.ndarray, subjects: np.ndarray | None, ages: np.ndarray, predicted: Predicted
) -> pd.DataFrame:
    """Return predictions as rows of the file beside a record.

    Its columns are column, name, subject, age, one a decision, and one a quantile ("q0.1", to a hundredth of
    a year) where the network gives a distribution.
    """
    rows = pd.DataFrame(dict(zip(_KEYS, (column, names, subjects, ages), strict=False)) | predicted.decisions)
    if predicted.quantiles is not None:
        rows[list(_QUANTILES)] = predicted.quantiles.round(2)
    return rows


def decisions_in(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the decisions in rows made by `frame`: decision -> (N,) years."""
    return {name: rows[name].to_numpy() for name in rows.columns if name not in (*_KEYS, *_QUANTILES)}
