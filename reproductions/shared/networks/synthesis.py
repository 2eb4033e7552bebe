"""Faces at other ages out of a published network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.networks.manifest import NETWORKS, load, published
from reproductions.shared.networks.published import PublishedSynthesis


class SynthesisNetwork:
    """A published network that takes faces to age groups; it needs no TensorFlow.

    Args:
        folder: of published networks.

    Raises:
        UserError: the folder holds no such network, or another than was published.
    """

    def __init__(self, folder: Path = NETWORKS) -> None:
        self.published = published(folder, PublishedSynthesis)
        self._network = load(folder, self.published)

    def aged(self, faces: np.ndarray) -> np.ndarray:
        """Return aligned faces at every age group, (N, groups, size, size, 3) uint8 RGB.

        Args:
            faces: (N, size, size, 3) uint8 RGB.
        """
        return aged(self._network, faces)


def aged(network: OnnxNetwork, faces: np.ndarray) -> np.ndarray:
    """Return what a network makes of faces (N, S, S, 3), as uint8: (N, groups, S, S, 3)."""
    made = network(faces)
    size = faces.shape[1]
    scaled = np.clip(np.rint(made.astype(np.float64) * 255), 0, 255).astype(np.uint8)
    return scaled.reshape(len(faces), made.shape[1] // size, size, size, 3)
