"""What a kind of published networks says of itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pandas as pd

from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.harness.options import Options
from reproductions.shared.networks.candidates import Candidate
from reproductions.shared.networks.published import Input, Published


@dataclass(frozen=True)
class Described:
    """What was measured of a network.

    Attributes:
        fields: of its entry in the manifest, besides those of `Published`; also "output".
        answers: to all pictures, for the file beside the network.
    """

    fields: dict[str, Any]
    answers: pd.DataFrame


def mean_of(outputs: Sequence[keras.KerasTensor], name: str) -> keras.KerasTensor:
    """Return the mean of the outputs of several networks, (N, D) each, or the one that is given."""
    if len(outputs) > 1:
        return keras.layers.Average(name=name)(outputs)
    return keras.layers.Activation("linear", name=name)(outputs[0])


@dataclass(frozen=True)
class Kind:
    """One kind.

    Attributes:
        name: of the network, its file and its card.
        offer: by what name a study offers trained ones, see `reproductions.shared.harness.registry.offered`.
        published: class of its entry in the manifest.
        output: name of the network's output.
        gives: what the output is, in words that begin with that name.
        unit: of `error`, for a sentence.
        how: continues that sentence, or is empty.
        together: what several networks come to, for a sentence.
        error: of answers (N, D) to a candidate's validation faces; the least is chosen. None where a
            candidate has one member only.
        describe: measures a stored network.
        join: makes one output, of the name given, out of those of several networks, (N, D) each.
        joined: does the same with arrays.
    """

    name: str
    offer: str
    published: type[Published]
    output: str
    gives: str
    unit: str
    how: str
    error: Callable[[np.ndarray, Candidate], float] | None
    describe: Callable[[Candidate, OnnxNetwork, Input, Options], Described]
    together: str = "the average"
    join: Callable[[Sequence[keras.KerasTensor], str], keras.KerasTensor] = mean_of
    joined: Callable[[Sequence[np.ndarray]], np.ndarray] = lambda outputs: np.mean(outputs, axis=0)
