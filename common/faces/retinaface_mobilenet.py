"""RetinaFace (Deng et al., 2020) on MobileNet-0.25: 1.7 MB that come with the suite, on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from common.errors import UserError
from common.faces.face import Face, require_image
from common.faces.priors import decoded, merged, priors
from common.files import sha256_file

WEIGHTS = Path(__file__).resolve().parents[2] / "networks" / "retinaface-mobilenet.onnx"
SHA256 = "b7a7acab55e104dce6f32cdfff929bd83946da5cd869b9e2e9bdffafd1b7e4a5"

SIDE = 320
"""Pixels of the longer side at which faces are looked for: the smallest face found has about 12."""

THRESHOLD = 0.7

MEAN = np.array([104, 117, 123], np.float32)
"""Of blue, green and red, taken off before the network sees them."""

Model = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


class RetinaFaceMobileNet:
    """The small RetinaFace with five landmarks a face; a score is a probability.

    Args:
        threshold: the probability from which on a face counts, in (0, 1].
        side: pixels of the longer side to which a larger image is shrunk; a smaller one stays as it is.
        model: network to run instead of the published one: (1, 3, H, W) float32, BGR less `MEAN`, to offsets
            (1, P, 4), probabilities of no face and a face (1, P, 2) and landmarks (1, P, 10), with P priors
            as of `common.faces.priors`.

    Raises:
        ValueError: the threshold or the side is out of range.
        UserError: the network's file is gone or another.
    """

    name = "retinaface-mobilenet"

    def __init__(self, threshold: float = THRESHOLD, side: int = SIDE, model: Model | None = None) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"threshold is a probability, not {threshold}")
        if side < 1:
            raise ValueError(f"a side has at least one pixel, not {side}")
        self.threshold = threshold
        self.side = side
        self._model = model or _load_network()

    def detect(self, image: np.ndarray) -> list[Face]:
        """Return the faces in `image`, (H, W, 3) uint8 RGB, most probable first."""
        require_image(image)
        height, width = image.shape[:2]
        scale = min(1.0, self.side / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        pixels = small[..., ::-1].astype(np.float32) - MEAN
        offsets, probabilities, points = self._model(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))
        scores = probabilities[0, :, 1].astype(np.float64)
        kept = scores >= self.threshold
        boxes, landmarks = decoded(
            offsets[0, kept].astype(np.float64),
            points[0, kept].astype(np.float64),
            priors(small.shape[0], small.shape[1])[kept],
        )
        stretch = np.array([width, height]) / size
        # The network counts from the edge of the first pixel, the suite from its centre.
        boxes, landmarks = boxes * np.tile(stretch, 2) - 0.5, landmarks * stretch - 0.5
        return merged(boxes, landmarks, scores[kept])


def _load_network() -> Model:
    """Load the network that comes with the suite, to run on as many threads as OpenCV may use here."""
    import onnxruntime

    if not WEIGHTS.is_file() or sha256_file(WEIGHTS) != SHA256:
        raise UserError(
            f"the detector {RetinaFaceMobileNet.name} needs {WEIGHTS.name} as it came with the suite: "
            f"restore {WEIGHTS} (git checkout networks), or fetch it again with make fetch-detector."
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = cv2.getNumThreads()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(WEIGHTS), options, providers=["CPUExecutionProvider"])
    return lambda pixels: session.run(["loc", "conf", "landmarks"], {"input": pixels})
