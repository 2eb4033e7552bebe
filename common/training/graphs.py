"""How TensorFlow runs its graphs."""

from __future__ import annotations

import tensorflow as tf


def run_graphs_as_written() -> None:
    """Have TensorFlow run every graph as it was traced, without rewriting it first.

    To rewrite the graph of a training step takes seconds and gains a few percent a step: a training of a few
    hundred steps of a small network ends sooner without. Results differ by rounding alone. It holds for the
    whole process.
    """
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
