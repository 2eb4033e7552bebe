"""Signals that fall where Python throws exceptions away, twice, or into a library."""

import ctypes
import gc
import signal
import subprocess
import sys
import time
import weakref

import pytest

from common.interruption import Interrupted, Interruption, stop_if_asked


@pytest.fixture(autouse=True)
def _heard():
    """Also where the tests run in the background of a shell, which has Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


class Thing:
    pass


class Final:
    def __init__(self, number):
        self._number = number

    def __del__(self):
        signal.raise_signal(self._number)


def weak_reference(number):
    thing = Thing()
    reference = weakref.ref(thing, lambda _: signal.raise_signal(number))
    del thing
    return reference


def finaliser(number):
    Final(number)


def collector(number):
    def collected(phase, info):
        gc.callbacks.remove(collected)
        signal.raise_signal(number)

    gc.callbacks.append(collected)
    gc.collect()


def library(number):
    ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(number))()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("swallow", [weak_reference, finaliser, collector, library])
def test_what_python_throws_away_is_raised_again(swallow, number, capfd):
    def work():
        swallow(number)
        time.sleep(10)

    with pytest.raises(Interrupted) as caught, Interruption():
        work()
    assert caught.value.number == number
    assert capfd.readouterr().err == ""


def test_what_code_has_swallowed_is_raised_where_the_program_asks():
    with Interruption():
        stop_if_asked()
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Interrupted) as caught:
            stop_if_asked()
    assert caught.value.number == signal.SIGTERM
    stop_if_asked()


def test_a_signal_that_is_ignored_stays_so():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
    assert interruption.number is None
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_other_exceptions_that_are_thrown_away_are_shown_as_ever(monkeypatch):
    shown = []
    monkeypatch.setattr(sys, "unraisablehook", shown.append)
    with Interruption():
        ctypes.CFUNCTYPE(None)(lambda: [][0])()
    assert [one.exc_type for one in shown] == [IndexError]


SCRIPT = """
import hashlib, sys, time
from common.interruption import Interrupted, Interruption
with Interruption() as interruption:
    try:
        print("ready", flush=True)
        {work}
    except Interrupted as stopped:
        time.sleep(0.5)
        sys.exit(100 + stopped.number)
"""


def ended(work, number, pause):
    """Run `work` in a process, send it the signal twice, and return its status and what it says of it."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(work=work)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    time.sleep(0.2)  # into the work
    process.send_signal(number)
    time.sleep(pause)
    process.send_signal(number)
    _, error = process.communicate(timeout=30)
    return process.returncode, error


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_echo_of_the_signal_does_not_disturb_the_end(number):
    assert ended("time.sleep(30)", number, 0.02) == (100 + number, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_one_ends_at_once_what_a_library_is_busy_with(number):
    status, error = ended("hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)", number, 0.5)
    assert status == 128 + number
    assert error == "\nended at once: the next command goes on from what is finished.\n"
