"""A network out of an ONNX file, run by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from common.errors import UserError, clause
from common.files import sha256_file

_BATCH = 64


class OnnxNetwork:
    """A network with one input and one output, (N, ...) each.

    Args:
        path: of the file.
        sha256: of the file as it was published; None where nobody says.

    Raises:
        UserError: the file is not there, is another than was published, or holds no such network.
    """

    def __init__(self, path: Path, sha256: str | None = None) -> None:
        import onnxruntime

        if not path.is_file():
            raise UserError(f"there is no network {path}: restore the file (git checkout networks).")
        if sha256 is not None and sha256_file(path) != sha256:
            raise UserError(
                f"{path} is not the network that was published: its hash is another. Restore the file "
                "(git checkout networks)."
            )
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        # Threads that wait for work by turning in circles take the processor from everything else on it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            (self._input,), (self._output,) = self._session.get_inputs(), self._session.get_outputs()
        # What ONNX Runtime raises at a damaged file has no class in common.
        except Exception as error:
            raise UserError(f"{path} holds no network that can be run ({clause(error)[:200]}).") from error

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input, without the batch."""
        return tuple(self._input.shape[1:])

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Return the outputs of (N, ...) inputs; of none an array with N = 0.

        Raises:
            ValueError: the inputs have another shape than `shape`.
        """
        if tuple(inputs.shape[1:]) != self.shape:
            raise ValueError(f"the network takes inputs of shape {self.shape}, not {inputs.shape[1:]}")
        if not len(inputs):
            return np.zeros((0, *self._output.shape[1:]), np.float32)
        parts = [inputs[start : start + _BATCH] for start in range(0, len(inputs), _BATCH)]
        feeds = ({self._input.name: np.ascontiguousarray(part)} for part in parts)
        return np.concatenate([self._session.run(None, feed)[0] for feed in feeds])
