"""The study: what the harness runs for the paper's tables."""

from __future__ import annotations

from reproductions.shared.age_estimation.study import AgeStudy


class NeighborhoodLoss(AgeStudy):
    """Losses of ages on the networks of Table 1."""

    paper = "neighborhood"


STUDY = NeighborhoodLoss()
PAPER = STUDY.paper
