"""Early stopping ends with the best epoch's weights, in an undisturbed run and in one taken up again."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.training.fit import fit
from common.training.validation import EarlyStopping, Validation

VALUES = (0.1, 0.5, 0.3, 0.4, 0.2, 0.9)
FEATURES = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


class Interrupted(Exception):
    pass


def train(folder, values=VALUES, interrupt=None, resume=True):
    """Train on until no better value has come for two epochs; the values stand for a measurement."""
    seen = []

    def build():
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        return model

    def source(epoch, skip):
        if epoch == interrupt:
            raise Interrupted
        data = tf.data.Dataset.from_tensor_slices((FEATURES, FEATURES[:, :1] * (epoch + 1)))
        return data.batch(4).skip(skip)

    def measure(model):
        seen.append(model.get_weights())
        return {"val": values[int(model.optimizer.iterations.numpy()) // 2 - 1]}

    fitted = fit(
        build,
        source,
        epochs=6,
        steps_per_epoch=2,
        batch_size=4,
        run_dir=folder,
        config_hash="",
        seed=1,
        callbacks=[Validation(measure), EarlyStopping("val", 2, folder)],
        resume=resume,
    )
    return fitted, seen


def test_it_ends_with_the_best_weights(tmp_path):
    fitted, seen = train(tmp_path)
    assert fitted.history["val"] == [0.1, 0.5, 0.3, 0.4]
    for kept, best in zip(fitted.model.get_weights(), seen[1], strict=True):
        np.testing.assert_array_equal(kept, best)
    again, _ = train(tmp_path)
    for kept, best in zip(again.model.get_weights(), seen[1], strict=True):
        np.testing.assert_array_equal(kept, best)


def test_taken_up_again_it_ends_the_same(tmp_path):
    with pytest.raises(Interrupted):
        train(tmp_path / "one", interrupt=3)
    taken_up, _ = train(tmp_path / "one")
    undisturbed, _ = train(tmp_path / "two")
    assert taken_up.history["val"] == undisturbed.history["val"]
    for one, other in zip(taken_up.model.get_weights(), undisturbed.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_patience_is_refused(tmp_path):
    with pytest.raises(ValueError, match="patience is at least one epoch, not 0"):
        EarlyStopping("val", 0, tmp_path)
