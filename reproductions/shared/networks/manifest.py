"""What is known of each published network: `networks/manifest.json`.

networks/manifest.json             all that is below
networks/age.onnx                  the network
networks/age.predictions.csv.gz    what it says of the pictures that it was measured on, by name
networks/age.md                    its card, made of the two above
networks/retinaface-mobilenet.*    a detector that others have trained, with a page that holds its licence
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError, unknown
from common.evidence.sealed import read_sealed, write_sealed
from common.onnx_networks.running import OnnxNetwork

NETWORKS = Path(__file__).resolve().parents[3] / "networks"
"""Where the published networks lie: in the checkout."""

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Backing:
    """The record of a training.

    Attributes:
        record: its file, below the folder of results.
        content_hash: of the record.
        weights: hash of the weights that were taken, see `common.training.weights.weights_hash`.
        again: whether these weights are of a training made again that gave the record's numbers back.
    """

    record: str
    content_hash: str
    weights: str
    again: bool


@dataclass(frozen=True)
class Input:
    """What the network takes: (N, size, size, 3), uint8, RGB, 0 to 255.

    Attributes:
        size: side of the faces in pixels.
        template: where the landmarks come to lie, a name of `common.faces.alignment.TEMPLATES`.
        points: these places, five (x, y) in a unit square whose corners are the outer corners of the face.
        mirrored: whether answers are averaged over each face and its mirror image.
        zooms: and over these enlargements of both.
    """

    size: int
    template: str
    points: tuple[tuple[float, ...], ...]
    mirrored: bool
    zooms: tuple[float, ...]
    colours: str = dataclasses.field(default_factory=lambda: "RGB, 0 to 255, uint8")


@dataclass(frozen=True)
class RangeError:
    """The mean absolute error, in years, where the age said lies from `first` to `last`, both included."""

    first: int
    last: int
    faces: int
    error: float


@dataclass(frozen=True)
class Calibration:
    """How ages and intervals follow from the network's answers, see `common.metrics.calibration`.

    Attributes:
        data: on which faces it was fitted.
        split_hash: of which faces those are.
        faces: how many.
        level: share that the intervals are to cover.
        knots: of the recalibration, (said, meant) years.
        below, above: by what share of its width the interval between the quantiles is stretched.
        errors: by the age that is said, over faces that the knots were not fitted to.
    """

    data: str
    split_hash: str
    faces: int
    level: float
    knots: tuple[tuple[float, ...], ...]
    below: float
    above: float
    errors: tuple[RangeError, ...]


@dataclass(frozen=True)
class Chain:
    """How photographs are read, whose faces a detector finds.

    Attributes:
        detector: a name of `common.faces.detection.DETECTORS`.
        across: factor by which the aligned faces are widened.
        chosen: why that factor.
        calibration: of answers to faces found so.
    """

    detector: str
    across: float
    chosen: str
    calibration: Calibration


@dataclass(frozen=True)
class Example:
    """What the network says of one generated face, to the last view: to be tried after a conversion.

    Attributes:
        seed: of the face, see `reproductions.shared.networks.example.example_face`.
        outputs: of the network, for the face as it is.
        years: the age that is said of it, aligned as it is.
    """

    seed: int
    outputs: tuple[float, ...]
    years: float


@dataclass(frozen=True)
class Tried:
    """What the whole chain says of a picture that may be shown; `years` is None where it found no face."""

    what: str
    age: int
    years: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Published:
    """One network.

    Attributes:
        kind: "age".
        file, sha256, size: of the ONNX file, in the folder of the manifest.
        predictions: SHA-256 of the file of its answers.
        backing: records of the trainings that it is made of; their outputs are averaged.
        commit: of the code that published it.
        command: that publishes it again from records and weights.
        chosen: why this one of all that could be had.
        input: what it takes.
        output: what it gives.
        trained_on: sets and parts of sets.
        terms: on which it may be used.
        difference: largest difference of its outputs, in [0, 1], from those of the trained networks.
        calibration: for faces that are aligned as the training set is published.
        photographs: for photographs.
        example, tried: see there.
    """

    kind: str
    file: str
    sha256: str
    size: int
    predictions: str
    backing: tuple[Backing, ...]
    commit: str
    command: str
    chosen: str
    input: Input
    output: str
    trained_on: tuple[str, ...]
    terms: str
    difference: float
    calibration: Calibration
    photographs: Chain
    example: Example
    tried: tuple[Tried, ...]


@dataclass(frozen=True)
class Shipped:
    """A detector that others have trained and that comes with the suite as they published it.

    Attributes:
        title: what it is.
        file, sha256, size: of the ONNX file, in the folder of the manifest.
        source: where it was taken from.
        trained_on: what is known of that.
        licence: its text, which goes where the file goes.
        input, output: what it takes and gives.
    """

    title: str
    file: str
    sha256: str
    size: int
    source: str
    trained_on: str
    licence: str
    input: str
    output: str


@dataclass(frozen=True)
class Manifest:
    """All networks of a folder, and the detectors of others that lie there, by name."""

    networks: dict[str, Published]
    detectors: dict[str, Shipped] = dataclasses.field(default_factory=dict)


def read(folder: Path) -> Manifest:
    """Read the manifest of a folder of published networks.

    Raises:
        UserError: there is none, or it was edited.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise UserError(
            f"{folder} holds no published networks: name a folder that make publish-networks has made "
            "(NETWORK=...), or leave it out for the ones that come with the suite."
        )
    return read_sealed(path, Manifest, "run make publish-networks")


def standing(folder: Path) -> Manifest:
    """Return the manifest of a folder, or an empty one where there is none yet."""
    return read(folder) if (folder / MANIFEST).exists() else Manifest({}, {})


def write(folder: Path, content: Manifest) -> Path:
    """Write the manifest of a folder and return its path."""
    path = folder / MANIFEST
    write_sealed(path, dataclasses.asdict(content))
    return path


def published(folder: Path, name: str) -> Published:
    """Return what is known of one network.

    Raises:
        UserError: there is no manifest, or no such network in it.
    """
    networks = read(folder).networks
    if name not in networks:
        raise unknown(f"network in {folder}", name, networks)
    return networks[name]


def load(folder: Path, one: Published) -> OnnxNetwork:
    """Return a network, ready to run.

    Raises:
        UserError: its file is not there, or another than was published.
    """
    return OnnxNetwork(folder / one.file, one.sha256)
