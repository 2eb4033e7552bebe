"""What is measured, and how sure the measurement is. NumPy in float64; knows no network and no data set."""

from common.metrics.catalogue import Metric, metric

__all__ = ["Metric", "metric"]
