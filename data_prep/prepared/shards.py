"""Shards: TFRecord files of JPEG files, written once, read by `tf.data` in parallel and in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.files import atomic_write, cannot_write, standing_sha256, writing_to
from common.pipelines import without_autotuning
from common.processes import available_cores
from common.training.seeds import epoch_order, epoch_seed
from data_prep.prepared.index import Prepared

# An operation for each of a few dozen images costs as much as decoding a small one does.
_DECODED_TOGETHER = 64
_DAMAGE = (tf.errors.DataLossError, tf.errors.InvalidArgumentError, tf.errors.NotFoundError)


def write_shard(path: str | Path, jpegs: Iterable[bytes]) -> None:
    """Write one JPEG file a record; the shard appears when it is complete.

    Raises:
        UserError: the disk is full or cannot be written to.
    """
    path = Path(path)
    try:
        # Both the writer and `beside` have the file open: the latter makes it durable and renames it.
        with (
            writing_to(path.parent),
            atomic_write(path, "wb") as beside,
            tf.io.TFRecordWriter(beside.name) as writer,
        ):
            for jpeg in jpegs:
                writer.write(jpeg)
    except tf.errors.OpError as error:
        raise cannot_write(path.parent, error.message) from error


def read_images(prepared: Prepared, rows: np.ndarray | None = None, size: int | None = None) -> np.ndarray:
    """Decode images into memory.

    Args:
        prepared: where from.
        rows: (N,) row numbers of the index, in any order, repeats allowed; None is all in index order.
        size: side in pixels; None is the prepared one. Areas are averaged to shrink; bicubic to enlarge.

    Returns:
        (N, size, size, 3) uint8 RGB, in the order of `rows`.

    Raises:
        UserError: a shard is missing, truncated or damaged.
        IndexError: a row that is not in the index.
    """
    rows = _checked(prepared, rows)
    verify(prepared, np.unique(prepared.index["shard"].to_numpy()[rows]))
    size = size or prepared.size
    wanted, place = np.unique(rows, return_inverse=True)
    images = np.empty((len(wanted), size, size, 3), np.uint8)
    shards = prepared.index["shard"].to_numpy()[wanted]
    positions = prepared.index["position"].to_numpy()[wanted]
    done = 0
    for shard in np.unique(shards):
        inside = positions[shards == shard]
        for batch in _read_shard(prepared, shard, inside, size):
            images[done : done + len(batch)] = batch
            done += len(batch)
    return images if np.array_equal(wanted, rows) else images[place]


def dataset(
    prepared: Prepared,
    rows: np.ndarray | None = None,
    size: int | None = None,
    *,
    seed: int | None = None,
    epoch: int = 0,
    buffer: int = 8192,
) -> tf.data.Dataset:
    """Stream images that do not fit in memory; the same arguments give the same order on every machine.

    Args:
        prepared, rows, size: as for `read_images`; `rows` says which images and how often, not their order.
        seed: None streams in index order. A number visits the shards in an order drawn from (seed, epoch),
            four at a time, and draws from `buffer` encoded images at random.

    Returns:
        elements (image, row): (size, size, 3) uint8 RGB and its int64 row number; the number of elements is
        known.

    Raises:
        UserError: a shard is missing, truncated or damaged; all are checked before the first image.
        IndexError: a row that is not in the index.
    """
    rows = _checked(prepared, rows)
    shards = prepared.index["shard"].to_numpy()
    verify(prepared, np.unique(shards[rows]))
    repeats = tf.constant(np.bincount(rows, minlength=len(shards)), tf.int64)
    used = np.unique(shards[rows])
    paths = [str(prepared.shard_path(shard)) for shard in used]
    first_rows = np.searchsorted(shards, used)
    order = np.arange(len(used))
    if seed is not None:
        order = epoch_order(seed, epoch, len(used))

    def records(path: tf.Tensor, first: tf.Tensor) -> tf.data.Dataset:
        numbered = tf.data.TFRecordDataset(path).enumerate(first).filter(lambda row, _: repeats[row] > 0)
        # Not `repeat`: TensorFlow takes it for stateful, and where operations are deterministic it then reads
        # nothing ahead.
        return numbered.flat_map(
            lambda row, jpeg: tf.data.Dataset.from_tensor_slices(
                (tf.repeat(row, repeats[row]), tf.repeat(jpeg, repeats[row]))
            )
        )

    files = tf.data.Dataset.from_tensor_slices(
        ([paths[shard] for shard in order], first_rows[order].astype(np.int64))
    )
    cycle = 1 if seed is None else 4
    stream = files.interleave(records, cycle_length=cycle, num_parallel_calls=cycle, deterministic=True)
    if seed is not None:
        stream = stream.shuffle(buffer, seed=epoch_seed(seed, epoch), reshuffle_each_iteration=False)
    stream = stream.batch(_DECODED_TOGETHER).map(
        lambda row, jpegs: (_decode(jpegs, prepared.size, size or prepared.size), row),
        num_parallel_calls=available_cores(),
        deterministic=True,
    )
    stream = stream.unbatch().apply(tf.data.experimental.assert_cardinality(len(rows)))
    return without_autotuning(stream.prefetch(64))


def verify(prepared: Prepared, shards: Iterable[int] | None = None) -> None:
    """Compare the content of shards (None: all) with the hashes in the manifest, once a process.

    Raises:
        UserError: a shard is missing or damaged.
    """
    hashes = prepared.manifest["shards"]
    for shard in range(len(hashes)) if shards is None else shards:
        path = prepared.shard_path(shard)
        if not path.is_file() or standing_sha256(path) != hashes[shard]["sha256"]:
            raise _damaged(path)


def _read_shard(prepared: Prepared, shard: int, positions: np.ndarray, size: int) -> Iterator[np.ndarray]:
    path = prepared.shard_path(shard)
    wanted = np.zeros(prepared.manifest["shards"][shard]["images"], bool)
    wanted[positions] = True
    # A record too many would mean that this shard belongs to another index.
    records = tf.data.TFRecordDataset(str(path), buffer_size=2**20).take(len(wanted))
    masks = tf.data.Dataset.from_tensor_slices(wanted)
    images = (
        tf.data.Dataset.zip(records, masks)
        .batch(_DECODED_TOGETHER)
        .map(
            lambda jpegs, mask: _decode(tf.boolean_mask(jpegs, mask), prepared.size, size),
            num_parallel_calls=available_cores(),
            deterministic=True,
        )
    )
    read = 0
    try:
        for batch in without_autotuning(images.prefetch(4)).as_numpy_iterator():
            read += len(batch)
            yield batch
    except _DAMAGE as error:
        raise _damaged(path) from error
    if read != len(positions):
        raise _damaged(path)


def _decode(jpegs: tf.Tensor, stored: int, size: int) -> tf.Tensor:
    def one(jpeg: tf.Tensor) -> tf.Tensor:
        image = tf.io.decode_jpeg(jpeg, channels=3, dct_method="INTEGER_ACCURATE")
        return tf.ensure_shape(image, (stored, stored, 3))

    images = tf.map_fn(one, jpegs, fn_output_signature=tf.uint8, parallel_iterations=1)
    if size == stored:
        return images
    resized = tf.image.resize(images, (size, size), "area" if size < stored else "bicubic")
    return tf.cast(tf.round(tf.clip_by_value(resized, 0, 255)), tf.uint8)


def _checked(prepared: Prepared, rows: np.ndarray | None) -> np.ndarray:
    images = len(prepared.index)
    if rows is None:
        return np.arange(images)
    rows = np.asarray(rows)
    if rows.ndim != 1 or not np.issubdtype(rows.dtype, np.integer):
        raise IndexError(f"rows are a list of row numbers, not {rows.dtype} of shape {rows.shape}")
    if len(rows) and not (rows.min() >= 0 and rows.max() < images):
        raise IndexError(f"rows {rows.min()} to {rows.max()} of an index of {images} rows")
    return rows


def _damaged(path: Path) -> UserError:
    return UserError(f"the shard {path} is missing or damaged: delete it and run make prepare-<set> again.")
