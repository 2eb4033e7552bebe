"""Graphs are run as they were traced: tried in a process of its own, since it holds for all of it."""

import subprocess
import sys

PROGRAM = """
import tensorflow as tf
from common.training.graphs import run_graphs_as_written

@tf.function
def product(x):
    return (x * 1.0) * 3.0

run_graphs_as_written()
assert tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"]
assert float(product(tf.constant(2.0))) == 6.0
"""


def test_a_graph_that_is_not_rewritten_computes_the_same():
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True)
