"""Processes forked from one that has TensorFlow imported but not started: seconds cheaper than new ones.

Each can divide the processor into logical devices, or be killed, without harm to the others.
"""

from __future__ import annotations

import multiprocessing

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.support.training_runs"])


def start(function, *arguments):
    """Start `function(*arguments)`, both picklable, in a process of its own and return the process."""
    process = CONTEXT.Process(target=function, args=arguments)
    process.start()
    return process


def run(function, *arguments) -> None:
    """Run `function(*arguments)` in a process of its own to its end, which must be a good one."""
    process = start(function, *arguments)
    process.join()
    assert process.exitcode == 0, f"{function.__name__} ended with {process.exitcode}"
