"""What is known of a published network: what is the same of all, and of each kind what is its own."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar


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
class Published:
    """What is known of every network.

    Attributes:
        kind: `KIND` of its class.
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
        difference: largest difference of its outputs, about 1 in size, from those of the trained networks.
    """

    KIND: ClassVar[str]

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
class PublishedAges(Published):
    """A network that says ages.

    Attributes:
        calibration: for faces that are aligned as the training set is published.
        photographs: for photographs.
        example, tried: see there.
    """

    KIND = "age"

    calibration: Calibration
    photographs: Chain
    example: Example
    tried: tuple[Tried, ...]


@dataclass(frozen=True)
class PublishedGenders(Published):
    """A network that says genders.

    Attributes:
        names: of the genders, in the order of its outputs.
        detector: a name of `common.faces.detection.DETECTORS`, by which photographs are read.
        across: factor by which faces that it finds are widened.
        cut: side in pixels at which faces are cut out before they are shrunk to the input.
        chosen_view: why these two.
        temperature: by which the logarithms of the outputs' ratio are divided.
        tempered_on: on which faces it was fitted.
        faces: how many those are.
        outputs: of the network, for the generated face of seed `seed` as it is.
        seed: see `reproductions.shared.networks.example.example_face`.
    """

    KIND = "gender"

    names: tuple[str, ...]
    detector: str
    across: float
    cut: int
    chosen_view: str
    temperature: float
    tempered_on: str
    faces: int
    outputs: tuple[float, ...]
    seed: int


@dataclass(frozen=True)
class PublishedRecognition(Published):
    """A network that says who is who: unit vectors, whose cosine tells how alike two faces are.

    Attributes:
        length: numbers in a vector.
        detector: a name of `common.faces.detection.DETECTORS`, by which photographs are read.
        border: what stands for that which lies outside a photograph, see `common.faces.alignment.align`.
        chosen_border: why that.
        threshold: cosine from which on two faces are taken for one person's.
        false_match_rate: share, in [0, 1], of the pairs of two people that it was set to let pass.
        threshold_on: whose faces these pairs show.
        people, strangers: how many people, and how many such pairs.
        outputs: of the network, for the generated face of seed `seed` as it is.
        seed: see `reproductions.shared.networks.example.example_face`.
    """

    KIND = "recognition"

    length: int
    detector: str
    border: str
    chosen_border: str
    threshold: float
    false_match_rate: float
    threshold_on: str
    people: int
    strangers: int
    outputs: tuple[float, ...]
    seed: int


@dataclass(frozen=True)
class PublishedSynthesis(Published):
    """A network that takes a face to age groups, all at once.

    Attributes:
        groups: names of the age groups, in the order of its outputs.
        detector: a name of `common.faces.detection.DETECTORS`, by which photographs are read.
        border: what stands for that which lies outside a photograph, see `common.faces.alignment.align`.
        outputs: mean of each group's output, for the generated face of seed `seed` as it is.
        seed: see `reproductions.shared.networks.example.example_face`.
    """

    KIND = "synthesis"

    groups: tuple[str, ...]
    detector: str
    border: str
    outputs: tuple[float, ...]
    seed: int


PUBLISHED: dict[str, type[Published]] = {
    one.KIND: one for one in (PublishedAges, PublishedGenders, PublishedRecognition, PublishedSynthesis)
}
"""By the name of the network, the class of its entry in the manifest."""


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
