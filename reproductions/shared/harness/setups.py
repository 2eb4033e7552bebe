"""The machines that the papers trained on, by name: SETUP=... has as many devices share a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from common.errors import UserError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reproductions.shared.harness.registry import Paper

SETUPS = "setups"
"""What a study offers: its `Setup`s."""

ONE_GPU = "gpu"
"""The profile whose batch is for one GPU."""


@dataclass(frozen=True)
class Setup:
    """A machine that a paper trained on.

    Attributes:
        name: what is typed, as in "mtlface-8gpu".
        replicas: devices that share a batch.
        batch: images in a global batch, which is that of the study's `paper` profile. Where a paper prints
            none, the study's page says so.
        printed: what the paper says, and where.
    """

    name: str
    replicas: int
    batch: int
    printed: str


def every_setup(papers: Mapping[str, Paper]) -> dict[str, tuple[str, Setup]]:
    """Return (study, set-up) of each set-up that the studies have, by name."""
    return {
        setup.name: (paper.name, setup)
        for paper in papers.values()
        if SETUPS in paper.offers
        for setup in paper.offers[SETUPS]()
    }


def setup_for(name: str, study: str, profile: str, papers: Mapping[str, Paper]) -> Setup:
    """Return the set-up that is called `name`, for a target of `study`.

    Raises:
        UserError: there is none, it is another study's, or the profile is for one GPU.
    """
    every = every_setup(papers)
    if name not in every:
        raise unknown("set-up", name, every)
    owner, setup = every[name]
    if owner != study:
        raise UserError(
            f"{name} is the set-up of {owner}, not of {study}: leave SETUP (--setup) out, or use REPLICAS."
        )
    if profile == ONE_GPU:
        raise UserError(
            f"the {ONE_GPU} profile is for one GPU: {name}, {setup.printed}, goes with PROFILE=paper "
            "(--profile paper), or with the profile smoke or cpu, whose devices share that profile's batch."
        )
    return setup
