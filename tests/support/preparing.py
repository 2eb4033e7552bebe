"""A small set prepared with few and small crops, and what it leaves on the disk."""

from __future__ import annotations

import os
import signal

from common.files import sha256_file
from data_prep.preparation import making
from data_prep.preparation.prepare import prepare
from tests.support.image_files import FolderSet

SETTINGS = {"size": 32, "template": "utkface", "workers": 1, "shard_images": 10}


def run(tmp_path, **options):
    card = options.pop("card", FolderSet())
    return prepare(card, tmp_path / "data", tmp_path / "prepared", **{**SETTINGS, **options})


def contents(folder):
    """Hash every file but the manifest, whose speed differs from run to run."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(p.relative_to(folder)): sha256_file(p) for p in paths if p.name not in ("manifest.json", ".lock")
    }


def run_until_killed(tmp_path, rename):
    """Prepare the set as `run` does, in this process alone, and end it by SIGKILL at its n-th rename."""
    left, replace = [None] * rename, os.replace

    def kill_in_time(source, target):
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left.pop()
        replace(source, target)

    os.replace = kill_in_time
    making.ordered_map = lambda function, items, workers, crashed: map(function, items)
    run(tmp_path)
