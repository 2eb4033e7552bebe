"""Networks that more than one reproduction can use."""

from common.networks.residual import decay_exclusions, residual_age_network, scaled_channels

__all__ = ["decay_exclusions", "residual_age_network", "scaled_channels"]
