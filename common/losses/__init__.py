"""Losses: those of ages take whole years and share `AgeLoss`'s interface; those of images stand beside."""

from common.losses.adversarial import LeastSquaresAdversarialLoss, total_variation
from common.losses.age_loss import AgeLoss, Decoded, decode_softmax
from common.losses.cross_entropy import AgeCrossEntropy
from common.losses.mean_variance import MeanVarianceLoss
from common.losses.neighborhood import NeighborhoodLoss, gaussian_targets
from common.losses.ordinal import OrdinalLoss, decode_ordinal
from common.losses.regression import AgeL1
from common.losses.squared_expectation import SquaredExpectationError

__all__ = [
    "AgeCrossEntropy",
    "AgeL1",
    "AgeLoss",
    "Decoded",
    "LeastSquaresAdversarialLoss",
    "MeanVarianceLoss",
    "NeighborhoodLoss",
    "OrdinalLoss",
    "SquaredExpectationError",
    "decode_ordinal",
    "decode_softmax",
    "gaussian_targets",
    "total_variation",
]
