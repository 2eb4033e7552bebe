"""Losses for age estimation: all take ages in whole years and share `AgeLoss`'s interface."""

from common.losses.age_loss import AgeLoss, Decoded, decode_softmax
from common.losses.neighborhood import NeighborhoodLoss, gaussian_targets

__all__ = ["AgeLoss", "Decoded", "NeighborhoodLoss", "decode_softmax", "gaussian_targets"]
