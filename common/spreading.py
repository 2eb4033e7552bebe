"""Tasks spread over the workers of a Dask scheduler, which may be on other machines."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType, TracebackType
from typing import Any

from common.errors import UserError, clause

ANSWER_SECONDS = 20
"""How long a scheduler may take to answer, and its first worker to come."""


def dask() -> ModuleType:
    """Return Dask's package `distributed`.

    Raises:
        UserError: it is not installed.
    """
    try:
        return importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise UserError(
            "a scheduler needs the packages of requirements-scale.txt: install them on every machine "
            "with .venv/bin/pip install -r requirements-scale.txt -c constraints.txt."
        ) from error


class Team:
    """The workers of a scheduler, inside a `with` block.

    Args:
        address: "host:port" of the scheduler, or as Dask has it, "tcp://host:port".

    Raises:
        UserError: Dask is not installed, no scheduler answers, or it has no worker.
    """

    def __init__(self, address: str):
        distributed = dask()
        self._dask = distributed
        self._address = address
        try:
            self._client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise UserError(
                f"no Dask scheduler answers at {address} ({clause(error)}): start one with .venv/bin/dask "
                "scheduler, or leave the scheduler out to work on this machine alone."
            ) from error

    def __enter__(self) -> Team:
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError as error:
            self._client.close()
            raise UserError(
                f"the scheduler at {self._address} has no worker: start one on each machine, in the folder "
                f"of this command, with .venv/bin/dask worker {self._address} --nworkers auto --nthreads 1."
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def size(self) -> int:
        """How many workers there are now."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def spread(
        self, function: Callable[[Any], Any], tasks: Sequence[Any], crashed: Callable[[Any], Any]
    ) -> Iterator[tuple[Any, Any]]:
        """Yield (task, `function(task)`) of every task as they come.

        A task whose worker dies is given to another; of one that several workers died of `crashed(task)` is
        taken, which is called here. An exception of the function ends the whole and is raised here.

        Args:
            function: picklable, that is, importable by name on every worker; so are tasks and results.

        Raises:
            UserError: the scheduler is gone.
        """
        futures = self._client.map(function, tasks, pure=False)
        task_of = {future.key: task for future, task in zip(futures, tasks, strict=True)}
        try:
            for future in self._dask.as_completed(futures, loop=self._client.loop):
                task = task_of[future.key]
                if future.status == "finished":
                    yield task, future.result()
                elif future.status == "error":
                    error = future.exception()
                    if not isinstance(error, self._dask.scheduler.KilledWorker):
                        raise error
                    yield task, crashed(task)
                else:
                    raise UserError(
                        f"the scheduler at {self._address} is gone: start it and its workers again, and the "
                        "same command goes on from what is finished."
                    )
                future.release()
        finally:
            self._client.cancel(futures)
