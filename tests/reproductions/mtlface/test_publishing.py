"""What is published of a recogniser is the recogniser, seen along the directions that matter."""

import keras
import numpy as np

from common.networks.improved_residual import embedding_of
from reproductions.mtlface.publishing import _along

RANDOM = np.random.default_rng(5)


def test_a_narrow_embedding_is_the_whole_one_along_its_directions():
    maps = keras.Input((3, 3, 6))
    network = keras.Model(maps, embedding_of(maps, size=10))
    weights = [RANDOM.uniform(0.5, 1.5, one.shape) for one in network.get_weights()]
    network.set_weights(weights)
    directions = np.linalg.qr(RANDOM.normal(size=(10, 4)))[0]
    x = RANDOM.normal(size=(7, 3, 3, 6)).astype("float32")
    whole, narrow = (model.predict(x, verbose=0) for model in (network, _along(network, directions)))
    np.testing.assert_allclose(narrow, whole @ directions, rtol=1e-4, atol=1e-4)
