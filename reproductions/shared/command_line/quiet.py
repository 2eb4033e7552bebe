"""TensorFlow without the notes that tell a user nothing."""

from __future__ import annotations

import logging

from common.standard_error import hidden_errors
from common.workers import cluster


def import_tensorflow(replicas: int = 1, *, short: bool = False) -> None:
    """Import TensorFlow; what it writes to standard error is shown only if the import fails.

    Of what it logs later, the warning that a function was traced again is left out: a command that tests
    several networks one after the other traces each of them once, which TensorFlow takes for one network.

    Args:
        replicas: devices that a training will share its batches among. Where there is no GPU the processor
            is divided now: it cannot be once the first image is read.
        short: what is trained is so small that to rewrite its graphs takes longer than that saves.

    Raises:
        UserError: there are not as many devices.
    """
    with hidden_errors():
        import tensorflow  # noqa: F401
    logging.getLogger("tensorflow").addFilter(_tells_something)
    if short:
        from common.training.graphs import run_graphs_as_written

        run_graphs_as_written()
    if replicas > 1 or cluster():
        from common.training.strategy import make_strategy

        make_strategy(replicas)


def _tells_something(logged: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in logged.getMessage()
