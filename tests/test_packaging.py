"""What is installed is what is pinned, and the files around the code agree with one another."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s#]+)")


def pins(name: str) -> dict[str, str]:
    """Return version by distribution; every line that is no comment must be one exact pin."""
    lines = [
        line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]
    found = [PIN.match(line) for line in lines]
    assert all(found), f"{name} has a line that pins nothing"
    return {re.sub(r"[-_.]+", "-", match[1]).lower(): match[2] for match in found}


def test_exactly_one_cv2_is_installed():
    """Two OpenCV distributions write into one folder; which cascades are there is then chance."""
    owners = importlib.metadata.packages_distributions()["cv2"]
    assert set(owners) == {"opencv-contrib-python-headless"}
    installed = [dist.name for dist in importlib.metadata.distributions() if dist.name.startswith("opencv")]
    assert installed == ["opencv-contrib-python-headless"]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_alike_and_say_why(name):
    constraints = pins("constraints.txt")
    for distribution, version in pins(name).items():
        assert constraints[distribution] == version
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        assert re.search(r"# \S+ \S+", line), f"{line!r} does not say why it is here"


def test_constraints_pin_everything_that_the_requirements_bring():
    """Follow what the installed packages require in turn: each must be pinned."""
    constraints = pins("constraints.txt")
    todo, seen = list(pins("requirements.txt") | pins("requirements-dev.txt")), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        assert name in constraints, f"{name} is not pinned"
        todo += [
            re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", line)[0]).lower()
            for line in importlib.metadata.requires(name) or []
            if "extra ==" not in line and applies(line)
        ]
    assert constraints["keras"].startswith("3.")


def applies(requirement: str) -> bool:
    """Return whether a requirement's marker holds on this machine."""
    from packaging.requirements import Requirement

    marker = Requirement(requirement).marker
    return marker is None or marker.evaluate()


def test_project_has_one_version_and_one_licence():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {project['version']}\n" in citation
    assert f"\nlicense: {project['license']}\n" in citation
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_no_image_but_figures_is_tracked():
    """Pictures of people must never be committed; figures under results and sheets of generated faces may."""
    suffixes = {".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".tfrecord", ".mat", ".pts"}
    ignored = {".git", ".venv", "data", "prepared", "runs", "build", "dist"}
    found = [
        path.relative_to(ROOT).as_posix()
        for folder in ROOT.iterdir()
        if folder.is_dir() and folder.name not in ignored
        for path in folder.rglob("*")
        if path.suffix.lower() in suffixes
    ]
    assert found == []
