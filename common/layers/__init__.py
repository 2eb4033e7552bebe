"""Layers that more than one network can use."""

from common.layers.cosface import CosFaceHead
from common.layers.cosine_regularizer import (
    CosineRegularizer,
    cosine_similarity,
    cosine_similarity_gradient,
)
from common.layers.local_response_normalization import LocalResponseNormalization
from common.layers.normalization import FusedBatchNormalization
from common.layers.subsampling import TrainableSubsampling

__all__ = [
    "CosFaceHead",
    "CosineRegularizer",
    "FusedBatchNormalization",
    "LocalResponseNormalization",
    "TrainableSubsampling",
    "cosine_similarity",
    "cosine_similarity_gradient",
]
