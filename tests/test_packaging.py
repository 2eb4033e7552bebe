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


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements-backends.txt",
        "requirements-bench.txt",
        "requirements-dev.txt",
        "requirements-export.txt",
        "requirements-judges.txt",
        "requirements-scale.txt",
    ],
)
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


@pytest.mark.parametrize(
    "page", sorted((ROOT / "reproductions").glob("*/README.md")), ids=lambda page: page.parent.name
)
def test_the_page_of_a_study_lists_its_files(page):
    """Those in the table of files, and no others: it is where a reader begins."""
    rows = re.findall(
        r"^\| (`[\w/]+\.py`(?:, `[\w/]+\.py`)*) \|", page.read_text(encoding="utf-8"), re.MULTILINE
    )
    listed = {name for row in rows for name in re.findall(r"`([\w/]+\.py)`", row)}
    there = {path.relative_to(page.parent).as_posix() for path in page.parent.glob("*.py")}
    assert {name for name in listed if "/" not in name} == there - {"__init__.py"}
    assert all((page.parent / name).is_file() for name in listed)


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", *sorted((ROOT / "reproductions").rglob("README.md"))],
    ids=lambda page: page.parent.name,
)
def test_what_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:common|data_prep|reproductions|tests|benchmarks)/[\w/.]+)`", text):
        assert (ROOT / path).exists(), f"{page} names {path}"
    for link in re.findall(r"\]\(((?!http)[^)#]+)\)", text):
        assert (page.parent / link).exists(), f"{page} links to {link}"
