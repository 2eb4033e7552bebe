"""Layers that more than one network can use."""

from common.layers.adaptive_pooling import AdaptivePyramidPooling, adaptive_bins
from common.layers.attention_decomposition import AttentionFeatureDecomposition
from common.layers.cosface import CosFaceHead
from common.layers.cosine_regularizer import (
    CosineRegularizer,
    cosine_similarity,
    cosine_similarity_gradient,
)
from common.layers.gradient_reversal import GradientReversal
from common.layers.label_planes import LabelPlanes
from common.layers.local_response_normalization import LocalResponseNormalization
from common.layers.normalization import FusedBatchNormalization
from common.layers.subsampling import TrainableSubsampling, every_nth
from common.layers.task_router import TaskRouter, router_masks

__all__ = [
    "AdaptivePyramidPooling",
    "AttentionFeatureDecomposition",
    "CosFaceHead",
    "CosineRegularizer",
    "FusedBatchNormalization",
    "GradientReversal",
    "LabelPlanes",
    "LocalResponseNormalization",
    "TaskRouter",
    "TrainableSubsampling",
    "adaptive_bins",
    "cosine_similarity",
    "cosine_similarity_gradient",
    "every_nth",
    "router_masks",
]
