"""MTCNN: joint face detection and alignment by three cascaded networks (Zhang et al., 2016).

The cascade of the `mtcnn` package (same weights, thresholds, sampling and suppression of overlaps, so that at
the same smallest face it returns the same faces) on networks in NumPy. The pyramid starts at a face size in
proportion to the image, not at 20 px: that and the networks make it some ten times as fast.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from common.faces.face import Face, require_image
from common.faces.mtcnn_networks import load_networks

_WINDOW = 12  # side of the proposal network's window, pixels
_STRIDE = 2
_PYRAMID_STEP = 0.709
_ROUNDING = 1e-6  # a level of 12 pixels less a rounding error is one of 12 pixels
_BATCH = 64  # patches at a time: bounds memory where an image is full of proposals


class MTCNN:
    """The three-stage cascade with five landmarks a face.

    Args:
        min_face: the smallest face looked for, as a fraction of the image's shorter side, in (0, 1].
        thresholds: probabilities above which the three networks keep a box.
        second_look: where no face is found, look again at the sizes halfway between those of the first look;
            the networks sometimes miss a face at all sizes of one pyramid that they find with the next.

    Raises:
        ValueError: an argument is out of range.
        UserError: the weights are not installed (see `load_networks`).
    """

    name = "mtcnn"

    def __init__(
        self,
        min_face: float = 0.1,
        thresholds: tuple[float, float, float] = (0.6, 0.7, 0.8),
        second_look: bool = True,
    ) -> None:
        if not 0 < min_face <= 1:
            raise ValueError(f"min_face is a fraction of the shorter side in (0, 1], not {min_face}")
        if len(thresholds) != 3 or not all(0 <= threshold < 1 for threshold in thresholds):
            raise ValueError(f"thresholds are three probabilities, not {thresholds}")
        self.min_face = min_face
        self.thresholds = thresholds
        self.second_look = second_look
        self._propose, self._refine, self._output = load_networks()

    def detect(self, image: np.ndarray) -> list[Face]:
        """Return the faces in `image`, (H, W, 3) uint8 RGB, most probable first; boxes end at its edges."""
        require_image(image)
        pixels = (image.astype(np.float32) - 127.5) / 128
        faces = self._cascade(pixels, self.min_face)
        if not faces and self.second_look:
            faces = self._cascade(pixels, self.min_face * math.sqrt(_PYRAMID_STEP))
        return faces

    def _cascade(self, pixels: np.ndarray, min_face: float) -> list[Face]:
        boxes = self._refined(pixels, self._proposals(pixels, min_face))
        boxes, scores, landmarks = self._outputs(pixels, boxes)
        height, width = pixels.shape[:2]
        boxes = np.clip(boxes, 0, (width - 1, height - 1, width - 1, height - 1))
        return [
            Face(tuple(map(float, box)), points.astype(np.float32), float(score))
            for box, points, score in zip(boxes, landmarks, scores, strict=True)
        ]

    def _proposals(self, pixels: np.ndarray, min_face: float) -> np.ndarray:
        """Run the first network over the pyramid: square boxes (N, 4), best first."""
        scales = _pyramid(min(pixels.shape[:2]), min_face)
        if not scales:
            return np.empty((0, 4))
        found = [_suppress(*self._proposals_at(pixels, scale), 0.5) for scale in scales]
        boxes, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return _square(_suppress(boxes, scores, 0.7)[0])

    def _proposals_at(self, pixels: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
        """Run the first network on one level: boxes (N, 4) in pixels of the image, probabilities (N,)."""
        height, width = (int(side * scale + _ROUNDING) for side in pixels.shape[:2])
        level = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        offsets, probabilities = (output[0] for output in self._propose(level[None]))
        rows, columns = np.nonzero(probabilities > self.thresholds[0])
        # As in the package, the window reaches from pixel 1 to pixel 12 of its place: a side of 11.
        corners = np.stack([columns, rows, columns, rows], axis=1) * _STRIDE + (1, 1, _WINDOW, _WINDOW)
        boxes = (corners + offsets[rows, columns] * (_WINDOW - 1)) / scale
        return boxes, probabilities[rows, columns]

    def _refined(self, pixels: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Run the second network on the proposals: the square boxes (N, 4) that it keeps, best first."""
        offsets, scores = _in_batches(self._refine, pixels, boxes, 24)
        keep = scores > self.thresholds[1]
        return _square(_suppress(_moved(boxes, offsets)[keep], scores[keep], 0.7)[0])

    def _outputs(self, pixels: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Run the third network: boxes (N, 4), probabilities (N,) and landmarks (N, 5, 2), best first."""
        offsets, points, scores = _in_batches(self._output, pixels, boxes, 48)
        x1, y1, x2, y2 = boxes.T[..., None]
        across = points[:, :5] * (x2 - x1 + 1) + x1 - 1
        down = points[:, 5:] * (y2 - y1 + 1) + y1 - 1
        landmarks = np.stack([across, down], axis=2)
        keep = scores > self.thresholds[2]
        return _suppress(_moved(boxes, offsets)[keep], scores[keep], 0.7, landmarks[keep], smaller=True)


def _pyramid(shorter: int, min_face: float) -> list[float]:
    """Return the scales at which faces from `min_face` to the whole of the shorter side fill the window."""
    scale = _WINDOW / max(min_face * shorter, _WINDOW)
    scales = []
    while scale * shorter >= _WINDOW - _ROUNDING:
        scales.append(scale)
        scale *= _PYRAMID_STEP
    return scales


def _in_batches(network, pixels: np.ndarray, boxes: np.ndarray, size: int) -> tuple[np.ndarray, ...]:
    """Run `network` on the patches under `boxes`, a bounded number at a time."""
    starts = range(0, max(1, len(boxes)), _BATCH)
    outputs = [network(_patches(pixels, boxes[start : start + _BATCH], size)) for start in starts]
    return tuple(np.concatenate(parts) for parts in zip(*outputs, strict=True))


def _patches(pixels: np.ndarray, boxes: np.ndarray, size: int) -> np.ndarray:
    """Sample a `size` x `size` grid under each box, bilinearly: (N, size, size, 3), 0 off the image.

    Boxes are in units of the image's sides where the last pixel is at 1, as the package hands them to
    TensorFlow's crop_and_resize: hence (width - 1) / width.
    """
    height, width = pixels.shape[:2]
    steps = np.arange(size) / (size - 1)
    x1, y1, x2, y2 = boxes.T[..., None]
    left, along, in_width = _neighbours((x1 + (x2 - x1) * steps) * (width - 1) / width, width)
    top, down, in_height = _neighbours((y1 + (y2 - y1) * steps) * (height - 1) / height, height)
    flat = pixels.reshape(-1, 3)
    corner = top[:, :, None] * width + left[:, None, :]
    right = int(width > 1)
    below = width * int(height > 1)
    along, down = along[:, None, :, None], down[:, :, None, None]
    upper = flat[corner] * (1 - along) + flat[corner + right] * along
    lower = flat[corner + below] * (1 - along) + flat[corner + below + right] * along
    patches = upper * (1 - down) + lower * down
    patches[~(in_height[:, :, None] & in_width[:, None, :])] = 0
    return patches


def _neighbours(position: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split positions on a line of `length` pixels: pixel before, share of the next, whether inside."""
    before = np.clip(np.floor(position), 0, max(0, length - 2))
    share = np.clip(position - before, 0, 1).astype(np.float32)
    return before.astype(np.intp), share, (position >= 0) & (position <= length - 1)


def _moved(boxes: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Move the corners of (N, 4) boxes by offsets in units of their sides."""
    width, height = boxes[:, 2] - boxes[:, 0] + 1, boxes[:, 3] - boxes[:, 1] + 1
    return boxes + offsets * np.stack([width, height, width, height], axis=1)


def _square(boxes: np.ndarray) -> np.ndarray:
    """Widen the shorter side of (N, 4) boxes about their centres to the longer one."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    half = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, keepdims=True, initial=-np.inf) / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _suppress(
    boxes: np.ndarray, scores: np.ndarray, threshold: float, *more: np.ndarray, smaller: bool = False
) -> tuple[np.ndarray, ...]:
    """Drop each box that overlaps a better one by more than `threshold`; return the rest, best first.

    The overlap is the intersection over the union, or over the smaller box if `smaller`. A box that is itself
    dropped still drops others, as in the package: one pass, no greedy loop. `more` are arrays filtered alike.
    """
    order = np.argsort(-scores, kind="stable")
    boxes, scores, *more = (array[order] for array in (boxes, scores, *more))
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    keep = np.ones(len(boxes), bool)
    for start in range(0, len(boxes), 256):
        stop = min(start + 256, len(boxes))
        low = np.maximum(boxes[start:stop, None, :2], boxes[None, :stop, :2])
        high = np.minimum(boxes[start:stop, None, 2:], boxes[None, :stop, 2:])
        common = np.prod(np.maximum(0, high - low), axis=2)
        one, other = areas[start:stop, None], areas[None, :stop]
        whole = np.minimum(one, other) if smaller else one + other - common
        better = np.arange(stop) < np.arange(start, stop)[:, None]
        keep[start:stop] = ~(better & (common > threshold * whole)).any(axis=1)
    return tuple(array[keep] for array in (boxes, scores, *more))
