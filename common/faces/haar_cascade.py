"""A Viola-Jones cascade opened up: its features, the integral image, and which stages a window passes.

`common.faces.viola_jones` finds faces; this shows how. The cascade is the one it uses, read from the file
that OpenCV ships, and evaluated here step by step in NumPy as OpenCV does it (Viola and Jones, 2001; trees of
Haar features by Lienhart).
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from common.faces.viola_jones import cascade_path

# OpenCV's: a sum this little below the threshold passes, and a window of less contrast is no face.
_SLACK = 1e-5
_LEAST_CONTRAST = 10.0  # grey levels, standard deviation


@dataclass(frozen=True)
class Feature:
    """A Haar feature: rectangles x, y, width, height of a window, whose pixels are summed and weighted."""

    rectangles: tuple[tuple[int, int, int, int], ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Tree:
    """A weak classifier: nodes that compare one feature each, and leaves.

    Attributes:
        nodes: (left, right, feature, threshold); a window whose feature is below the threshold goes left. A
            branch above 0 is the next node, one of 0 and below is the leaf of that number without its sign.
        leaves: what is added to the stage's sum.
    """

    nodes: tuple[tuple[int, int, int, float], ...]
    leaves: np.ndarray


@dataclass(frozen=True)
class Stage:
    """A strong classifier: a window passes whose trees' leaves add up to the threshold (Eq. 4)."""

    threshold: float
    trees: tuple[Tree, ...]


