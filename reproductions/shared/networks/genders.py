"""Genders out of a published network: the likelier one, with a probability that keeps its promise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from common.faces.views import views
from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.networks.manifest import NETWORKS, load, published
from reproductions.shared.networks.published import Input, PublishedGenders

_LEAST = 1e-6


@dataclass(frozen=True)
class Gender:
    """The gender that a face looks, as the labels of the training set have it.

    Attributes:
        name: "female" or "male".
        probability: of `name`, at least a half: of faces like the validation set's of which p is said, a
            share of p has that label.
    """

    name: str
    probability: float


class GenderNetwork:
    """A published network that says genders; it needs no TensorFlow.

    Args:
        folder: of published networks.

    Raises:
        UserError: the folder holds no such network, or another than was published.
    """

    def __init__(self, folder: Path = NETWORKS) -> None:
        self.published = published(folder, PublishedGenders)
        self._network = load(folder, self.published)

    def says(self, faces: np.ndarray, found: bool = True) -> list[Gender]:
        """Return the genders of aligned faces.

        Args:
            faces: (N, side, side, 3) uint8 RGB; larger than the network's input they are shrunk to it.
            found: whether a detector found them in photographs; else they are aligned as the training set
                is published.
        """
        return [self.told(row) for row in self.likely(faces, found)]

    def likely(self, faces: np.ndarray, found: bool = True) -> np.ndarray:
        """Return the probability of each gender, (N, 2) float64, of faces; arguments as of `says`."""
        one = self.published
        answers = shares(self._network, faces, one.input, one.across if found else 1.0)
        return tempered(answers, one.temperature)

    def told(self, likely: np.ndarray) -> Gender:
        """Return the gender that goes with the probabilities, (2,), of a picture or the mean of several."""
        place = int(likely.argmax())
        return Gender(self.published.names[place], float(likely[place]))


def shares(network: OnnxNetwork, faces: np.ndarray, given: Input, across: float = 1.0) -> np.ndarray:
    """Return the probability of each gender, (N, 2) float64, averaged over the views of faces.

    Args:
        network: answers each view.
        faces: (N, side, side, 3) uint8 RGB, aligned.
        given: says to which side they are shrunk, and which views.
        across: factor by which they are widened.
    """
    several = list(views(shrunk(faces, given.size), given.mirrored, given.zooms, across))
    answers = network(np.concatenate(several))
    return answers.reshape(len(several), len(faces), answers.shape[1]).mean(axis=0, dtype=np.float64)


def shrunk(faces: np.ndarray, size: int) -> np.ndarray:
    """Return faces (N, side, side, 3) uint8 at `size` pixels, each new one the mean of what it covers."""
    if faces.shape[1] == size:
        return faces
    small = [cv2.resize(face, (size, size), interpolation=cv2.INTER_AREA) for face in faces]
    return np.stack(small) if small else np.zeros((0, size, size, 3), np.uint8)


def tempered(likely: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities (N, C) whose logarithms are divided by a temperature, rows that sum to one.

    Reference: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
    """
    logits = np.log(np.maximum(likely, _LEAST)) / temperature
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
