"""`make table-detectors`: every detector beside landmarks marked by hand, on FG-NET or on generated faces."""

from __future__ import annotations

import contextlib
import importlib
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from common.errors import UserError
from common.evidence import provenance
from common.evidence.records import Data
from common.faces.detection import DETECTORS, make_detector
from common.faces.face import Face
from common.files import sha256_file, sha256_json
from common.metrics.bootstrap import bootstrap
from common.processes import available_cores
from common.progress import Progress
from data_prep.datasets import get
from data_prep.datasets.base import DataSet
from data_prep.datasets.samples import Sample
from data_prep.formats import images as inspect
from reproductions.detectors import sheets as detector_sheets
from reproductions.detectors import tables as detector_table
from reproductions.detectors.judging import Outcome, Team, judge_file, read
from reproductions.detectors.tables import Benchmark, Estimate, Row
from reproductions.shared.harness.options import Options

TITLES = {"viola-jones": "Viola-Jones", "mtcnn": "MTCNN", "retinaface": "RetinaFace"}
PLAIN_LOOP = "mtcnn package, plain loop"
NO_WEIGHTS = "Not run: its weights are not on this machine."
NO_LANDMARKS = "Finds boxes only, no eyes."
TIMED, ROUNDS = 100, 5
_POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")  # as seen in the image


@dataclass
class Trial:
    """What one detector did: its outcome of every image it was shown, and its speed in every round."""

    title: str
    outcomes: list[Outcome] = field(default_factory=list)
    rates_one: list[float] = field(default_factory=list)
    rates_all: list[float] = field(default_factory=list)


def compare(options: Options, *, workers: int | None = None) -> None:
    """Compare the detectors on the user's FG-NET, else on generated faces."""
    run(options.data_root, options.prepared_root, options.results_root, options.runs_root, workers)


def run(
    data_root: Path | None,
    prepared_root: Path,
    results_root: Path,
    runs_root: Path,
    workers: int | None = None,
) -> list[Path]:
    """Measure, write record, tables and contact sheets, print the table; return the tables' files.

    Args:
        data_root: holds FG-NET; None: generated faces stand in, and everything written says so.
        prepared_root: where generated faces are kept.
        results_root: record and tables go to `results_root`/detectors.
        runs_root: contact sheets go to `runs_root`/detectors: pictures of people are not results.
        workers: processes, by default one a core.

    Raises:
        UserError: `data_root` holds no FG-NET.
    """
    workers = workers or available_cores()
    load = os.getloadavg()[0]
    card, samples, data = _load(data_root, prepared_root)
    chosen, notes = _usable()
    trials = measure(samples, chosen, workers)
    benchmark = Benchmark(
        data=data,
        rows=tuple(summarise(trials, samples, notes)),
        workers=workers,
        timed=len(_timed(samples)),
        rounds=len(_rounds(samples)),
        code_version=provenance.code_version(),
        libraries=provenance.libraries(),
        device=provenance.processor(),
        load=load,
    )
    record = detector_table.write(benchmark, results_root)
    files = detector_table.render(results_root)
    folder = Path(runs_root) / detector_table.FOLDER / card.name
    for name in chosen:
        detector_sheets.write(folder, name, samples, trials[name].outcomes)
    print(detector_table.to_text(benchmark))
    print(f"{record.parent.parent / card.name}.md; sheets to look at in {folder}")
    return files


def measure(
    samples: Sequence[Sample], detectors: Sequence[str], workers: int, plain_loop: bool = True
) -> dict[str, Trial]:
    """Run each detector on all samples, and on those timed round by round; return the trials by name.

    With `plain_loop`, a loop over the mtcnn package's `detect_faces` is one of them, on the timed samples.
    """
    trials = {name: Trial(TITLES[name]) for name in detectors}
    with contextlib.ExitStack() as stack:
        teams = {name: stack.enter_context(Team(name, workers)) for name in detectors}
        for name, team in teams.items():
            with Progress(f"{trials[name].title}: detecting", len(samples)) as progress:
                for outcome in team.judge(samples):
                    trials[name].outcomes.append(outcome)
                    progress.advance()
        rounds = _rounds(samples)
        package = _Package(rounds[0][0]) if plain_loop else None
        if package:
            trials["plain loop"] = Trial(PLAIN_LOOP)
        with Progress("taking turns", sum(map(len, rounds))) as progress:
            for several in rounds:
                for name, team in teams.items():
                    trials[name].rates_one.append(team.rate(several, 1))
                    trials[name].rates_all.append(team.rate(several, workers))
                if package:
                    outcomes, rate = package.judge(several)
                    trials["plain loop"].outcomes += outcomes
                    trials["plain loop"].rates_all.append(rate)
                for _ in several:
                    progress.advance()
    return trials


