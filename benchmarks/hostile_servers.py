"""More than two hundred hostile servers on the loopback interface, each asked by a process of its own.

    python -m benchmarks.hostile_servers [--show] [--only WORD]

Each must end with the right file or with the one sentence that names what is wrong; a part that can be gone
on with stays. Sixty seconds of patience are shortened to 0.4, and pauses between tries are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import re
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.resume_cases import resume_cases
from benchmarks.server_answers import CONTENT, Case, Request, notes
from benchmarks.server_cases import server_cases
from benchmarks.trials import Outcome, attempt, report
from common.errors import UserError
from data_prep.obtaining import connections
from data_prep.obtaining.download import fetch

MEMORY = 200 << 20
SECONDS = 20.0
PATIENCE = 0.4
MOST_REQUESTS = 200


def main() -> int:
    """Try all cases and print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    connections.TIMEOUT = PATIENCE
    outcomes = {
        name: tried(case) for name, case in (server_cases() | resume_cases()).items() if options.only in name
    }
    return report("hostile servers", outcomes, show=options.show)


def tried(case: Case) -> Outcome:
    """Fetch from the server of a case into a folder of its own and return how that ended."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        return attempt(functools.partial(check, case, Path(folder)), memory=MEMORY, seconds=SECONDS)


def check(case: Case, folder: Path) -> None:
    """Fetch from the server of a case and hold what came against what it expects.

    Raises:
        UserError: as `fetch`, where the case says so.
        AssertionError: the outcome is another.
    """
    path, told = folder / "file.tar", None
    part = folder / "file.tar.part"
    with serving(case) as address:
        if case.part is not None:
            part.write_bytes(case.part)
        if case.part is not None or case.notes is not None:
            text = notes(address) if case.notes is None else case.notes.replace(b"ADDRESS", address.encode())
            (folder / "file.tar.part.json").write_bytes(text)
        try:
            fetch(address, path, case.checksum, quiet=True, sleep=lambda _: None)
        except UserError as error:
            told = error
    left = {item.name for item in folder.iterdir()}
    if told is None:
        assert case.told is None or case.either, "fetched"
        assert path.read_bytes() == CONTENT, "another file"
        assert not left & {"file.tar.part", "file.tar.part.json"}, left
        return
    assert case.told is not None and re.search(case.told, str(told)), f"told {told}"
    assert not path.exists(), "a file in spite of the sentence"
    if case.keeps is not None:
        have = part.stat().st_size if part.exists() else 0
        right = have >= -case.keeps if case.keeps < 0 else have == case.keeps
        assert right and part.read_bytes() == CONTENT[:have], f"{have:,} bytes kept"
    raise told


@contextlib.contextmanager
def serving(case: Case) -> Iterator[str]:
    """Run the server of a case on the loopback interface and yield the address of its file."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scheme = "https" if case.https else "http"
        address = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/file.tar"
        threading.Thread(target=_serve, args=(listener, case, address), daemon=True).start()
        yield address


def _serve(listener: socket.socket, case: Case, address: str) -> None:
    for number in range(MOST_REQUESTS):
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # closed at the end of the case
        threading.Thread(target=_answer, args=(connection, case, number, address), daemon=True).start()


def _answer(connection: socket.socket, case: Case, number: int, address: str) -> None:
    # Whatever the client does, and if it is gone.
    with contextlib.suppress(OSError), connection:
        asked = connection.recv(1 << 17)
        path = asked.split(b" ", 2)[1].decode("latin-1") if asked.count(b" ") > 1 else ""
        start = re.search(rb"\r\nRange: bytes=(\d{1,18})-\r\n", asked)
        request = Request(number, path, int(start[1]) if start else None, address)
        for piece in case.answer(request):
            if isinstance(piece, float):
                time.sleep(piece)
            else:
                connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(1.0)
        connection.recv(1)  # until the client has read all: a reset would take from it what is on its way


if __name__ == "__main__":
    sys.exit(main())
