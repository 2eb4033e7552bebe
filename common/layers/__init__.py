"""Layers that more than one network can use."""

from common.layers.cosine_regularizer import (
    CosineRegularizer,
    cosine_similarity,
    cosine_similarity_gradient,
)
from common.layers.normalization import FusedBatchNormalization

__all__ = [
    "CosineRegularizer",
    "FusedBatchNormalization",
    "cosine_similarity",
    "cosine_similarity_gradient",
]
