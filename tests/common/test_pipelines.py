import numpy as np
import tensorflow as tf

from common.pipelines import batches, without_autotuning
from common.training.epochs import EpochData


def test_a_pipeline_keeps_its_elements_and_loses_its_autotuning():
    fixed = without_autotuning(tf.data.Dataset.range(5).map(lambda x: 2 * x, num_parallel_calls=2))
    assert list(fixed.as_numpy_iterator()) == [0, 2, 4, 6, 8]
    assert fixed.options().autotune.enabled is False


def test_batches_come_in_order_and_hold_every_image():
    images = np.arange(7 * 2 * 2 * 3, dtype=np.uint8).reshape(7, 2, 2, 3)
    read = list(batches(images, 3).as_numpy_iterator())
    assert [len(batch) for batch in read] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(read), images)


def test_an_epoch_is_read_without_autotuning():
    source = tf.data.Dataset.from_tensors((tf.zeros((2, 3)), tf.zeros(2))).repeat(4)
    data = EpochData(lambda epoch, skip: source, tf.distribute.get_strategy(), 4, (0, 0))
    assert data._dataset.options().autotune.enabled is False
    assert data.element_spec == source.element_spec
