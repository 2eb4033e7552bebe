"""Networks that take faces to other ages: what judges say of what they make."""

from __future__ import annotations

import numpy as np

from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.harness.options import Options
from reproductions.shared.networks.candidates import Candidate
from reproductions.shared.networks.example import SEED, example_face
from reproductions.shared.networks.kinds.kind import Described, Kind
from reproductions.shared.networks.published import Input, PublishedSynthesis
from reproductions.shared.networks.synthesis import aged
from reproductions.shared.photographs.finding import DETECTOR
from reproductions.shared.pseudo_labels.balanced import group_names

BORDER = "replicate"
"""Faces cut by the edge of their photograph end in its colours, as in the published crops of UTKFace."""

OUTPUT = (
    "aged: (N, {groups} x {size}, {size}, 3), float32, RGB from 0 to 1 and a little beyond: the face at each "
    "age group, the youngest on top"
)


def _describe(candidate: Candidate, network: OnnxNetwork, given: Input, options: Options) -> Described:
    assert candidate.judged is not None

    def age(faces: np.ndarray, groups: np.ndarray) -> np.ndarray:
        return aged(network, faces)[np.arange(len(faces)), groups]

    answers = candidate.judged(age)
    face = example_face(candidate.size, candidate.template)[None]
    means = aged(network, face)[0].mean(axis=(1, 2, 3)) / 255
    fields = {
        "output": OUTPUT.format(groups=len(means), size=candidate.size),
        "groups": tuple(group_names()),
        "detector": DETECTOR,
        "border": BORDER,
        "outputs": tuple(means.round(4).tolist()),
        "seed": SEED,
    }
    return Described(fields, answers)


KIND = Kind(
    name=PublishedSynthesis.KIND,
    offer="synthesis_network",
    published=PublishedSynthesis,
    output="aged",
    gives=OUTPUT.format(groups=len(group_names()), size="size"),
    unit="",
    how="",
    error=None,
    describe=_describe,
)
