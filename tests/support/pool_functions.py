"""What worker processes are asked to do in tests; importable by name, as they need it."""

import errno
import os
import signal
import sys

from common.errors import UserError


def square(number):
    return number * number


def square_unless_deadly(number):
    if number % 10 == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def square_signalled(item):
    """Square a number after a signal to this process, the first time one of that number is to be sent."""
    number, sent, value = item
    if not sent.exists():
        sent.touch()
        os.kill(os.getpid(), number)
    return value * value


def complain(number):
    raise UserError(f"no {number} today.")


def fill_the_disk(number):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), f"{number}.jpg")


def surroundings(_):
    import cv2

    import data_prep.preparation.crop  # noqa: F401

    return {
        "tensorflow": "tensorflow" in sys.modules,
        "opencv threads": cv2.getNumThreads(),
        "omp": os.environ.get("OMP_NUM_THREADS"),
    }
