"""Networks that say ages: the curve, the interval, and what they say of pictures."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from common.onnx_networks.running import OnnxNetwork
from data_prep.datasets.held import holds
from data_prep.synthetic.people import generated_in
from reproductions.shared.harness.options import Options
from reproductions.shared.networks import measuring
from reproductions.shared.networks.ages import exceedance, said
from reproductions.shared.networks.calibrating import calibrate, held_out_error
from reproductions.shared.networks.candidates import Candidate
from reproductions.shared.networks.example import SEED, example_face
from reproductions.shared.networks.kinds.kind import Described, Kind
from reproductions.shared.networks.published import Chain, Example, Input, PublishedAges

OUTPUT = (
    "older: (N, 99), float32 in [0, 1], the probability that a person is older than k years, k from 0; their "
    "sum is the expected age before calibration"
)
ACROSS = 1.1
PIECES = 2
CHOSEN = (
    "of 1, 1.05, 1.1 and 1.15 the one with which the errors on UTKFace's validation part, found by "
    "retinaface-mobilenet and recalibrated without its own fold, and on FG-NET's people of odd number are "
    "least together, with a curve of two pieces: 5.65 and 5.37 years, 5.74 and 5.04, 5.92 and 4.75, 6.17 and "
    "4.75"
)
"""Faces that a detector finds are widened: why by so much.

The curve has two pieces, for more of them follow UTKFace's ages, among which 26 is a heap, and err more on
FG-NET's people of odd number.
"""


def _error(answers: np.ndarray, candidate: Candidate) -> float:
    return held_out_error(answers, candidate.validation.ages)


def _describe(candidate: Candidate, network: OnnxNetwork, given: Input, options: Options) -> Described:
    def says(faces: np.ndarray) -> np.ndarray:
        return exceedance(network, faces, given)

    def says_found(faces: np.ndarray) -> np.ndarray:
        return exceedance(network, faces, given, ACROSS)

    validation = candidate.validation
    data = dataclasses.replace(validation.data, protocol="validation part")
    calibration = calibrate(says(validation.images()), validation.ages, data)
    columns = {f"{validation.data.dataset}-validation": validation, **candidate.tests}
    frames = list(measuring.of_faces(columns, says, calibration))
    photographs, measured = _photographs(candidate, options, says_found, given)
    face = example_face(candidate.size, candidate.template)[None]
    fields = {
        "output": OUTPUT,
        "calibration": calibration,
        "photographs": photographs,
        "tried": measuring.of_shown(says_found, given, photographs.calibration),
        "example": Example(
            SEED,
            tuple(network(face)[0].round(5).tolist()),
            round(float(said(says(face), calibration)[0, 0]), 3),
        ),
    }
    return Described(fields, pd.concat(frames + measured, ignore_index=True))


def _photographs(
    candidate: Candidate, options: Options, says: measuring.Says, given: Input
) -> tuple[Chain, list[pd.DataFrame]]:
    """Return how photographs are read, and the answers to FG-NET's where the user holds it.

    The curve is fitted to the validation photographs, their faces found by the detector.
    """
    faces = candidate.validation
    generated = faces.data.stand_in
    root = generated_in(options.prepared_root) if generated else options.data_root
    detector, *others = measuring.CHAIN
    own = measuring.read_photographs(faces.data.dataset, root, detector, given, frozenset(faces.names))
    read = {}
    if not generated and holds(root, "fgnet"):
        read = {one: measuring.read_photographs("fgnet", root, one, given) for one in (detector, *others)}
    answers = {one: found.answers(says) for one, found in read.items()}
    people = None
    if detector in read:
        odd = read[detector].odd & read[detector].found
        who = "photographs of FG-NET's people of odd number"
        people = who, answers[detector][odd], read[detector].ages[odd]
    data = dataclasses.replace(faces.data, protocol=f"validation part, found by {detector}")
    above = own.answers(says)[own.found]
    calibration = calibrate(above, own.ages[own.found], data, pieces=PIECES, others=people)
    frames = [
        measuring.frame(
            f"{measuring.PHOTOGRAPHS}-{one}",
            found.names,
            found.subjects,
            found.ages,
            answers[one],
            calibration,
        )
        for one, found in read.items()
    ]
    return Chain(detector, ACROSS, CHOSEN, calibration), frames


KIND = Kind(
    name=PublishedAges.KIND,
    offer="age_network",
    published=PublishedAges,
    output="older",
    gives=OUTPUT,
    unit="error in years",
    how=", each recalibrated without its own fold",
    error=_error,
    describe=_describe,
)
