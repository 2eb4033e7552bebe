"""RetinaFace (Deng et al., 2020) on ResNet-50, through the retina-face package, on ONNX Runtime."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

from common.errors import UserError
from common.faces.face import Face, require_image

WEIGHTS = "retinaface.onnx"

# The package names eyes and corners of the mouth from the person's side: the person's right is on the left of
# the image.
_AS_SEEN = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")


class RetinaFace:
    """The package's detector with five landmarks a face; a score is a probability.

    Args:
        threshold: the probability from which on a face counts, in (0, 1].
        upscale: enlarge small images (the shorter side to 1,024 px), as the package does if not told
            otherwise: slow, and of use for tiny faces only.
        model: network to run instead of the published one: (1, H, W, 3) float32 RGB to nine arrays, for
            strides 32, 16 and 8 the probabilities (1, h, w, 4), box offsets (1, h, w, 8) and landmark offsets
            (1, h, w, 20).

    Raises:
        ValueError: the threshold is out of range.
        UserError: the package or the weights are not on this machine; nothing is ever downloaded.
    """

    name = "retinaface"

    def __init__(
        self,
        threshold: float = 0.9,
        upscale: bool = False,
        model: Callable[[np.ndarray], list[np.ndarray]] | None = None,
    ) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"threshold is a probability, not {threshold}")
        self.threshold = threshold
        self.upscale = upscale
        if model is None:
            require_weights()
        self._package = _import_package()
        self._model = model or _load_network()

    def detect(self, image: np.ndarray) -> list[Face]:
        """Return the faces in `image`, (H, W, 3) uint8 RGB, most probable first; boxes end at its edges."""
        require_image(image)
        found = self._package.detect_faces(
            image[:, :, ::-1], threshold=self.threshold, model=self._model, allow_upscaling=self.upscale
        )
        faces = [
            Face(
                tuple(map(float, face["facial_area"])),
                np.array([face["landmarks"][point] for point in _AS_SEEN], np.float32),
                float(face["score"]),
            )
            for face in found.values()
        ]
        return sorted(faces, key=lambda face: -face.score)


def weights_path() -> Path:
    """Return where the package looks for its weights: below DEEPFACE_HOME, or the home folder."""
    return Path(os.environ.get("DEEPFACE_HOME") or Path.home()) / ".deepface" / "weights" / WEIGHTS


def require_weights() -> None:
    """Raise UserError, which says where the weights come from and where they go, unless they are there."""
    path = weights_path()
    if not path.is_file():
        raise UserError(
            f"RetinaFace needs its weights {WEIGHTS}: download https://github.com/serengil/deepface_models/"
            f"releases/download/v1.0/{WEIGHTS} and put the file at {path}."
        )


def _import_package() -> ModuleType:
    """Import the package on ONNX Runtime.

    Left to itself it picks TensorFlow and sets TF_USE_LEGACY_KERAS, which turns Keras 3 off for the whole
    process; and it silences every warning of the process.
    """
    chosen = "DEEPFACE_BACKEND_ENGINE"
    before = os.environ.get(chosen)
    os.environ[chosen] = "onnx"
    try:
        with warnings.catch_warnings():
            return importlib.import_module("retinaface.RetinaFace")
    except ModuleNotFoundError as error:
        raise UserError("the package retina-face is not installed: run make setup.") from error
    finally:
        if before is None:
            del os.environ[chosen]
        else:
            os.environ[chosen] = before


def _load_network() -> Callable[[np.ndarray], list[np.ndarray]]:
    """Load the published network, to run on as many threads as OpenCV may use in this process."""
    import onnxruntime
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf
    from retinaface.model.retinaface_onnx_model import RetinaFace as Network

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = cv2.getNumThreads()
    path = weights_path()
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidGraph, InvalidProtobuf) as error:
        raise UserError(
            f"{path} is not the network it should be: delete it and download it again."
        ) from error
    return Network(session)
