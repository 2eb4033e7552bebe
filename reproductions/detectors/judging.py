"""Whether a detector finds the face whose eyes were marked by hand, how far off it puts them, how fast."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

import cv2
import numpy as np
from threadpoolctl import threadpool_limits

from common.faces.detection import make_detector
from common.faces.face import Detector, Face
from common.processes import deaf_children
from data_prep.datasets.samples import Sample
from data_prep.formats import images as inspect

WIDEST = 4.0
"""A box wider than so many times the distance between the eyes has not found the face but the picture."""

_WORKERS_START_WITHIN = 300  # seconds


@dataclass(frozen=True)
class Outcome:
    """What a detector made of one image.

    Attributes:
        faces: all it returned, best first.
        found: the one of `faces` that is the marked face, or None.
        eye_error: mean distance of its two eyes from the marked ones over the distance between those; None
            where nothing is found or the detector finds no landmarks.
    """

    faces: tuple[Face, ...]
    found: Face | None
    eye_error: float | None


def judge(faces: Sequence[Face], landmarks: np.ndarray) -> Outcome:
    """Compare detected faces with landmarks marked by hand, (5, 2) in the order of `Face.landmarks`.

    The marked face counts as found where a box holds both marked eyes and is at most `WIDEST` times as wide
    as they are apart; the same holds for detectors with landmarks and without.
    """
    eyes = np.asarray(landmarks, np.float64)[:2]
    apart = float(np.linalg.norm(eyes[1] - eyes[0]))
    for face in faces:
        x1, y1, x2, y2 = face.box
        inside = (eyes >= (x1, y1)).all() and (eyes <= (x2, y2)).all()
        if inside and x2 - x1 <= WIDEST * apart:
            return Outcome(tuple(faces), face, _eye_error(face, eyes, apart))
    return Outcome(tuple(faces), None, None)


def _eye_error(face: Face, eyes: np.ndarray, apart: float) -> float | None:
    if face.landmarks is None:
        return None
    return float(np.linalg.norm(face.landmarks[:2] - eyes, axis=1).mean() / apart)


def judge_file(detect: Callable[[np.ndarray], Sequence[Face]], sample: Sample) -> Outcome:
    """Read an image, detect its faces and judge them."""
    return judge(detect(read(sample)), np.array(sample.landmarks))


def read(sample: Sample) -> np.ndarray:
    """Return the image as (H, W, 3) uint8 RGB; raises `inspect.BadImage` where it is none."""
    return inspect.decode(inspect.read_bytes(sample.path))


class Team:
    """Processes of one thread each, with a detector each, that are all at the ready once the team is made.

    Use as a context manager.

    Args:
        detector: a name for `make_detector`.
        workers: how many processes.
    """

    def __init__(self, detector: str, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        ready = context.Barrier(workers + 1)
        self.workers = workers
        with deaf_children():
            self._pool = context.Pool(workers, _get_ready, (detector, ready))
        try:
            ready.wait(_WORKERS_START_WITHIN)
        except BaseException:
            self._pool.terminate()
            raise

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()
        self._pool.join()

    def judge(self, samples: Sequence[Sample]) -> Iterator[Outcome]:
        """Yield the outcome of each sample, in order, all processes at work."""
        return self._pool.imap(_judge_here, samples)

    def rate(self, samples: Sequence[Sample], workers: int) -> float:
        """Return images a second, from file to faces, with one process at work or with all."""
        start = time.perf_counter()
        if workers == 1:
            for sample in samples:
                self._pool.apply(_judge_here, (sample,))
        else:
            self._pool.map(_judge_here, samples, chunksize=1)
        return len(samples) / (time.perf_counter() - start)


_here: Detector


def _get_ready(name: str, ready: Barrier) -> None:
    global _here
    cv2.setNumThreads(1)
    threadpool_limits(1)
    _here = make_detector(name)
    ready.wait(_WORKERS_START_WITHIN)


def _judge_here(sample: Sample) -> Outcome:
    return judge_file(_here.detect, sample)
