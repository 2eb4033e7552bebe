"""Import TensorFlow without the notes it writes before its logging can be told to be quiet."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def import_tensorflow() -> None:
    """Import TensorFlow; what it writes to standard error is shown only if the import fails."""
    with _hidden_errors():
        import tensorflow  # noqa: F401


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
