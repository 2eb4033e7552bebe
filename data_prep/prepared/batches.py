"""Augmented batches of a training, in memory or streamed, each a pure function of seed, epoch and step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.faces.augmentation import Augmentation
from common.processes import available_cores
from common.training.epochs import EpochSource
from common.training.seeds import epoch_order
from data_prep.prepared import shards
from data_prep.prepared.faces import Faces

_BATCHES_AHEAD = 4


@dataclass(frozen=True, eq=False)
class Batches:
    """The batches of a training.

    Attributes:
        source: what `common.training.fit.fit` reads.
        steps: batches an epoch; what does not fill a batch waits for another epoch's order.
        describe: (epoch, step) -> names of the files in a batch, or None where they are streamed.
    """

    source: EpochSource
    steps: int
    describe: Callable[[int, int], list[str]] | None


@dataclass(frozen=True, eq=False)
class Plan:
    """How faces become batches.

    Attributes:
        batch: images in a global batch.
        augmentation: drawn anew for every image of every epoch.
        seed: of order and augmentation.
        labels: label by image of the index, (number of images,) int32 each, in the order in which `arrange`
            takes them.
        arrange: (images, *labels) -> what Keras' `fit` takes, as (images, ages).
        side: epoch -> side of the faces in pixels; None is that of the prepared set in all.
        rows_of: epoch -> the rows to show in it, equally many each time, all of them rows of the faces; None
            is every face once.
    """

    batch: int
    augmentation: Augmentation
    seed: int
    labels: Sequence[np.ndarray]
    arrange: Callable[..., Any] = lambda images, *labels: (images, *labels)
    side: Callable[[int], int] | None = None
    rows_of: Callable[[int], np.ndarray] | None = None


def make_batches(faces: Faces, plan: Plan) -> Batches:
    """Return the augmented batches of a training; a set that is too large for memory is streamed.

    Raises:
        UserError: not one batch is full.
    """
    rows_of = plan.rows_of or (lambda epoch: faces.rows)
    steps = len(rows_of(0)) // plan.batch
    if steps < 1:
        raise UserError(
            f"{len(rows_of(0))} images of {faces.data.title} do not fill a batch of {plan.batch}: "
            "add images to the copy, or use a profile with a smaller batch."
        )
    if not faces.fits_in_memory:
        return Batches(_streamed(faces, rows_of, plan), steps, None)
    distinct = np.unique(faces.rows)
    whole = replace(faces, rows=distinct).images()
    names = faces.prepared.index["name"].to_numpy(object)

    @lru_cache(maxsize=1)
    def at_side(side: int) -> np.ndarray:
        return whole if side == whole.shape[1] else np.stack([_shrunk(image, side) for image in whole])

    def ordered(epoch: int) -> np.ndarray:
        rows = rows_of(epoch)
        return rows[epoch_order(plan.seed, epoch, len(rows))]

    def source(epoch: int, skip: int) -> tf.data.Dataset:
        order, images = ordered(epoch), at_side(_side(faces, plan, epoch))

        def batch(step: np.int64) -> tuple[np.ndarray, ...]:
            rows = order[step * plan.batch : (step + 1) * plan.batch]
            return _varied(images[np.searchsorted(distinct, rows)], rows, epoch, step, plan)

        return _mapped(tf.data.Dataset.range(skip, steps), batch, plan, faces)

    def describe(epoch: int, step: int) -> list[str]:
        return list(names[ordered(epoch)[step * plan.batch : (step + 1) * plan.batch]])

    return Batches(source, steps, describe)


def _side(faces: Faces, plan: Plan, epoch: int) -> int:
    return faces.prepared.size if plan.side is None else plan.side(epoch)


def _streamed(faces: Faces, rows_of: Callable[[int], np.ndarray], plan: Plan) -> EpochSource:
    def source(epoch: int, skip: int) -> tf.data.Dataset:
        side = _side(faces, plan, epoch)
        stream = shards.dataset(faces.prepared, rows_of(epoch), side, seed=plan.seed, epoch=epoch)
        stream = stream.batch(plan.batch, drop_remainder=True).enumerate().skip(skip)

        def batch(step: np.int64, images: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, ...]:
            return _varied(images, rows, epoch, step, plan)

        return _mapped(stream.map(lambda step, pair: (step, *pair)), batch, plan, faces)

    return source


def _varied(
    images: np.ndarray, rows: np.ndarray, epoch: int, step: np.int64, plan: Plan
) -> tuple[np.ndarray, ...]:
    varied = plan.augmentation(images, np.random.default_rng((plan.seed, epoch, step)))
    return varied, *(label[rows] for label in plan.labels)


def _shrunk(image: np.ndarray, side: int) -> np.ndarray:
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)


def _mapped(dataset: tf.data.Dataset, batch: Callable, plan: Plan, faces: Faces) -> tf.data.Dataset:
    # One shape for all epochs, so that the training step is traced once.
    side = faces.prepared.size if plan.side is None else None
    types = (tf.uint8, *[tf.int32] * len(plan.labels))

    def call(*arguments: tf.Tensor) -> Any:
        # Stateless, as a batch is a function of its step: where operations are deterministic TensorFlow makes
        # what it takes for stateful one at a time, each only when the training asks for it.
        images, *labels = tf.numpy_function(batch, arguments, types, stateful=False)
        images = tf.ensure_shape(images, (plan.batch, side, side, 3))
        return plan.arrange(images, *(tf.ensure_shape(label, (plan.batch,)) for label in labels))

    mapped = dataset.map(call, num_parallel_calls=available_cores(), deterministic=True)
    return mapped.prefetch(_BATCHES_AHEAD)
