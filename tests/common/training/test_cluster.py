"""Two workers on loopback addresses train the network that one process trains.

Four of them, and workers that are killed, are tried by benchmarks/cluster.py: to notice that one is gone
takes ten seconds.
"""

import dataclasses
import json

import numpy as np
import pytest

from common.errors import UserError
from common.training.cluster import cluster_strategy, of_all_workers, of_this_worker
from common.workers import Cluster
from tests.support import clusters, forked
from tests.support.training_runs import Recipe, outcome, train_and_store

RECIPE = Recipe(epochs=2, dropout=0.0, norm="synchronized", weighted=True, checkpoint_seconds=0.0, batch=7)
HERE = Cluster(("a:1", "b:1"), 1, (("worker", 2),))


def test_two_workers_train_the_network_that_one_process_trains(tmp_path):
    """With AdamW, weight decay, a moving average, sample weights, and batches of seven and three."""
    two = clusters.start(2, train_and_store, tmp_path / "two", dataclasses.replace(RECIPE, replicas=2))
    alone = forked.start(train_and_store, tmp_path / "one", RECIPE)
    assert clusters.ended([*two, alone], 120) == [0, 0, 0]
    (one, facts), (both, facts_of_both) = outcome(tmp_path / "one"), outcome(tmp_path / "two")
    assert max(np.abs(a - b).max() for a, b in zip(one, both, strict=True)) < 1e-5
    for name in ("loss", "accuracy"):
        assert facts["history"][name] == pytest.approx(facts_of_both["history"][name], rel=1e-4)
    assert (
        "on each of 2 workers: 127.0.0.1:"
        in json.loads((tmp_path / "two/outcome.json").read_text())["device"]
    )


@pytest.mark.parametrize("replicas", [1, 3])
def test_replicas_that_workers_cannot_share_evenly_are_refused(replicas):
    with pytest.raises(UserError, match=r"cannot be dealt out to 2 workers: give a multiple of 2"):
        cluster_strategy(replicas, HERE)


def test_a_processor_is_one_replica():
    with pytest.raises(
        UserError, match=r"4 replicas are 2 on each of 2 workers.*use REPLICAS=2, or more mach"
    ):
        cluster_strategy(4, HERE)


def test_metrics_of_all_workers_come_back_to_each(monkeypatch):
    """Two metrics on two workers with two replicas each: a checkpoint has them as four replicas of one."""
    names = [["m1r0", "m1r1", "m2r0", "m2r1"], ["m1r2", "m1r3", "m2r2", "m2r3"]]
    packed = []

    def all_together(content):
        packed.append(content)
        return packed

    monkeypatch.setattr("common.training.cluster.gathered", all_together)

    def be(number):
        here = dataclasses.replace(HERE, number=number)
        monkeypatch.setattr("common.training.cluster.cluster", lambda: here)

    for number, own in enumerate(names):
        be(number)
        stored = of_all_workers([np.array(name) for name in own], 2)
    assert [str(one) for one in stored] == [f"m{m}r{r}" for m in (1, 2) for r in range(4)]
    for number, own in enumerate(names):
        be(number)
        assert [str(one) for one in of_this_worker(stored, 2)] == own
