"""Tasks on the workers of a scheduler; most are skipped where requirements-scale.txt is not installed.

Four workers of which one is killed are tried by benchmarks/spread_preparation.py.
"""

import importlib.util
import os
import sys

import pytest

from common.errors import UserError
from common.spreading import Team
from tests.support.image_files import write_set
from tests.support.pool_functions import complain, square
from tests.support.preparing import contents, run

DASK = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="requirements-scale.txt is not installed"
)


@pytest.fixture(scope="module")
def scheduler():
    """The address of a scheduler with two workers in this process."""
    distributed = pytest.importorskip("distributed", reason="requirements-scale.txt is not installed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_without_dask_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match=r"needs the packages of requirements-scale.txt: install them"):
        Team("127.0.0.1:1")


@DASK
def test_where_no_scheduler_answers_that_is_told(monkeypatch):
    monkeypatch.setattr("common.spreading.ANSWER_SECONDS", 0.2)
    with pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127.0.0.1:9.*start one"):
        Team("tcp://127.0.0.1:9")


def test_every_task_comes_back_with_its_result(scheduler):
    with Team(scheduler) as team:
        assert team.size == 2
        assert dict(team.spread(square, range(20), crashed=None)) == {n: n * n for n in range(20)}


def test_an_exception_is_raised_here(scheduler):
    with Team(scheduler) as team, pytest.raises(UserError, match="no 5 today"):
        list(team.spread(complain, [5], crashed=None))


def test_a_scheduler_prepares_what_one_process_does(tmp_path, scheduler):
    write_set(tmp_path / "data", 23)
    alone = run(tmp_path)
    (tmp_path / "spread").mkdir()
    os.symlink(tmp_path / "data", tmp_path / "spread" / "data")
    spread = run(tmp_path / "spread", scheduler=scheduler)
    assert contents(spread.folder) == contents(alone.folder)
    assert spread.manifest["speed"]["workers"] == 2
