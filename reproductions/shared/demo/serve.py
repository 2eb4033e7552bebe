"""``python -m reproductions demo``: the demonstration, built and handed out on this machine alone."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.interruption import Interrupted
from reproductions.shared.demo.build import OUT, build
from reproductions.shared.networks.manifest import NETWORKS

HOST, PORT = "127.0.0.1", 8765
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


class _Files(SimpleHTTPRequestHandler):
    """Hands out files with the headers that threads in a browser ask for, and the page's security policy."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".onnx": "application/octet-stream",
    }

    def __init__(self, *given: Any, policy: str, **options: Any) -> None:
        self._policy = policy
        super().__init__(*given, **options)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", f"{self._policy}; frame-ancestors 'none'")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing: who looks at what is nobody's business."""


@contextlib.contextmanager
def serving(folder: Path, port: int) -> Iterator[ThreadingHTTPServer]:
    """Open a server for a built folder; `serve_forever` of it hands the files out.

    Args:
        folder: as `build` writes it.
        port: on 127.0.0.1; 0 takes a free one.

    Raises:
        UserError: the port is taken or not allowed.
    """
    policy = _POLICY.search((folder / "index.html").read_text("utf-8"))
    assert policy is not None
    files = partial(_Files, directory=str(folder), policy=policy[1])
    try:
        server = ThreadingHTTPServer((HOST, port), files)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(
            f"port {port} of {HOST} cannot be used ({why}): give another with --port (PORT=...)."
        ) from error
    with server:
        yield server


def demo(*, port: int = PORT, out: Path = OUT, network: Path = NETWORKS, serve: bool = True) -> None:
    """Build the demonstration, and hand it out until Ctrl-C.

    Args:
        port: on 127.0.0.1.
        out: folder to build it in.
        network: folder of published networks.
        serve: hand it out; else it is built alone.

    Raises:
        UserError: see `build` and `serving`.
    """
    page = build(out, network)
    print(page, flush=True)
    if not serve:
        return
    with serving(page.parent, port) as server:
        print(f"http://{HOST}:{server.server_port}/ until Ctrl-C; nothing leaves this machine.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt as stopped:
            number = getattr(stopped, "number", signal.SIGINT)
            raise Interrupted(number, "the page is handed out no longer.") from None
