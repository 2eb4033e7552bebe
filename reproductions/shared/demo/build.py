"""The demonstration for a browser as a folder of static files, which any web server can hand out.

<folder>/index.html, style.css, *.js    as they stand in page/
<folder>/networks.json                  what the page needs to know of the networks, out of their manifest
<folder>/*.onnx                         the detector, and the published networks that it has a use for
<folder>/card.html                      their cards
<folder>/ort/                           ONNX Runtime compiled to WebAssembly, fetched by npm
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import string
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from common.errors import UserError, clause
from common.evidence.page.html import tag
from common.evidence.page.markdown import page_html
from common.faces import priors, retinaface_mobilenet
from common.files import atomic_write, require_writable_folder, sha256_file, write_json
from reproductions.shared.networks import ages, manifest
from reproductions.shared.networks.published import (
    Published,
    PublishedAges,
    PublishedGenders,
    PublishedRecognition,
    PublishedSynthesis,
)
from reproductions.shared.photographs.finding import CLOSER, GROUP, SIDE

PAGE = Path(__file__).resolve().parent / "page"
"""Where the page stands as it was written."""

OUT = Path("runs") / "demo" / "page"
PACKAGES = Path("runs") / "demo" / "packages"
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
KINDS = ("age", "gender", "recognition", "synthesis")
"""Networks that the page has a use for; it cannot do without the first."""

_MODULES = ("*.html", "*.css", "*.js")
_LOCAL_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]+\)")


def build(out: Path = OUT, networks: Path = manifest.NETWORKS, packages: Path = PACKAGES) -> Path:
    """Write the demonstration into a folder and return its page.

    Args:
        out: the folder; files of the same names are replaced.
        networks: folder of published networks.
        packages: folder in which npm installs; what it holds already is not fetched again.

    Raises:
        UserError: a network is gone or another, npm is missing or fails, or the folder cannot be written.
    """
    known = described(networks)
    runtime = installed(packages)
    require_writable_folder(out, "another folder with --out (OUT=...)")
    written = {
        path.name: path for pattern in _MODULES for path in PAGE.glob(pattern) if path.name != "card.html"
    }
    files = {known["detector"]["file"]: retinaface_mobilenet.WEIGHTS}
    files |= {one["file"]: networks / one["file"] for one in known["networks"].values()}
    files |= written | {f"ort/{name}": runtime / name for name in RUNTIME}
    for name, path in files.items():
        with atomic_write(out / name, "wb") as file:
            file.write(path.read_bytes())
    write_json(out / "networks.json", known)
    with atomic_write(out / "card.html") as file:
        file.write(cards(networks, known["networks"]))
    return out / "index.html"


def described(networks: Path) -> dict[str, Any]:
    """Return what the page needs to know of the detector and the networks, as networks.json holds it.

    Raises:
        UserError: the folder has no networks, or a file of theirs is gone or another.
    """
    found = {}
    for name, one in manifest.read(networks).networks.items():
        if name in KINDS:
            _require(networks / one.file, one.sha256)
            found[name] = {"file": one.file, "input": dataclasses.asdict(one.input), **_own(one)}
    if KINDS[0] not in found:
        raise UserError(
            f"{networks} holds no network {KINDS[0]}, which the demonstration cannot do without: name "
            "another folder (NETWORK=...), or leave it out for the networks that come with the suite."
        )
    _require(retinaface_mobilenet.WEIGHTS, retinaface_mobilenet.SHA256)
    detector = {
        "name": retinaface_mobilenet.RetinaFaceMobileNet.name,
        "file": retinaface_mobilenet.WEIGHTS.name,
        "outputs": ["loc", "conf", "landmarks"],
        "first": SIDE,
        "side": retinaface_mobilenet.SIDE,
        "closer": CLOSER[retinaface_mobilenet.RetinaFaceMobileNet.name]["side"],
        "group": GROUP,
        "threshold": retinaface_mobilenet.THRESHOLD,
        "mean": retinaface_mobilenet.MEAN.tolist(),
        "priors": priors.PRIORS,
        "centre": priors.CENTRE,
        "size": priors.SIZE,
        "overlap": priors.OVERLAP,
    }
    return {"detector": detector, "networks": found, "much": ages.MUCH}


def _own(one: Published) -> dict[str, Any]:
    """Return what the page needs to know of a network besides its file and input."""
    match one:
        case PublishedAges(photographs=chain):
            calibration = dataclasses.asdict(chain.calibration)
            return {"across": chain.across, "found_by": chain.detector, "calibration": calibration}
        case PublishedGenders():
            return {"across": one.across, "names": one.names, "temperature": one.temperature}
        case PublishedRecognition():
            rate = one.false_match_rate
            return {"threshold": one.threshold, "false_match_rate": rate, "border": one.border}
        case PublishedSynthesis():
            return {"groups": one.groups, "border": one.border}
    return {}


def installed(packages: Path = PACKAGES) -> Path:
    """Return the folder that holds ONNX Runtime for browsers, fetched by npm where it is not there yet.

    Raises:
        UserError: npm is missing, or cannot fetch what package-lock.json names.
    """
    runtime = packages / "node_modules" / "onnxruntime-web" / "dist"
    mark = packages / "installed"
    lock = PAGE / "package-lock.json"
    if mark.is_file() and mark.read_text("utf-8") == sha256_file(lock) and runtime.is_dir():
        return runtime
    npm = shutil.which("npm")
    if npm is None:
        raise UserError(
            "the demonstration needs npm, which comes with Node.js, to fetch ONNX Runtime for browsers: "
            "install it (Debian, Ubuntu: apt install npm) and run the same command again."
        )
    require_writable_folder(packages, "room there")
    for name in ("package.json", lock.name):
        shutil.copyfile(PAGE / name, packages / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=packages, capture_output=True, text=True)
    if done.returncode or not all((runtime / name).is_file() for name in RUNTIME):
        said = clause(RuntimeError(done.stderr or done.stdout))[:300]
        raise UserError(
            f"npm could not fetch ONNX Runtime for browsers ({said}): look at the network and try again."
        )
    with atomic_write(mark) as file:
        file.write(sha256_file(lock))
    return runtime


def cards(networks: Path, names: Iterator[str] | dict[str, Any]) -> str:
    """Return the cards of the networks as one page."""
    parts = []
    for name in names:
        path = networks / f"{name}.md"
        if not path.is_file():
            raise UserError(f"there is no card {path}: restore it (git checkout networks).")
        text = _LOCAL_LINK.sub(r"\1", path.read_text("utf-8"))
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        parts.append(
            tag("h1", page_html(title[1], "").removeprefix("<p>").removesuffix("</p>")) if title else ""
        )
        # The page of all results has headings above; here the title is the one above.
        parts.append(page_html(text, "").replace("<h5>", "<h2>").replace("</h5>", "</h2>"))
    return string.Template((PAGE / "card.html").read_text("utf-8")).substitute(cards="".join(parts))


def _require(path: Path, sha256: str) -> None:
    if not path.is_file() or sha256_file(path) != sha256:
        raise UserError(f"{path} is not the network that was published: restore it (git checkout networks).")
