"""What ``pip install .`` puts elsewhere answers there: the code, and the networks beside it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from reproductions.shared.networks import manifest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The folder that a wheel of the checkout would unpack; nothing is written into the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-c", "from setuptools import setup; setup()", "-q"]
    steps = ["egg_info", "--egg-base", str(folder), "build_py", "--build-lib", str(folder / "lib")]
    done = subprocess.run([*build, *steps], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "lib"


def test_all_that_the_code_reads_beside_it_is_there(library):
    tracked = subprocess.run(
        ["git", "ls-files", "common", "data_prep", "reproductions", "networks"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    pages = {name for name in tracked if name.endswith(".md") and name.startswith("reproductions/")}
    wanted = (set(tracked) - pages) | {"reproductions/shared/networks/export_readme.md"}
    there = {path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file()}
    assert wanted <= there
    assert {path.name for path in library.iterdir()} == {"common", "data_prep", "reproductions", "networks"}


def test_photographs_are_answered_by_the_networks_that_were_installed(library, tmp_path):
    program = f"""
        import sys
        sys.path.insert(0, {str(library)!r})
        from reproductions import photos
        from reproductions.shared.networks import manifest
        from reproductions.shared.networks.example import example_picture
        (face,) = photos.ages(example_picture())
        print(photos.__file__, manifest.NETWORKS, face.gender.name, sep="\\n")
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(program)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    module, networks, gender = done.stdout.splitlines()
    assert Path(module).is_relative_to(library) and Path(networks) == library / "networks"
    assert gender in manifest.read(manifest.NETWORKS).networks["gender"].names