@dataclass(frozen=True)
class Cascade:
    """Stages that a window must pass one after the other.

    Attributes:
        size: side of a window in pixels.
        features: referred to by place.
        stages: in the order in which they are asked.
    """

    size: int
    features: tuple[Feature, ...]
    stages: tuple[Stage, ...]

    def values(self, feature: int, windows: np.ndarray) -> np.ndarray:
        """Return a feature's values, (N,) float64, in windows (N, size, size) uint8.

        Divided by the number of pixels and the standard deviation inside the windows' rim of one pixel, so
        that light and contrast do not matter.
        """
        return self._values(feature, integral_image(windows), _spread(windows))

    def sums(self, stage: int, windows: np.ndarray) -> np.ndarray:
        """Return what a stage's trees add up to, (N,) float64, in windows (N, size, size) uint8."""
        return self._sums(self.stages[stage], integral_image(windows), _spread(windows))

    def passed(self, windows: np.ndarray) -> np.ndarray:
        """Return how many stages each of the windows (N, size, size) uint8 passes until one refuses it.

        Returns:
            (N,) int, as many as there are stages for a face.
        """
        integral, spread = integral_image(windows), _spread(windows)
        passed = np.zeros(len(windows), int)
        left = np.flatnonzero(spread > _LEAST_CONTRAST * (self.size - 2) ** 2)
        for stage in self.stages:
            sums = self._sums(stage, integral[left], spread[left])
            left = left[sums >= stage.threshold - _SLACK]
            passed[left] += 1
        return passed

    def _sums(self, stage: Stage, integral: np.ndarray, spread: np.ndarray) -> np.ndarray:
        total = np.zeros(len(integral))
        for tree in stage.trees:
            total += tree.leaves[self._leaf(tree, integral, spread)]
        return total

    def _leaf(self, tree: Tree, integral: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """Return the leaf that each window comes to, (N,) int."""
        branch = np.zeros(len(integral), int)
        leaf = np.zeros(len(integral), int)
        for place, (left, right, feature, threshold) in enumerate(tree.nodes):
            # A node comes after the one that leads to it, so that one pass over them is enough.
            here = branch == place
            below = self._values(feature, integral[here], spread[here]) < threshold
            branch[here] = np.where(below, left, right)
            done = here & (branch <= 0)
            leaf[done] = -branch[done]
            branch[done] = -1
        return leaf

    def _values(self, feature: int, integral: np.ndarray, spread: np.ndarray) -> np.ndarray:
        one = self.features[feature]
        sums = [rectangle_sum(integral, *rectangle) for rectangle in one.rectangles]
        return np.tensordot(one.weights, sums, axes=1) / np.maximum(spread, 1.0)


def read_cascade(path: Path | None = None) -> Cascade:
    """Read a cascade of upright Haar features from OpenCV's XML, that of `ViolaJones` where no path is given.

    Raises:
        UserError: this build of OpenCV comes without it.
        ValueError: its windows are not square, or it has tilted features.
    """
    root = ElementTree.parse(path or cascade_path()).getroot().find("cascade")
    width, height = int(root.findtext("width")), int(root.findtext("height"))
    if width != height or any(node.text.strip() != "0" for node in root.iter("tilted")):
        raise ValueError(f"{path} has windows of {width} x {height} px or tilted features")
    return Cascade(
        size=width,
        features=tuple(_feature(node) for node in root.find("features")),
        stages=tuple(_stage(node) for node in root.find("stages")),
    )


def _feature(node: ElementTree.Element) -> Feature:
    rows = [rectangle.text.split() for rectangle in node.find("rects")]
    return Feature(
        tuple(tuple(int(word) for word in row[:4]) for row in rows), tuple(float(row[4]) for row in rows)
    )


def _stage(node: ElementTree.Element) -> Stage:
    trees = tuple(_tree(weak) for weak in node.find("weakClassifiers"))
    return Stage(float(node.findtext("stageThreshold")), trees)


def _tree(node: ElementTree.Element) -> Tree:
    words = node.findtext("internalNodes").split()
    nodes = tuple(
        (int(words[at]), int(words[at + 1]), int(words[at + 2]), float(words[at + 3]))
        for at in range(0, len(words), 4)
    )
    return Tree(nodes, np.array(node.findtext("leafValues").split(), np.float64))


def integral_image(images: np.ndarray) -> np.ndarray:
    """Return the sums of all pixels above and to the left, (..., H + 1, W + 1) int64, of images (..., H, W).

    The first row and column are 0, so that entry (y, x) is the sum of the y rows and x columns before it.
    """
    sums = np.asarray(images, np.int64).cumsum(axis=-2).cumsum(axis=-1)
    return np.pad(sums, [(0, 0)] * (sums.ndim - 2) + [(1, 0), (1, 0)])


def rectangle_sum(integral: np.ndarray, x: int, y: int, width: int, height: int) -> np.ndarray:
    """Return the sum of a rectangle's pixels from four entries of `integral` (..., H + 1, W + 1)."""
    below, right = y + height, x + width
    return (
        integral[..., below, right] - integral[..., y, right] - integral[..., below, x] + integral[..., y, x]
    )


def _spread(windows: np.ndarray) -> np.ndarray:
    """Return pixels times standard deviation inside the rim, (N,) float64."""
    inside = np.asarray(windows, np.float64)[:, 1:-1, 1:-1]
    return inside.std(axis=(1, 2)) * inside[0].size


def scan(grey: np.ndarray, size: int, factor: float = 1.2, step: int = 2) -> Iterator[tuple]:
    """Yield (windows, boxes) for each size of face: the image shrunk, cut into overlapping windows.

    Args:
        grey: (H, W) uint8.
        size: side of a window.
        factor: ratio of one size of face to the next.
        step: pixels of the shrunk image from one window to the next.

    Yields:
        windows (N, size, size) uint8, and boxes (N, 4) float64 x1, y1, x2, y2 in pixels of `grey`.
    """
    scale = 1.0
    while min(grey.shape) / scale >= size:
        small = cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_LINEAR_EXACT)
        views = np.lib.stride_tricks.sliding_window_view(small, (size, size))[::step, ::step]
        y, x = (axis.ravel() * step for axis in np.indices(views.shape[:2]))
        corners = np.stack([x, y, x + size - 1, y + size - 1], axis=1)
        yield views.reshape(-1, size, size), (corners + 0.5) * scale - 0.5
        scale *= factor
