"""Who the workers are by TF_CONFIG; what they do together is in tests/common/training/test_cluster.py."""

import json

import pytest

from common import workers
from common.errors import UserError
from common.workers import (
    Cluster,
    WorkerLost,
    agreed,
    cluster,
    gathered,
    is_chief,
    leave,
    lost_told,
    together,
)

TWO = {"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}
CHIEF = {"cluster": {"chief": ["c:9"], "worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}


def told(monkeypatch, content):
    monkeypatch.setenv("TF_CONFIG", content if isinstance(content, str) else json.dumps(content))


def test_workers_are_numbered_in_their_order(monkeypatch):
    told(monkeypatch, TWO)
    assert cluster() == Cluster(("a:1", "b:2"), 1, (("worker", 2),))
    assert not is_chief()


def test_a_chief_comes_before_the_workers(monkeypatch):
    told(monkeypatch, CHIEF)
    assert cluster() == Cluster(("c:9", "a:1", "b:2"), 2, (("chief", 1), ("worker", 2)))
    told(monkeypatch, {**CHIEF, "task": {"type": "chief", "index": 0}})
    assert is_chief() and cluster().number == 0


@pytest.mark.parametrize(
    "content", ["", "  ", {"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}}]
)
def test_one_worker_trains_alone(monkeypatch, content):
    told(monkeypatch, content)
    assert cluster() is None
    assert is_chief()
    assert agreed("this", lambda: [1.5, "x"]) == [1.5, "x"]
    assert gathered(b"own") == [b"own"]
    together("a test")
    leave()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{cluster", "it is no JSON"),
        ("[]", "list indices"),
        ({}, "it has no 'cluster'"),
        ({"cluster": {}}, "it lists no worker"),
        ({"cluster": {"worker": ["a", "b:2"]}}, "'a' is no host:port"),
        ({"cluster": {"worker": [1, "b:2"]}}, "1 is no host:port"),
        ({"cluster": {"worker": ["a:1", "a:1"]}}, "two workers have the address a:1"),
        ({"cluster": {"chief": ["a:1", "b:1"]}}, "it has more than one chief"),
        ({"cluster": {"ps": ["a:1"], "worker": ["b:1"]}}, "tasks of the kind 'ps'"),
        ({"cluster": TWO["cluster"]}, "its task, None None, is none"),
        ({**TWO, "task": {"type": "worker", "index": 2}}, "its task, worker 2, is none"),
        ({**TWO, "task": {"type": "worker", "index": True}}, "its task, worker True, is none"),
        ({**TWO, "task": {"type": "evaluator", "index": 0}}, "its task, evaluator 0, is none"),
        ({**TWO, "task": 3}, "no attribute"),
    ],
)
def test_what_names_no_workers_is_refused_in_a_sentence(monkeypatch, content, reason):
    told(monkeypatch, content)
    with pytest.raises(UserError, match=r"TF_CONFIG does not say which machines train together") as caught:
        cluster()
    assert reason in str(caught.value)
    assert "unset it" in str(caught.value)


def test_a_process_may_work_alone_in_spite_of_the_others(monkeypatch):
    told(monkeypatch, TWO)
    monkeypatch.setattr(workers, "_alone", False)
    workers.work_alone()
    assert cluster() is None


HEARTBEATS = (
    "Collective ops is aborted by: Error reported from /job:worker/task:0: The following tasks are unhealthy "
    "(stopped sending heartbeats):\n/job:worker/replica:0/task:0\nThe tasks have crashed."
)


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (HEARTBEATS, r"worker 1 stops, for worker 0 \(a:1\) is gone"),
        (HEARTBEATS.replace("task:0", "task:1"), "worker 1 stops, for another one is gone"),
        ("Collective ops is aborted by: Socket closed", "worker 1 stops, for another one is gone"),
    ],
)
def test_a_lost_worker_is_told_in_a_sentence(monkeypatch, message, sentence):
    import tensorflow as tf

    told(monkeypatch, TWO)
    with pytest.raises(WorkerLost, match=sentence), lost_told():
        raise tf.errors.UnavailableError(None, None, message)


def test_other_errors_stay_what_they_are(monkeypatch):
    import tensorflow as tf

    told(monkeypatch, TWO)
    with pytest.raises(tf.errors.InternalError), lost_told():
        raise tf.errors.InternalError(None, None, "no room")
