"""How the benchmarks read lists from their command lines."""

from __future__ import annotations

import argparse


def numbers(text: str) -> list[int]:
    """Read whole numbers with commas between, "1,2".

    Raises:
        argparse.ArgumentTypeError: it is something else.
    """
    try:
        return [int(one) for one in text.split(",")]
    except ValueError:
        said = f"takes whole numbers with commas between, as in 1,2, not {text!r}"
        raise argparse.ArgumentTypeError(said) from None


def names(text: str) -> list[str]:
    """Read names with commas between, "cpu,gpu"."""
    return text.split(",")
