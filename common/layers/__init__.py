"""Layers that more than one network can use."""

from common.layers.normalization import FusedBatchNormalization

__all__ = ["FusedBatchNormalization"]