def summarise(trials: dict[str, Trial], samples: Sequence[Sample], notes: dict[str, str]) -> Iterator[Row]:
    """Yield the rows of the table: every detector in order, one that was not run with its note."""
    timed = [sample for several in _rounds(samples) for sample in several]
    for name in DETECTORS:
        if name not in trials:
            yield Row(TITLES[name], note=notes[name])
            continue
        trial = trials[name]
        landmarks = any(outcome.eye_error is not None for outcome in trial.outcomes)
        note = "" if landmarks or not any(outcome.found for outcome in trial.outcomes) else NO_LANDMARKS
        yield _row(trial, samples, note)
        if name == "mtcnn" and "plain loop" in trials:
            places = {sample.name: index for index, sample in enumerate(samples)}
            ours = sum(trial.outcomes[places[sample.name]].found is not None for sample in timed)
            yield _row(
                trials["plain loop"],
                timed,
                f"On the {len(timed)} timed images, in one process with TensorFlow's threads on every core; "
                f"MTCNN above finds {ours} of them.",
            )


def _row(trial: Trial, samples: Sequence[Sample], note: str) -> Row:
    subjects = [sample.identity for sample in samples]
    found = np.array([outcome.found is not None for outcome in trial.outcomes])
    errors = [
        (o.eye_error, who) for o, who in zip(trial.outcomes, subjects, strict=True) if o.eye_error is not None
    ]
    values = [100 * error for error, _ in errors]
    return Row(
        detector=trial.title,
        images=len(samples),
        found=_estimate(100.0 * found, subjects),
        eye_error=_estimate(values, [who for _, who in errors]),
        eye_error_95=float(np.percentile(values, 95)) if values else None,
        rate_one=statistics.median(trial.rates_one) if trial.rates_one else None,
        rate_all=statistics.median(trial.rates_all) if trial.rates_all else None,
        note=note,
    )


def _estimate(values: Sequence[float] | np.ndarray, subjects: Sequence[str | None]) -> Estimate | None:
    if len(values) < 2:
        return None
    interval = bootstrap(values, subjects)
    return Estimate(interval.value, interval.low, interval.high)


def _load(data_root: Path | None, prepared_root: Path) -> tuple[DataSet, list[Sample], Data]:
    if data_root is None:
        from data_prep.synthetic import people

        card = get("synthetic")
        root = people.generated_in(prepared_root) / card.folder
        print("No DATA_ROOT: generated faces stand in for FG-NET.")
    else:
        card = get("fgnet")
        root = Path(data_root) / card.folder
    samples = [one for one in card.scan(root) if isinstance(one, Sample) and one.landmarks and _opens(one)]
    if len(samples) < 2:
        raise UserError(
            f"{root} holds no images with landmarks marked by hand: put a whole {card.title} there."
        )
    people = {sample.identity for sample in samples} - {None}
    data = Data(
        dataset=card.name,
        title=card.title,
        protocol="all images with landmarks",
        fingerprint=sha256_json([sha256_file(sample.path) for sample in samples]),
        split_hash=sha256_json([sample.name for sample in samples]),
        images=len(samples),
        subjects=len(people) or None,
        coverage=card.coverage(len(samples)),
        stand_in=card.name == "synthetic",
    )
    return card, samples, data


def _opens(sample: Sample) -> bool:
    try:
        read(sample)
    except inspect.BadImage as bad:
        print(f"{sample.name} is left out: {bad}")
        return False
    return True


def _usable() -> tuple[list[str], dict[str, str]]:
    """Return the detectors that can be made here, and a note for each that cannot."""
    usable, notes = [], {}
    for name in DETECTORS:
        try:
            make_detector(name)
            usable.append(name)
        except UserError as error:
            print(f"{TITLES[name]} is left out. {error}")
            notes[name] = NO_WEIGHTS
    return usable, notes


def _timed(samples: Sequence[Sample]) -> list[Sample]:
    chosen = np.random.default_rng(0).permutation(len(samples))[:TIMED]
    return [samples[index] for index in chosen]


def _rounds(samples: Sequence[Sample]) -> list[list[Sample]]:
    timed = _timed(samples)
    return [list(part) for part in (timed[first::ROUNDS] for first in range(ROUNDS)) if part]


class _Package:
    """The package as its documentation uses it; the first image, which loads everything, is not timed."""

    def __init__(self, first: Sample) -> None:
        self._detector = importlib.import_module("mtcnn").MTCNN()
        self._detect(read(first))

    def judge(self, samples: Sequence[Sample]) -> tuple[list[Outcome], float]:
        """Return the outcomes and images a second of a plain loop."""
        start = time.perf_counter()
        outcomes = [judge_file(self._detect, sample) for sample in samples]
        return outcomes, len(samples) / (time.perf_counter() - start)

    def _detect(self, image: np.ndarray) -> list[Face]:
        faces = []
        for found in self._detector.detect_faces(image):
            x, y, width, height = map(float, found["box"])
            points = np.array([found["keypoints"][point] for point in _POINTS], np.float32)
            faces.append(Face((x, y, x + width, y + height), points, float(found["confidence"])))
        return faces
