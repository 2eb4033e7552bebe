"""Preparing a set while something goes wrong: an interruption, a kill, a full disk, another process."""

import contextlib
import errno
import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from common.errors import UserError
from data_prep.preparation import prepare as module
from data_prep.preparation.prepare import prepare
from data_prep.prepared.index import load
from tests.support import forked
from tests.support.image_files import FolderSet, write_set
from tests.support.preparing import SETTINGS, contents, run, run_until_killed

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("step", range(9))
def test_an_interruption_at_any_write_changes_nothing_in_the_end(tmp_path, in_process, monkeypatch, step):
    write_set(tmp_path / "data", 25)
    undisturbed = contents(prepare(FolderSet(), tmp_path / "data", tmp_path / "other", **SETTINGS).folder)
    writes = 0
    replace = os.replace

    def interrupted(source, target):
        nonlocal writes
        writes += 1
        if writes == step + 1:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path)
    with pytest.raises(UserError, match="holds no finished prepared set"):
        load(tmp_path / "prepared" / "folder-utkface-32-auto")
    monkeypatch.setattr("os.replace", replace)
    assert contents(run(tmp_path).folder) == undisturbed


KILLED = """
import time
from data_prep.preparation import parts
from data_prep.preparation.prepare import prepare
from tests.support.image_files import FolderSet

write = parts.write_shard
def slow(path, jpegs):
    def trickle():
        for jpeg in jpegs:
            yield jpeg
            time.sleep(0.05)
    write(path, trickle())
parts.write_shard = slow
prepare(FolderSet(), {data!r}, {prepared!r}, size=32, template="utkface", workers=1, shard_images=10)
"""


def test_a_killed_run_leaves_no_worker_and_goes_on_where_it_was(tmp_path, in_process):
    write_set(tmp_path / "data", 25)
    folder = tmp_path / "prepared" / "folder-utkface-32-auto"
    code = KILLED.format(data=str(tmp_path / "data"), prepared=str(tmp_path / "prepared"))
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.DEVNULL)
    _wait_for(lambda: (folder / "parts" / "00000.json").exists() or process.poll() is not None)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = (folder / "shard-00000.tfrecord").stat()
    assert not (folder / "shard-00002.tfrecord").exists()
    assert psutil.wait_procs(workers, timeout=60)[1] == []

    prepared = run(tmp_path)
    assert prepared.manifest["speed"]["images"] in (5, 15)
    assert (folder / "shard-00000.tfrecord").stat() == kept
    assert not list(folder.rglob(".*.part"))
    undisturbed = prepare(FolderSet(), tmp_path / "data", tmp_path / "other", **SETTINGS)
    assert contents(folder) == contents(undisturbed.folder)
    assert prepared.fingerprint == undisturbed.fingerprint


def test_kills_at_renames_leave_nothing_behind_in_the_end(tmp_path, in_process):
    write_set(tmp_path / "data", 25)
    folder = tmp_path / "prepared" / "folder-utkface-32-auto"
    left = 0
    for rename in (0, 1, 1, 2, 0):
        process = forked.start(run_until_killed, tmp_path, rename)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        left += len(list(folder.rglob(".*.part")))
    assert left == 5
    undisturbed = prepare(FolderSet(), tmp_path / "data", tmp_path / "other", **SETTINGS)
    assert contents(run(tmp_path).folder) == contents(undisturbed.folder)
    assert not list(tmp_path.rglob("*.part"))


def _wait_for(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@contextlib.contextmanager
def largest_file(size):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_named_and_what_is_done_is_kept(tmp_path, in_process):
    write_set(tmp_path / "data", 20)
    folder = tmp_path / "prepared" / "folder-utkface-32-auto"
    with largest_file(2000), pytest.raises(UserError) as caught:
        run(tmp_path)
    assert str(caught.value).startswith(f"cannot write to {folder} (")
    assert str(caught.value).endswith(
        "): free space there or choose another folder; what is done so far is kept."
    )
    assert not list(folder.rglob("*.part"))
    assert len(run(tmp_path).index) == 20


def test_a_read_only_place_is_named(tmp_path, monkeypatch):
    write_set(tmp_path / "data", 1)

    def read_only(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(UserError, match=r"cannot write to .* \(Read-only file system\): free space there or"):
        run(tmp_path)


def test_of_two_at_once_the_second_waits_and_takes_what_the_first_made(
    tmp_path, in_process, monkeypatch, capsys
):
    write_set(tmp_path / "data", 3)
    first = run(tmp_path)
    manifest = first.folder / "manifest.json"
    manifest.rename(tmp_path / "manifest.json")
    monkeypatch.setattr(module, "_prepare", None)
    with ThreadPoolExecutor(1) as pool:
        with module._alone_in(first.folder):
            second = pool.submit(run, tmp_path)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            assert f"another process is preparing {first.folder}: waiting" in capsys.readouterr().err
            (tmp_path / "manifest.json").rename(manifest)
        assert second.result(timeout=60).fingerprint == first.fingerprint
