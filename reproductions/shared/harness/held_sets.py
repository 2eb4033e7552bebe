"""Which of the sets that a study prefers is at hand."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.held import holds
from reproductions.shared.harness.options import Options


def first_held(options: Options, prefers: Sequence[str], what: str, hint: str) -> str:
    """Return the set to train on: the first of `prefers` that is there, or "synthetic" without a data folder.

    Args:
        options: the smoke profile takes generated faces whatever is there.
        prefers: data sets in the order of preference.
        what: they are, for the sentence ("set to train on").
        hint: the set whose make target the sentence names.

    Raises:
        UserError: a data folder was given that holds none of them.
    """
    if options.data_root is None:
        return "synthetic"
    if options.profile == "smoke":
        tell_once("the smoke profile takes generated faces and leaves DATA_ROOT alone: PROFILE=cpu reads it")
        return "synthetic"
    for name in prefers:
        if holds(options.data_root, name):
            return name
    folders = " or ".join(get(name).folder for name in prefers)
    raise UserError(
        f"{options.data_root} holds no {what} ({folders}): see make data-{hint}, "
        "or leave DATA_ROOT out to run on generated faces."
    )


@cache
def tell_once(sentence: str) -> None:
    """Print a sentence on the terminal, beside the results, the first time that it is to be told."""
    print(sentence, file=sys.stderr, flush=True)
