"""Who is who out of a published network: unit vectors, and whether two of them are one person's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from common.faces.views import views
from common.metrics.search import unit_rows
from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.networks.manifest import NETWORKS, load, published
from reproductions.shared.networks.published import Input, PublishedRecognition


@dataclass(frozen=True)
class Likeness:
    """How alike two faces are.

    Attributes:
        cosine: of their vectors, in [-1, 1].
        same: whether they are taken for one person's: the cosine is `threshold` or more.
        threshold: a cosine.
        false_match_rate: share, in [0, 1], of pairs of two people that are taken for one person's, of people
            like those on whom the threshold was set.
    """

    cosine: float
    same: bool
    threshold: float
    false_match_rate: float


class RecognitionNetwork:
    """A published network that tells people apart; it needs no TensorFlow.

    Args:
        folder: of published networks.

    Raises:
        UserError: the folder holds no such network, or another than was published.
    """

    def __init__(self, folder: Path = NETWORKS) -> None:
        self.published = published(folder, PublishedRecognition)
        self._network = load(folder, self.published)

    def vectors(self, faces: np.ndarray) -> np.ndarray:
        """Return the vectors of aligned faces, (N, length) float32 rows of length one.

        Args:
            faces: (N, size, size, 3) uint8 RGB.
        """
        return vectors(self._network, faces, self.published.input)

    def likeness(self, first: np.ndarray, second: np.ndarray) -> Likeness:
        """Return how alike two faces are, by their vectors, (length,) each."""
        one = self.published
        cosine = float(np.clip(np.dot(np.asarray(first, np.float64), np.asarray(second, np.float64)), -1, 1))
        return Likeness(cosine, cosine >= one.threshold, one.threshold, one.false_match_rate)


def vectors(network: OnnxNetwork, faces: np.ndarray, given: Input) -> np.ndarray:
    """Return unit vectors, (N, D) float32: the direction of the sum over the views of faces.

    Args:
        network: answers each view.
        faces: (N, size, size, 3) uint8 RGB, aligned.
        given: says which views.
    """
    several = list(views(faces, given.mirrored, given.zooms))
    answers = network(np.concatenate(several))
    summed = answers.reshape(len(several), len(faces), answers.shape[1]).sum(axis=0, dtype=np.float64)
    return unit_rows(summed).astype(np.float32)
