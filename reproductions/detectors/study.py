"""The study: images with landmarks marked by hand go through a detector, FG-NET's or generated ones."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from common.errors import UserError
from common.evidence.measure import PERCENTILE_95, measure_hits, percentile_95
from common.evidence.records import Data, Measurement
from common.faces.pose import yaw
from common.files import sha256_file, sha256_json
from common.metrics.bootstrap import units_of
from common.metrics.detection import Judgement, judge
from common.progress import Progress
from data_prep.datasets import get
from data_prep.datasets.base import DataSet
from data_prep.datasets.samples import Sample
from data_prep.formats.images import BadImage
from reproductions.detectors import sheets
from reproductions.detectors.experiments import DetectorExperiment
from reproductions.detectors.sheets import read
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import Study

FOUND, ERROR, TIME = "faces found", "eye error", "ms an image"
TAIL = f"{ERROR}{PERCENTILE_95}"
DECISION = "the marked eyes"
_EYES = ("left-x", "left-y", "right-x", "right-y")


class Marked(NamedTuple):
    """Images with landmarks marked by hand, (N,) the yaw of each in degrees, and the tests.

    A test is, by its column, what the record says of it and (N,) which images it is of; the first is of all.
    """

    samples: tuple[Sample, ...]
    yaws: np.ndarray
    tests: dict[str, tuple[Data, np.ndarray]]


class Detectors(Study[Marked]):
    """A row a detector; a test of all images, and one of each range of yaw."""

    paper = "detectors"
    headline = {FOUND: None, ERROR: None}  # noqa: RUF012

    def lacks(self, experiment: DetectorExperiment, options: Options) -> str | None:
        try:
            experiment.make()
        except UserError as error:
            return str(error).partition(" needs ")[2].rstrip(".") or str(error)
        return None

    def partition(self, run: Run) -> Marked:
        card, samples, hashes = _marked(run.options.data_root, run.options.prepared_root)
        yaws = np.array([yaw(sample.landmarks, run.recipe.nose) for sample in samples])
        tests = {}
        for ending, protocol, low, high in (
            ("", "all images with landmarks", 0, 90),
            *ranges(run.recipe.yaws),
        ):
            chosen = (low <= np.abs(yaws)) & (np.abs(yaws) < high)
            part = [samples[place] for place in np.flatnonzero(chosen)]
            if _several([sample.identity for sample in part]):
                data = Data(
                    dataset=card.name,
                    title=card.title,
                    protocol=protocol,
                    fingerprint=sha256_json(hashes),
                    split_hash=sha256_json([sample.name for sample in part]),
                    images=len(part),
                    subjects=len({sample.identity for sample in part} - {None}) or None,
                    coverage=card.coverage(len(samples)),
                    stand_in=card.name == "synthetic",
                )
                tests[card.name + ending] = data, chosen
        return Marked(samples, yaws, tests)

    def trained_on(self, run: Run, partition: Marked) -> tuple[Data, ...]:
        return ()

    def tested_on(self, run: Run, partition: Marked) -> Iterable[tuple[str, Data]]:
        return ((column, data) for column, (data, _) in partition.tests.items())

    def measure(self, run: Run, partition: Marked) -> Outcome:
        judgements, times = _judged(run, partition.samples)
        frame = pd.DataFrame(map(_row, partition.samples, partition.yaws, judgements, times))
        outcome = Outcome()
        for column, (data, chosen) in partition.tests.items():
            # Boxes and eyes once is enough.
            rows = frame.loc[chosen, :TIME] if outcome.predictions else frame
            outcome.add(_measured(column, data, rows), rows.assign(column=column))
        sheets.write(run.folder, run.experiment.name, partition.samples, judgements)
        return outcome


def ranges(yaws: Sequence[float]) -> Iterator[tuple[str, str, float, float]]:
    """Yield of each range of yaw the ending of its column, its name for readers, and its ends in degrees.

    >>> [ending for ending, *_ in ranges((10.0, 20.0))]
    ['-yaw-0', '-yaw-10', '-yaw-20']
    """
    for low, high in zip((0.0, *yaws), (*yaws, 90.0), strict=True):
        ends = f"{low:g} to {high:g} degrees" if high < 90 else f"{low:g} degrees and more"
        yield f"-yaw-{low:g}", f"turned by {ends}", low, high


@cache
def _marked(data_root: Path | None, prepared_root: Path) -> tuple[DataSet, tuple[Sample, ...], list[str]]:
    """Return the images with landmarks, and the hash of each.

    Raises:
        UserError: `data_root` holds no FG-NET.
    """
    if data_root is None:
        from data_prep.synthetic.people import generated_in

        print("No DATA_ROOT: generated faces stand in for FG-NET.")
        card, data_root = get("synthetic"), generated_in(prepared_root)
    else:
        card = get("fgnet")
    root = Path(data_root) / card.folder
    scanned = (one for one in card.scan(root) if isinstance(one, Sample))
    samples = tuple(one for one in scanned if one.landmarks and _opens(one))
    if not _several([sample.identity for sample in samples]):
        raise UserError(
            f"{root} holds no images with landmarks marked by hand: put a whole {card.title} there."
        )
    return card, samples, [sha256_file(sample.path) for sample in samples]


def _opens(sample: Sample) -> bool:
    try:
        read(sample)
    except BadImage as bad:
        print(f"{sample.name} is left out: {bad}")
        return False
    return True


def _several(people: Sequence[str | None]) -> bool:
    """Return whether an interval over people, or over images of nobody named, can be had."""
    return len(set(units_of(len(people), people))) > 1


def _judged(run: Run, samples: Sequence[Sample]) -> tuple[list[Judgement], list[float]]:
    """Return what a detector makes of each image, and its ms of processor time from file to faces.

    The first image is shown to it before, untimed: it may load the rest of itself then.
    """
    judgements, times = [], []
    with _one_thread(), Progress(f"{run.experiment.label}: detecting", len(samples)) as progress:
        detector = run.experiment.make()
        detector.detect(read(samples[0]))
        for sample in samples:
            start = time.process_time()
            faces = detector.detect(read(sample))
            times.append(1000 * (time.process_time() - start))
            judgements.append(judge(faces, sample.landmarks, run.recipe.widest))
            progress.advance()
    return judgements, times


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        cv2.setNumThreads(before)


def _row(sample: Sample, turned: float, one: Judgement, ms: float) -> dict[str, Any]:
    """Return what is stored of one image: box and eyes of what was found in pixels, all else in %."""
    error = math.nan if one.eye_error is None else 100 * one.eye_error
    row = {"name": sample.name, "subject": sample.identity, "yaw": turned}
    row |= {FOUND: 100.0 * (one.found is not None), ERROR: error, TIME: ms}
    if one.found is not None:
        row |= dict(zip(("x1", "y1", "x2", "y2"), one.found.box, strict=True))
        if one.found.landmarks is not None:
            row |= dict(zip(_EYES, map(float, one.found.landmarks[:2].ravel()), strict=True))
    return row


def _measured(column: str, data: Data, rows: pd.DataFrame) -> Iterator[Measurement]:
    for metric, of, statistic in (
        (FOUND, FOUND, None),
        (ERROR, ERROR, None),
        (TAIL, ERROR, percentile_95),
        (TIME, TIME, None),
    ):
        known = rows[rows[of].notna()]
        people = known["subject"].to_numpy(object)
        if _several(people):
            yield measure_hits(column, metric, DECISION, data, known[of], people, statistic=statistic)


STUDY = Detectors()
