"""The pool keeps order, holds little, and loses nothing to a worker that dies."""

import os

import psutil
import pytest

from common.errors import UserError
from common.interruption import SIGNALS
from common.processes import AHEAD, ordered_map
from tests.support import pool_functions


def dead(number):
    return f"{number} died"


def test_results_come_in_order_and_few_items_are_under_way():
    taken = 0

    def items():
        nonlocal taken
        for number in range(400):
            taken = number + 1
            yield number

    for done, result in enumerate(ordered_map(pool_functions.square, items(), 2, dead)):
        assert result == done * done
        assert taken - done <= 2 * AHEAD
    assert done == 399


def test_an_item_that_kills_its_worker_is_named_and_the_others_are_not_lost():
    results = list(ordered_map(pool_functions.square_unless_deadly, range(20), 2, dead))
    assert results == [f"{n} died" if n % 10 == 3 else n * n for n in range(20)]


def test_a_signal_that_reaches_the_workers_costs_no_item(tmp_path):
    """Ctrl-C and `timeout` signal the whole group; to end or not is for the parent to decide."""
    items = [(number, tmp_path / str(number), item) for item in range(6) for number in SIGNALS]
    assert list(ordered_map(pool_functions.square_signalled, items, 2, dead)) == [
        item * item for _, _, item in items
    ]


def test_an_exception_of_the_function_arrives():
    with pytest.raises(UserError, match="no 5 today"):
        list(ordered_map(pool_functions.complain, [5], 1, dead))


def test_a_full_disk_is_not_taken_for_a_dead_worker():
    with pytest.raises(OSError, match=r"No space left on device: '0\.jpg'"):
        list(ordered_map(pool_functions.fill_the_disk, range(5), 1, dead))


def test_workers_are_light_and_single_threaded(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    (found,) = ordered_map(pool_functions.surroundings, [None], 1, dead)
    assert found == {"tensorflow": False, "opencv threads": 1, "omp": "1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_workers_end_with_the_map():
    results = ordered_map(pool_functions.square, range(100), 2, dead)
    next(results)
    workers = [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
    assert len(workers) == 2
    results.close()
    assert psutil.wait_procs(workers, timeout=30)[1] == []
