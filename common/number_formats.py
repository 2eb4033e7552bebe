"""The number format of arithmetic that half precision would spoil."""

from __future__ import annotations

import keras


def wide(given: str | None = None) -> str:
    """Return "float64" where the arithmetic is in float64, else "float32".

    Args:
        given: the number format of the arithmetic, as in "bfloat16"; None is that of the policy in force.

    >>> wide("bfloat16"), wide("float64"), wide()
    ('float32', 'float64', 'float32')
    """
    given = given or keras.config.dtype_policy().compute_dtype
    return "float64" if given == "float64" else "float32"
