"""Options that do not exist, or say neither yes nor no, are refused before anything is done."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.support.makefile import ROOT, VARIABLES, make

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def test_every_variable_is_an_option_and_every_option_does_something():
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    either = re.search(r"^YES_OR_NO = (.*)$", text, re.MULTILINE)[1].split()
    taken = re.search(r"^TAKEN = \$\(YES_OR_NO\) (.*)$", text, re.MULTILINE)[1].split()
    assert {*either, *taken} == VARIABLES
    assert set(re.findall(r"\$\(filter (?:yes|no),\$\(value ([A-Z_]+)\)", text)) == set(either)


@pytest.mark.parametrize("given", ["ANOTATE=yes", "SEED=2", "DATA_ROT=../faces", "seeds=1,2", "EPOCHS=3"])
def test_an_option_that_does_not_exist_is_refused(given):
    done = make("help", given)
    assert done.returncode == 2
    assert f"there is no option {given.partition('=')[0]}: the options are ANNOTATE COLUMN" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    "given", ["ANNOTATE=Yes", "RESUME=false", "DETERMINISTIC=0", "MIRROR=$(shell touch pwn)"]
)
def test_a_yes_or_no_is_one_of_them(given):
    done = make("help", given)
    name, _, value = given.partition("=")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{name} is yes or no, not {value}." in done.stderr
    assert not (ROOT / "pwn").exists()


@pytest.mark.parametrize(
    "given", ["TF_CONFIG={}", "CUDA_VISIBLE_DEVICES=0", "RESUME=", "SHELL=/bin/sh", "TWINS=yes"]
)
def test_what_libraries_read_and_what_is_empty_is_let_through(given):
    assert make("help", given).returncode == 0
