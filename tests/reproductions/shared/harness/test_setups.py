"""The papers' machines: what they are called, and that they are those of the recipes as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from common.errors import UserError
from reproductions.mtlface.experiments import RECIPES as RECOGNITION
from reproductions.mtlface.synthesis.experiments import RECIPES as SYNTHESIS
from reproductions.neighborhood_loss.experiments import RECIPES as AGES
from reproductions.shared.harness.registry import papers
from reproductions.shared.harness.setups import every_setup, setup_for

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    ("name", "replicas", "recipes"),
    [("mtlface-8gpu", 8, RECOGNITION), ("mtlface-8gpu", 8, SYNTHESIS), ("neighborhood-4gpu", 4, AGES)],
)
def test_a_setup_has_the_batch_of_the_profile_that_is_as_printed(name, replicas, recipes):
    _, setup = every_setup(papers())[name]
    assert (setup.replicas, setup.batch) == (replicas, recipes["paper"].batch)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            ("mtlface-8gpu", "jmcnn", "paper"),
            r"mtlface-8gpu is the set-up of mtlface, not of jmcnn: leave SETUP",
        ),
        (
            ("mtlface-8gpu", "mtlface", "gpu"),
            r"the gpu profile is for one GPU: mtlface-8gpu, a batch of 512 .* goes with PROFILE=paper",
        ),
        (("mtlface-4gpu", "mtlface", "paper"), "unknown set-up 'mtlface-4gpu': did you mean 'mtlface-8gpu'"),
    ],
)
def test_a_setup_that_cannot_be_had_is_refused(asked, sentence):
    with pytest.raises(UserError, match=sentence):
        setup_for(*asked, papers())


def test_make_and_the_page_of_machines_name_every_setup():
    help_text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (listed,) = re.findall(r"SETUP=([a-z0-9|-]+) ", help_text)
    page = (ROOT / "reproductions" / "machines.md").read_text(encoding="utf-8")
    assert set(listed.split("|")) == every_setup(papers()).keys()
    assert all(f"SETUP={name}" in page for name in every_setup(papers()))
