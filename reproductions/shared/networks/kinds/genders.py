"""Networks that say genders: the temperature, and what they say of pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from common.onnx_networks.running import OnnxNetwork
from data_prep.prepared.faces import Faces
from data_prep.synthetic.people import generated_in
from reproductions.shared.harness.options import Options
from reproductions.shared.networks import measuring
from reproductions.shared.networks.candidates import Candidate
from reproductions.shared.networks.example import SEED, example_face
from reproductions.shared.networks.genders import shares, tempered
from reproductions.shared.networks.kinds.kind import Described, Kind
from reproductions.shared.networks.published import Input, PublishedGenders

NAMES = ("female", "male")
"""Of the outputs, in their order."""

OUTPUT = "genders: (N, 2), float32 in [0, 1], the probabilities of female and male, which sum to one"
ACROSS = 1.0
CUT = 96
CHOSEN = (
    "one cut serves the age network too; on UTKFace's validation part, found by retinaface-mobilenet, the "
    "log loss of the average of seeds 1 and 2 is 0.203 so and widened by 1.05, by 1.1, as ages are, 0.206"
)
"""Why faces that a detector finds are cut out as for the age network, and not widened."""

COLUMNS = ("column", "name", "subject", "age", "gender", "female")
"""Of the file of answers: the test set, the picture, who, how old and of what gender it shows, and the
probability of female that is said of it; empty where no face was found."""


def frame(column: str, faces: Faces, likely: np.ndarray) -> pd.DataFrame:
    """Return answers (N, 2) as rows of `COLUMNS`; those with NaN where no face was found."""
    index = faces.prepared.index.iloc[faces.rows]
    return pd.DataFrame(
        {
            "column": column,
            "name": faces.names,
            "subject": faces.subjects,
            "age": faces.ages,
            "gender": index["gender"].to_numpy(object),
            "female": likely[:, NAMES.index("female")].round(4),
        }
    )


def fit_temperature(likely: np.ndarray, genders: np.ndarray) -> float:
    """Return the temperature with which the true genders, (N,) names, are most probable."""
    true = np.array([NAMES.index(one) for one in genders])

    def loss(log_temperature: float) -> float:
        said = tempered(likely, float(np.exp(log_temperature)))
        return -float(np.log(said[np.arange(len(true)), true]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-2, 2), method="bounded").x))


def _error(answers: np.ndarray, candidate: Candidate) -> float:
    true = np.array([NAMES.index(one) for one in _genders(candidate.validation)])
    return -float(np.log(np.maximum(answers[np.arange(len(true)), true], 1e-6)).mean())


def _describe(candidate: Candidate, network: OnnxNetwork, given: Input, options: Options) -> Described:
    validation, (detector, *_) = candidate.validation, measuring.CHAIN
    key = validation.data.dataset
    chain = {f"{key}-validation": validation, key: candidate.tests[key]}
    seen = {column: _found(faces, detector, given, options, network) for column, faces in chain.items()}
    found = np.isfinite(seen[f"{key}-validation"][:, 0])
    genders = _genders(validation)
    temperature = round(fit_temperature(seen[f"{key}-validation"][found], genders[found]), 3)
    crops: Mapping[str, Faces] = {f"{key}-validation": validation, **candidate.tests}
    frames = [
        frame(column, faces, tempered(shares(network, faces.images(), given), temperature))
        for column, faces in crops.items()
    ]
    frames += [
        frame(f"{column}{measuring.READ_BY}{detector}", faces, tempered(seen[column], temperature))
        for column, faces in chain.items()
    ]
    face = example_face(candidate.size, candidate.template)[None]
    fields = {
        "output": OUTPUT,
        "names": NAMES,
        "detector": detector,
        "across": ACROSS,
        "cut": CUT,
        "chosen_view": CHOSEN,
        "temperature": temperature,
        "tempered_on": f"{validation.data.title}, validation part, found by {detector}",
        "faces": int(found.sum()),
        "outputs": tuple(network(face)[0].round(5).tolist()),
        "seed": SEED,
    }
    return Described(fields, pd.concat(frames, ignore_index=True))


def _found(faces: Faces, detector: str, given: Input, options: Options, network: OnnxNetwork) -> np.ndarray:
    """Return what is said of pictures read as a user's are, (N, 2), rows of NaN where no face is found."""
    root = generated_in(options.prepared_root) if faces.data.stand_in else options.data_root
    cut = Input(CUT, given.template, given.points, given.mirrored, given.zooms)
    read = measuring.read_photographs(faces.data.dataset, root, detector, cut, frozenset(faces.names))
    said = read.answers(lambda images: shares(network, images, given, ACROSS))
    places = {name: place for place, name in enumerate(read.names)}
    return said[[places[name] for name in faces.names]]


def _genders(faces: Faces) -> np.ndarray:
    return faces.prepared.index["gender"].iloc[faces.rows].to_numpy(object)


KIND = Kind(
    name=PublishedGenders.KIND,
    offer="gender_network",
    published=PublishedGenders,
    output="genders",
    gives=OUTPUT,
    unit="log loss",
    how="",
    error=_error,
    describe=_describe,
)
