"""The speed of one network, as one line of JSON: see `benchmarks/bench.py`, which starts this.

    python -m benchmarks.speed.network age-gender/joint --profile cpu --precision bfloat16 --threads 2

A step is a batch of noise, varied anew as a training varies its faces, by as many threads as the process may
run on. What is waited for is the next batch when the step before has ended.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from benchmarks.speed.timing import KEPT, median, timed_steps
from reproductions.shared.command_line.quiet import import_tensorflow

BATCHES_AHEAD = 4


def main() -> None:
    """Print the figures."""
    options = parse()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    import_tensorflow()
    from common.evidence.provenance import peak_memory_mb
    from common.training.precision import PRECISIONS
    from common.training.seeds import seed_everything
    from reproductions.shared.harness.trainings import every_training

    assert options.precision in PRECISIONS
    training = every_training(options.profile)[options.network]
    seed_everything(1)
    model = training.built(options.precision)
    batch = options.batch or training.batch
    figures = {"batch": batch, "size": training.size, "parameters": parameters(model)}
    figures |= trained(model, training, batch, options.seconds)
    figures |= answered(model, training, batch, options.seconds)
    print(json.dumps(figures | {"peak_memory_mib": round(peak_memory_mb())}))


def parameters(model: Any) -> int:
    """Return how many numbers are trained."""
    return int(sum(variable.numpy().size for variable in model.trainable_variables))


def trained(model: Any, training: Any, batch: int, seconds: float) -> dict[str, float]:
    """Train for a while; return what `timed_steps` does."""
    batches = iter(varied(training, batch))
    return timed_steps(lambda example: model.train_on_batch(*example), batches, batch, seconds)


def answered(model: Any, training: Any, batch: int, seconds: float) -> dict[str, float]:
    """Return the images a second that a network answers, and the arithmetic of an answer."""
    import numpy as np
    import tensorflow as tf

    inputs = tf.nest.map_structure(tf.constant, training.example(batch, np.random.default_rng(0))[0])
    answer = tf.function(lambda given: model(given, training=False))
    figures: dict[str, float] = {"answered_a_second": batch / median(lambda: answer(inputs), seconds)}
    if training.outputs is not None:
        figures["operations"] = float_operations(answer.get_concrete_function(inputs)) / batch
    return figures


def float_operations(function: Any) -> int:
    """Return the additions and multiplications of convolutions and products in a graph."""
    import tensorflow as tf

    counted = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    counted["output"] = "none"
    return int(tf.compat.v1.profiler.profile(function.graph, options=counted).total_float_ops)


def varied(training: Any, batch: int) -> Any:
    """Return batches without end, made ahead and each varied anew, as of `data_prep.prepared.batches`."""
    import numpy as np
    import tensorflow as tf

    from common.pipelines import without_autotuning
    from common.processes import available_cores
    from reproductions.shared.harness.trainings import noise

    random = np.random.default_rng(0)
    examples = [training.example(batch, random) for _ in range(KEPT)]
    faces = noise(batch, training.size, random)
    spec = tf.nest.map_structure(lambda one: tf.TensorSpec(one.shape, one.dtype), examples[0])
    flat = tf.nest.flatten(spec)

    def made(step: np.int64) -> list[np.ndarray]:
        images = training.augmentation(faces, np.random.default_rng(step))
        (*others,) = tf.nest.flatten(examples[step % KEPT])
        place = next(i for i, one in enumerate(others) if one.ndim == 4)
        others[place] = images[..., : others[place].shape[-1]]
        return others

    def example(step: tf.Tensor) -> Any:
        parts = tf.numpy_function(made, [step], [one.dtype for one in flat], stateful=False)
        shaped = [tf.ensure_shape(part, one.shape) for part, one in zip(parts, flat, strict=True)]
        return tf.nest.pack_sequence_as(spec, shaped)

    steps = tf.data.Dataset.range(2**40).map(
        example, num_parallel_calls=available_cores(), deterministic=True
    )
    return without_autotuning(steps.prefetch(BATCHES_AHEAD))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network")
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement, at least")
    return parser.parse_args()


if __name__ == "__main__":
    main()
