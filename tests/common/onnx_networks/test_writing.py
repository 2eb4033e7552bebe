"""Networks written as ONNX answer as Keras does. Needs the packages of requirements-export.txt."""

import keras
import numpy as np
import pytest

from common.onnx_networks.running import OnnxNetwork
from common.onnx_networks.writing import write_onnx


@pytest.fixture
def network():
    pytest.importorskip("tf2onnx", reason="requirements-export.txt is not installed")
    keras.utils.set_random_seed(1)
    faces = keras.Input((12, 12, 3), dtype="uint8", name="faces")
    x = keras.layers.Rescaling(1 / 128, -127.5 / 128)(faces)
    x = keras.layers.Conv2D(64, 3, activation="relu")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(faces, keras.layers.Dense(7, activation="sigmoid", name="older")(x))


def test_outputs_agree_and_names_can_be_read(network, tmp_path):
    path = tmp_path / "net.onnx"
    write_onnx(network, path, {"terms": "none"})
    faces = np.random.default_rng(0).integers(0, 256, (70, 12, 12, 3), np.uint8)
    stored = OnnxNetwork(path)
    assert stored.shape == (12, 12, 3)
    np.testing.assert_allclose(stored(faces), network.predict(faces, verbose=0), atol=1e-3)
    assert stored(faces[:0]).shape == (0, 7)
    with pytest.raises(ValueError, match="inputs of shape"):
        stored(faces[:, :8])
    session = stored._session
    assert [one.name for one in (*session.get_inputs(), *session.get_outputs())] == ["faces", "older"]
    assert session.get_inputs()[0].shape[0] == "N"
    assert session.get_modelmeta().custom_metadata_map == {"terms": "none"}


def test_large_weights_are_stored_in_half_precision(network, tmp_path):
    path = tmp_path / "net.onnx"
    write_onnx(network, path)
    weights = sum(weight.numpy().size for weight in network.weights)
    large = network.layers[2].kernel.numpy().size
    assert path.stat().st_size < 4 * weights - 2 * large + 3000
    before = path.read_bytes()
    write_onnx(network, path)
    assert path.read_bytes() == before
