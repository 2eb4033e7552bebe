"""TensorFlow without the notes that tell a user nothing."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator


def import_tensorflow(replicas: int = 1) -> None:
    """Import TensorFlow; what it writes to standard error is shown only if the import fails.

    Of what it logs later, the warning that a function was traced again is left out: a command that tests
    several networks one after the other traces each of them once, which TensorFlow takes for one network.

    Args:
        replicas: devices that a training will share its batches among. Where there is no GPU the processor
            is divided now: it cannot be once the first image is read.

    Raises:
        UserError: there are not as many devices.
    """
    with _hidden_errors():
        import tensorflow  # noqa: F401
    logging.getLogger("tensorflow").addFilter(_tells_something)
    if replicas > 1:
        from common.training.strategy import make_strategy

        make_strategy(replicas)


def _tells_something(logged: logging.LogRecord) -> bool:
    return "triggered tf.function retracing" not in logged.getMessage()


@contextlib.contextmanager
def _hidden_errors() -> Iterator[None]:
    """Hold back what is written to file descriptor 2, below Python's own `sys.stderr`."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as hidden:
        os.dup2(hidden.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(kept, 2)
            hidden.seek(0)
            sys.stderr.write(hidden.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
