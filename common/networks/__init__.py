"""Networks that more than one reproduction can use."""

from common.networks.convolutions import scaled_channels
from common.networks.improved_residual import EMBEDDING, IMPROVED_UNITS, embedding_of, improved_residual
from common.networks.residual import decay_exclusions, residual_age_network
from common.networks.vgg import vgg_age_network

__all__ = [
    "EMBEDDING",
    "IMPROVED_UNITS",
    "decay_exclusions",
    "embedding_of",
    "improved_residual",
    "residual_age_network",
    "scaled_channels",
    "vgg_age_network",
]
