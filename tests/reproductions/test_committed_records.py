"""Every committed record belongs to an experiment of today: none is orphaned by a change of code unseen."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from common.evidence import records
from common.files import sha256_json
from reproductions.mtlface.synthesis import experiments as synthesis
from reproductions.mtlface.synthesis.guide import GUIDE, Guide
from reproductions.mtlface.synthesis.judges import AGE, IDENTITY, SECOND, Judge
from reproductions.shared.harness.experiments import Experiment

RESULTS = Path(__file__).resolve().parents[2] / "results"
MODULES = {
    "age-gender": ("reproductions.age_gender.experiments",),
    "detectors": ("reproductions.detectors.experiments",),
    "jmcnn": ("reproductions.jmcnn.experiments",),
    "mtlface": ("reproductions.mtlface.experiments", "reproductions.mtlface.synthesis.experiments"),
    "neighborhood": ("reproductions.neighborhood_loss.experiments",),
}


def experiments_in(value: Any) -> Iterator[Experiment]:
    if isinstance(value, Experiment):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from experiments_in(one)


def foundations(profile: str) -> Iterator[Any]:
    """Yield what the rows of synthesis rest on."""
    for row in (synthesis.MTLFACE, *synthesis.HALVED):
        encoder, recipe = row.encoder(profile), row.recipe(profile)
        yield encoder
        named = encoder.name.replace(synthesis.ENCODER, GUIDE)
        yield Guide(recipe, encoder.configuration(profile), named)
        judges = (AGE, IDENTITY, SECOND) if row.halved else (AGE, IDENTITY)
        yield from (Judge(name, recipe, row.halved) for name in judges)


def today(paper: str, profile: str) -> set[tuple[str, str]]:
    """Return (experiment, hash of its configuration) of all that the paper can run."""
    found = [
        one
        for module in MODULES[paper]
        for value in vars(import_module(module)).values()
        for one in experiments_in(value)
    ]
    if paper == "mtlface":
        found += foundations(profile)
    return {(one.name, sha256_json(one.configuration(profile))) for one in found}


@pytest.mark.parametrize("paper", MODULES)
def test_every_committed_record_is_of_an_experiment_of_today(paper):
    committed = records.load(RESULTS, paper)
    assert committed
    known = {profile: today(paper, profile) for profile in {one.profile for one in committed}}
    orphans = [
        one.run for one in committed if (one.experiment, one.configuration_hash) not in known[one.profile]
    ]
    assert orphans == []
