"""Losses: those for ages share `AgeLoss`'s interface; beside them join several tasks, or judge images."""

from common.losses.adversarial import LeastSquaresAdversarialLoss, total_variation
from common.losses.age_loss import AgeLoss, Decoded, decode_softmax
from common.losses.cross_entropy import AgeCrossEntropy
from common.losses.mean_variance import MeanVarianceLoss
from common.losses.neighborhood import NeighborhoodLoss, gaussian_targets
from common.losses.ordinal import OrdinalLoss, decode_ordinal
from common.losses.regression import AgeL1
from common.losses.squared_expectation import SquaredExpectationError
from common.losses.task_weighting import NegativeScore, TaskWeight

__all__ = [
    "AgeCrossEntropy",
    "AgeL1",
    "AgeLoss",
    "Decoded",
    "LeastSquaresAdversarialLoss",
    "MeanVarianceLoss",
    "NegativeScore",
    "NeighborhoodLoss",
    "OrdinalLoss",
    "SquaredExpectationError",
    "TaskWeight",
    "decode_ordinal",
    "decode_softmax",
    "gaussian_targets",
    "total_variation",
]
