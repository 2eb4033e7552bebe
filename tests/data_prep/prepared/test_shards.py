"""What is read from shards is what was written, in the order asked for, or an error that names the shard."""

import shutil

import cv2
import numpy as np
import pytest
import tensorflow as tf

from common import files
from common.errors import UserError
from common.files import sha256_file
from data_prep.prepared.shards import dataset, read_images, verify
from tests.support.image_files import picture
from tests.support.prepared_sets import write_prepared


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return write_prepared(tmp_path_factory.mktemp("prepared"))


def rows_of(stream):
    return [int(row) for _, row in stream.as_numpy_iterator()]


def test_images_come_back_in_index_order(prepared):
    images = read_images(prepared)
    assert (images.shape, images.dtype) == ((25, 32, 32, 3), np.uint8)
    for row, image in enumerate(images):
        assert np.abs(image.astype(int) - picture(row, 32, 32)).mean() < 3


@pytest.mark.parametrize("rows", [[3], [24, 0, 11], [5, 5, 20, 5], list(range(9, 12)), []])
def test_rows_are_read_in_the_order_asked_for(prepared, rows):
    np.testing.assert_array_equal(read_images(prepared, np.array(rows, int)), read_images(prepared)[rows])


@pytest.mark.parametrize(("size", "how"), [(16, cv2.INTER_AREA), (20, cv2.INTER_AREA), (48, cv2.INTER_CUBIC)])
def test_other_sizes_are_as_opencv_resizes(prepared, size, how):
    resized = read_images(prepared, np.arange(5), size=size)
    full = read_images(prepared, np.arange(5))
    reference = np.array([cv2.resize(image, (size, size), interpolation=how) for image in full])
    assert np.abs(resized.astype(int) - reference).mean() < 1.5


@pytest.mark.parametrize("rows", [[25], [-1], [0.5], [[1]]])
def test_rows_outside_the_index_are_an_error(prepared, rows):
    with pytest.raises(IndexError):
        read_images(prepared, np.array(rows))


def test_the_stream_holds_the_same_images(prepared):
    streamed = list(dataset(prepared).as_numpy_iterator())
    assert [row for _, row in streamed] == list(range(25))
    np.testing.assert_array_equal([image for image, _ in streamed], read_images(prepared))
    assert int(dataset(prepared).cardinality()) == 25


def test_the_stream_repeats_what_is_asked_for_more_than_once(prepared):
    assert rows_of(dataset(prepared, np.array([11, 3, 11, 24]))) == [3, 11, 11, 24]


def test_a_shuffled_stream_is_drawn_from_seed_and_epoch(prepared):
    rows = np.array([1, 1, 5, 12, 17, 20, 24])
    draws = [(1, 0), (1, 0), (1, 1)]
    orders = [rows_of(dataset(prepared, rows, seed=seed, epoch=epoch)) for seed, epoch in draws]
    assert orders[0] == orders[1] != orders[2]
    assert all(sorted(order) == rows.tolist() for order in orders)
    assert orders[0] != rows.tolist()


def test_the_stream_batches_to_a_fixed_shape(prepared):
    images, rows = next(iter(dataset(prepared, size=16).batch(4)))
    assert images.shape == (4, 16, 16, 3)
    assert (images.dtype, rows.dtype) == (tf.uint8, tf.int64)


def damaged(tmp_path, how):
    prepared = write_prepared(tmp_path)
    path = prepared.shard_path(1)
    data = bytearray(path.read_bytes())
    if how == "missing":
        path.unlink()
    elif how == "truncated":
        path.write_bytes(data[:-100])
    elif how == "cut between records":
        length = int.from_bytes(data[:8], "little")
        path.write_bytes(data[: length + 16])
    elif how == "one bit":
        data[len(data) // 2] ^= 4
        path.write_bytes(data)
    else:
        with tf.io.TFRecordWriter(str(path)) as writer:
            for _ in range(10):
                writer.write(b"no image")
    return prepared, f"the shard {path} is missing or damaged: delete it and run make prepare-<set> again."


@pytest.mark.parametrize("how", ["missing", "truncated", "cut between records", "one bit", "other content"])
def test_a_damaged_shard_is_named(tmp_path, how):
    prepared, sentence = damaged(tmp_path, how)
    for read in (read_images, dataset, verify):
        with pytest.raises(UserError) as caught:
            read(prepared)
        assert str(caught.value) == sentence
    assert len(read_images(prepared, np.arange(10))) == 10


def test_a_shard_is_hashed_once_for_all_that_reads_it(tmp_path, monkeypatch):
    prepared = write_prepared(tmp_path)
    read = []
    monkeypatch.setattr(files, "_RACY", -(10**12))
    monkeypatch.setattr(files, "sha256_file", lambda path: read.append(path) or sha256_file(path))
    for _ in range(3):
        read_images(prepared)
        list(dataset(prepared))
    assert sorted(read) == [prepared.shard_path(shard) for shard in range(3)]
    shutil.copyfile(prepared.shard_path(0), prepared.shard_path(1))
    with pytest.raises(UserError, match=r"shard-00001.tfrecord is missing or damaged"):
        read_images(prepared, np.array([12]))
