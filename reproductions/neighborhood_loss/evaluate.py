"""Ages out of a trained network: every decision of README.md, each with its error and interval."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import pandas as pd

from common.losses import AgeLoss
from common.metrics.age import DECISIONS
from common.pipelines import batches

_BATCH = 256


def predict(model: keras.Model, loss: AgeLoss, images: np.ndarray, mirrored: bool) -> dict[str, np.ndarray]:
    """Predict ages by every decision that the loss allows.

    Args:
        images: (N, size, size, 3) uint8.
        mirrored: average the probabilities (or ages) of each face and of its mirror image.

    Returns:
        decision -> (N,) years. "expectation" is Eq. 6; "median" and "arg-max" stand beside it; an ordinal
        loss adds its own "rank count"; a regression has "regression" alone.
    """
    views = [images, images[:, :, ::-1]] if mirrored else [images]
    decoded = [loss.decode(model.predict(batches(view, _BATCH), verbose=0)) for view in views]
    own = np.mean([one.ages for one in decoded], axis=0)
    if decoded[0].probabilities is None:
        return {"regression": own}
    probabilities = np.mean([one.probabilities for one in decoded], axis=0)
    decisions = {name: decide(probabilities) for name, decide in DECISIONS.items()}
    return decisions | ({"rank-count": own} if loss.outputs != loss.num_classes else {})


def frame(
    column: str,
    names: np.ndarray,
    subjects: np.ndarray | None,
    ages: np.ndarray,
    predictions: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Return predictions as rows of the file beside a record: column, name, subject, age, one a decision."""
    return pd.DataFrame({"column": column, "name": names, "subject": subjects, "age": ages, **predictions})
