"""Layers that more than one network can use."""

from common.layers.cosface import CosFaceHead
from common.layers.cosine_regularizer import (
    CosineRegularizer,
    cosine_similarity,
    cosine_similarity_gradient,
)
from common.layers.normalization import FusedBatchNormalization

__all__ = [
    "CosFaceHead",
    "CosineRegularizer",
    "FusedBatchNormalization",
    "cosine_similarity",
    "cosine_similarity_gradient",
]
