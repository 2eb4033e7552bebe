"""Ages out of a trained network: every decision of README.md, each with its error and interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import keras
import numpy as np
import pandas as pd

from common.losses import AgeLoss
from common.losses.age_loss import Decoded
from common.metrics.age import DECISIONS
from common.pipelines import batches

_BATCH = 256


def predict(
    model: keras.Model,
    loss: AgeLoss,
    images: np.ndarray,
    mirrored: bool,
    zooms: Sequence[float] = (1.0,),
) -> dict[str, np.ndarray]:
    """Predict ages by every decision that the loss allows.

    Args:
        images: (N, size, size, 3) uint8.
        mirrored: average the probabilities (or ages) of each face and of its mirror image.
        zooms: and those of the face enlarged by each of these factors about its centre.

    Returns:
        decision -> (N,) years. "expectation" is Eq. 6; "median" and "arg-max" stand beside it; an ordinal
        loss adds its own "rank count"; a regression has "regression" alone.
    """
    decoded = _decoded(model, loss, images, mirrored, zooms)
    own = np.mean([one.ages for one in decoded], axis=0)
    if decoded[0].probabilities is None:
        return {"regression": own}
    probabilities = np.mean([one.probabilities for one in decoded], axis=0)
    decisions = {name: decide(probabilities) for name, decide in DECISIONS.items()}
    return decisions | ({"rank-count": own} if loss.outputs != loss.num_classes else {})


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
    views = (view for zoom in zooms for view in _views(_zoomed(images, zoom), mirrored))
    return [loss.decode(model.predict(batches(view, _BATCH), verbose=0)) for view in views]


def _views(images: np.ndarray, mirrored: bool) -> list[np.ndarray]:
    return [images, images[:, :, ::-1]] if mirrored else [images]


def _zoomed(images: np.ndarray, zoom: float) -> np.ndarray:
    if zoom == 1:
        return images
    size = images.shape[1]
    centre = (1 - zoom) * (size - 1) / 2
    warp = np.array([[zoom, 0, centre], [0, zoom, centre]])
    zoomed = np.empty_like(images)
    for row, image in enumerate(images):
        zoomed[row] = cv2.warpAffine(
            image, warp, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
    return zoomed


def frame(
    column: str,
    names: np.ndarray,
    subjects: np.ndarray | None,
    ages: np.ndarray,
    predictions: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Return predictions as rows of the file beside a record: column, name, subject, age, one a decision."""
    return pd.DataFrame({"column": column, "name": names, "subject": subjects, "age": ages, **predictions})
