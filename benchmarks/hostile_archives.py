"""More than a hundred hostile archives, unpacked with bounded memory and time, one process each.

    python -m benchmarks.hostile_archives [--show] [--only WORD]

Each must end with the files that belong in it, or with the one sentence that names what is wrong; nothing
may be written elsewhere, and of a refused archive nothing may stay. `--show` prints all outcomes, not the bad
ones only.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import sys
import tempfile
from pathlib import Path

from benchmarks.archive_cases import Case
from benchmarks.tar_cases import tar_cases
from benchmarks.trials import Outcome, attempt, report
from benchmarks.zip_cases import zip_cases
from common.errors import UserError
from data_prep.obtaining.archives import unpack

MEMORY = 300 << 20
SECONDS = 20.0


def main() -> int:
    """Try all cases and print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    outcomes = {
        name: tried(case) for name, case in (tar_cases() | zip_cases()).items() if options.only in name
    }
    return report("hostile archives", outcomes, show=options.show)


def tried(case: Case) -> Outcome:
    """Unpack a case in a folder of its own and return how that ended."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        archive = Path(folder) / "archive"
        archive.write_bytes(case.content())
        return attempt(functools.partial(check, case, archive), memory=MEMORY, seconds=SECONDS)


def check(case: Case, archive: Path) -> None:
    """Unpack `archive` beside itself and hold what is there against what the case expects.

    Raises:
        UserError: as `unpack`, where the case says so.
        AssertionError: the outcome is another, or something lies where it should not.
    """
    target = archive.parent / "target"
    told = None
    try:
        unpack(archive, target, quiet=True)
    except UserError as error:
        told = error
    if told is not None:
        assert os.listdir(archive.parent) == ["archive"], f"left behind: {os.listdir(archive.parent)}"
        assert case.told is not None and re.search(case.told, str(told)), f"told {told}"
        raise told
    assert sorted(os.listdir(archive.parent)) == ["archive", "target"], os.listdir(archive.parent)
    found = {
        os.fsencode(path.relative_to(target)): path.read_bytes()
        for path in target.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    assert case.files, f"unpacked {sorted(found)[:5]}"
    assert found == {os.fsencode(name): content for name, content in case.files.items()}, sorted(found)[:5]


if __name__ == "__main__":
    sys.exit(main())
