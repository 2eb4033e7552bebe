"""Make the virtual environment that every make target runs in: ``python environment.py FOLDER``.

It can be interrupted at any moment and run again. It needs Python alone: where ensurepip is missing, which
Debian keeps in a package of its own, pip is fetched from the package index.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent.parent
READY = ".ready"
PIP = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
WITHOUT_PIP = (
    "install the package python3-venv (Debian, Ubuntu: apt install python3-venv) and run make setup again"
)


class SetupError(Exception):
    """A sentence that says what kept the environment from being made."""


def main(folder: Path) -> None:
    """Make `folder` a virtual environment with everything pinned in it, and mark it ready.

    Raises:
        SetupError: it cannot be made.
    """
    with alone(folder) as waited:
        if not (waited and (folder / READY).exists()):
            make(folder)
    print(f"{folder} is ready.", flush=True)


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """While the block lasts, no other process makes an environment beside `folder`; yield whether one did."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        where = os.open(folder.parent, os.O_RDONLY)
    except OSError as error:
        raise SetupError(
            f"{folder} cannot be made ({error.strerror}): give another folder, VENV=..."
        ) from error
    waited = False
    try:
        try:
            fcntl.flock(where, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = True
            print(f"Waiting for another make, which is making {folder}.", flush=True)
            fcntl.flock(where, fcntl.LOCK_EX)
        except OSError:
            # A file system without locks: then nothing keeps two apart.
            pass
        yield waited
    finally:
        os.close(where)


def make(folder: Path) -> None:
    """Make the environment; as of `main`, which sees to it that nobody else does."""
    python = folder / "bin" / "python"
    (folder / READY).unlink(missing_ok=True)
    if not works(python):
        print(f"Making the virtual environment {folder} with Python {sys.version.split()[0]}.", flush=True)
        create(folder)
    print("Installing the pinned requirements; the first time takes a few minutes.", flush=True)
    requirements = [f"--requirement={ROOT / name}" for name in ("requirements.txt", "requirements-dev.txt")]
    pip(python, *requirements, f"--constraint={ROOT / 'constraints.txt'}")
    # Its build warns that an editable installation follows the checkout, which is what it is for.
    os.environ["PYTHONWARNINGS"] = "ignore"
    pip(python, "--no-deps", "--no-build-isolation", f"--editable={ROOT}")
    (folder / READY).touch()


def works(python: Path) -> bool:
    """Return whether `python` is there, of this version, and has pip."""
    if not python.exists():
        return False
    check = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return subprocess.run([python, "-I", "-c", check], capture_output=True).returncode == 0


def create(folder: Path) -> None:
    """Make an empty environment with pip in it, instead of what may stand there."""
    bundled = importlib.util.find_spec("ensurepip") is not None
    options = [] if bundled else ["--without-pip"]
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", *options, folder])
    if made.returncode != 0:
        raise SetupError(f"Python's venv module could not make {folder}: {WITHOUT_PIP}")
    if not bundled:
        with tempfile.TemporaryDirectory() as temporary:
            wheel = fetch_pip(Path(temporary))
            pip(folder / "bin" / "python", "--no-index", str(wheel), program=wheel / "pip")


def fetch_pip(folder: Path) -> Path:
    """Download the pinned pip from the package index into `folder` and return the wheel."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    print(f"This Python has no ensurepip: fetching pip from {index}", flush=True)
    try:
        with urllib.request.urlopen(index, timeout=60) as page:
            links = re.findall(r'href="([^"#]+)', page.read().decode())
        link = next((link for link in links if link.endswith(f"/{PIP}")), None)
        if link is None:
            raise SetupError(f"{index} does not offer {PIP}: {WITHOUT_PIP}")
        with urllib.request.urlopen(urljoin(index, link), timeout=60) as file:
            content = file.read()
    except (urllib.error.URLError, TimeoutError) as error:
        reason = getattr(error, "reason", error)
        raise SetupError(f"pip could not be fetched from {index} ({reason}): {WITHOUT_PIP}") from error
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        raise SetupError(f"what {index} offers as {PIP} has another checksum: {WITHOUT_PIP}")
    wheel = folder / PIP
    wheel.write_bytes(content)
    return wheel


def pip(python: Path, *arguments: str, program: Path | None = None) -> None:
    """Run ``pip install`` in the environment, with the pip in it or with `program`."""
    start = [python, "-I", program] if program else [python, "-I", "-m", "pip"]
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    done = subprocess.run([*start, "install", "--disable-pip-version-check", *quiet, *arguments])
    if done.returncode != 0:
        raise SetupError(
            "the packages could not be installed, for the reason pip gives above: "
            "mend that (network, disk space) and run the same command again; it goes on from there"
        )


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except SetupError as error:
        sys.exit(f"error: {error}.")
    except KeyboardInterrupt:
        sys.exit("\ninterrupted: the same command goes on from there.")
