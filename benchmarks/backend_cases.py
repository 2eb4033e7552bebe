"""What `benchmarks.backends` asks of each layer and loss: how it is made, and the inputs it is given.

Inputs are the same numbers under every backend: floats are differentiated, whole numbers are labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from common import layers, losses
from common.training.schedules import SigmoidRamp

NO_TENSORS = {"AgeLoss", "Decoded", "adaptive_bins", "decode_ordinal", "decode_softmax", "router_masks"}
"""Public names of the two packages that are computed in NumPy, or are the base of others."""

_LABELS = np.array([3, 0, 1, 2, 3, 1])
_AGES = np.array([3, 0, 99, 27, 64, 41])


@dataclass(frozen=True)
class Case:
    """One thing to compare.

    Attributes:
        name: a public name of `common.layers` or `common.losses`.
        make: returns the layer or loss, or the function itself.
        inputs: what it is called with; of a loss, labels first.
        how: in what form, where there are several.
    """

    name: str
    make: Callable[[], Any]
    inputs: Sequence[np.ndarray]
    how: str = ""

    @property
    def title(self) -> str:
        return f"{self.name}, {self.how}" if self.how else self.name


def _noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, *shape]).normal(size=shape).astype("float32")


def _layer_cases() -> list[Case]:
    pair, maps = (_noise(6, 8), _noise(6, 8, seed=1)), [_noise(6, 7, 6, 3)]
    width = layers.router_masks(4, 4, 0.25).shape[1]
    return [
        Case(
            "AdaptivePyramidPooling", lambda: layers.AdaptivePyramidPooling((1, 2, 3)), [_noise(6, 7, 6, 3)]
        ),
        Case(
            "AdaptivePyramidPooling",
            lambda: layers.AdaptivePyramidPooling((1, 2, 3), "max"),
            maps,
            "maxima",
        ),
        Case(
            "AttentionFeatureDecomposition",
            lambda: layers.AttentionFeatureDecomposition(reduction=4),
            [_noise(6, 7, 7, 8)],
        ),
        Case(
            "AttentionFeatureDecomposition",
            lambda: layers.AttentionFeatureDecomposition(reduction=4, synchronized=True),
            [_noise(6, 7, 7, 8)],
            "synchronized",
        ),
        Case("CosFaceHead", lambda: layers.CosFaceHead(4, scale=8.0), [_noise(6, 8), _LABELS]),
        Case("CosineRegularizer", lambda: layers.CosineRegularizer(0.5, "absolute"), pair),
        Case("FusedBatchNormalization", layers.FusedBatchNormalization, [_noise(6, 5, 5, 3)]),
        Case("GradientReversal", lambda: layers.GradientReversal(0.5), [_noise(6, 8)]),
        Case(
            "GradientReversal",
            lambda: layers.GradientReversal(0.5, SigmoidRamp(10)),
            [_noise(6, 8)],
            "on a schedule",
        ),
        Case("LabelPlanes", lambda: layers.LabelPlanes(4, -1.0), [_noise(6, 4, 4, 3), _LABELS]),
        Case(
            "LocalResponseNormalization",
            lambda: layers.LocalResponseNormalization(radius=2, alpha=0.1),
            [_noise(6, 4, 4, 8)],
        ),
        Case("TaskRouter", lambda: layers.TaskRouter(4, 4, 0.25), [_noise(6, 3, 3, width), _LABELS]),
        Case("TrainableSubsampling", layers.TrainableSubsampling, maps),
        Case("cosine_similarity", lambda: layers.cosine_similarity, pair),
        Case("cosine_similarity_gradient", lambda: layers.cosine_similarity_gradient, pair),
        Case("every_nth", lambda: lambda x: layers.every_nth(x, 2), [_noise(6, 5, 5, 3)]),
    ]


def _loss_cases() -> list[Case]:
    ages = (_AGES, _noise(6, 100))
    return [
        Case("AgeCrossEntropy", losses.AgeCrossEntropy, ages),
        Case("AgeL1", lambda: losses.AgeL1(centre=30.0, scale=10.0), [_AGES, _noise(6, 1)]),
        Case(
            "LeastSquaresAdversarialLoss",
            losses.LeastSquaresAdversarialLoss,
            [np.array([0.0, 1, 1, 0, 1, 0], "float32"), _noise(6, 5)],
        ),
        Case("MeanVarianceLoss", losses.MeanVarianceLoss, ages),
        Case("NegativeScore", lambda: losses.NegativeScore(4), [_LABELS, _noise(6, 4)]),
        Case("NeighborhoodLoss", losses.NeighborhoodLoss, ages),
        Case(
            "NeighborhoodLoss",
            lambda: losses.NeighborhoodLoss(fused_gradient=True),
            ages,
            "the fused gradient",
        ),
        Case("OrdinalLoss", losses.OrdinalLoss, [_AGES, _noise(6, 99)]),
        Case("SquaredExpectationError", lambda: losses.SquaredExpectationError(100), ages),
        *(
            Case("TaskWeight", lambda form=form: losses.TaskWeight(form), [_noise(6, 4)], form)
            for form in ("text", "code", "constrained")
        ),
        Case("gaussian_targets", lambda: losses.gaussian_targets, [_AGES]),
        Case("total_variation", lambda: losses.total_variation, [_noise(6, 5, 5, 3)]),
    ]


CASES = [*_layer_cases(), *_loss_cases()]
