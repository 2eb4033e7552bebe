"""Files that are no networks, or others than were published."""

import numpy as np
import pytest

from common.errors import UserError
from common.onnx_networks.running import OnnxNetwork


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"there is no network .*age\.onnx"):
        OnnxNetwork(tmp_path / "age.onnx")


def test_a_changed_file_is_refused(tmp_path):
    path = tmp_path / "age.onnx"
    path.write_bytes(b"something else")
    with pytest.raises(UserError, match="its hash is another"):
        OnnxNetwork(path, "0" * 64)


@pytest.mark.parametrize("content", [b"", b"something else", bytes(np.arange(256, dtype=np.uint8)) * 20])
def test_a_damaged_file_is_refused(tmp_path, content):
    path = tmp_path / "age.onnx"
    path.write_bytes(content)
    with pytest.raises(UserError, match="holds no network"):
        OnnxNetwork(path)
