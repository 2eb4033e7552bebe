"""How many frames a second are annotated at 640 x 480 with one face, and what looking less closely costs.

    python -m benchmarks.annotate_video [--frames 150] [--choices]

The film is generated. Two observers are timed: the published networks, which find faces by RetinaFace, and
the joint network of Kang, Jiang and Li with random weights, which are as fast as trained ones, with
Viola-Jones. Reading, finding, following, asking, drawing and writing all count. `--choices` compares how
often and at what size Viola-Jones looks for faces; boxes are held against those of every frame looked at in
full size, and rates are by processor time, which does not depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from common.video.annotation import annotate_video
from common.video.following import Observer, Pace
from common.video.reading import Video
from common.video.writing import write_webm
from data_prep.synthetic.clip import CAST, RATE, film
from reproductions.age_gender.experiments import JOINT
from reproductions.age_gender.model import network
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.predict import Classifier
from reproductions.age_gender.video import ClassObserver
from reproductions.shared.photographs.films import AgeObserver

BOX = ["x1", "y1", "x2", "y2"]


def untrained() -> Classifier:
    """Return the paper's joint network (III.C) with random weights, its graph traced."""
    recipe = JOINT.recipe("paper")
    classifier = Classifier(probabilities(network(JOINT, recipe)), recipe.mirrored)
    for count in range(1, 5):
        classifier.predict(np.zeros((count, classifier.size, classifier.size), np.uint8))
    return classifier


def measure(path: Path, observer: Observer, pace: Pace, out: Path) -> tuple[float, float, pd.DataFrame]:
    """Return frames a second by the clock and by processor time, and the table that was written."""
    clock, busy = time.perf_counter(), time.process_time()
    with Video(str(path)) as video:
        written = annotate_video(video, observer, out, pace)
    clock, busy = time.perf_counter() - clock, time.process_time() - busy
    return written.frames / clock, written.frames / busy, pd.read_csv(written.table)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=150)
    parser.add_argument("--choices", action="store_true", help="compare how often and at what size to look")
    options = parser.parse_args()
    classifier = untrained()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.webm"
        with write_webm(path, RATE) as append:
            for number, frame in enumerate(film(range(options.frames), CAST[1:2])):
                append(frame, number / RATE)
        for name, observer in (
            ("published networks", AgeObserver()),
            ("Kang et al.", ClassObserver(classifier)),
        ):
            clock, _, _ = measure(path, observer, Pace(), Path(folder))
            print(f"{name}: {options.frames} frames, one face, {clock:,.1f} frames/s")
        if options.choices:
            _compare(path, classifier, Path(folder))


def _compare(path: Path, classifier: Classifier, out: Path) -> None:
    closest = measure(path, ClassObserver(classifier, side=480), Pace(every=1), out)[2]
    closest = closest.set_index("frame")[BOX]
    for side, every in itertools.product((480, 240, 160), (1, 3, 5)):
        _, busy, table = measure(path, ClassObserver(classifier, side=side), Pace(every=every), out)
        distance = (table.set_index("frame")[BOX] - closest).abs().mean(axis=None)
        print(
            f"1 frame in {every}, shorter side {side:>3} px: {busy:6.1f} frames/s by processor time, "
            f"{table.frame.nunique()} frames with the face, boxes {distance:.1f} px off"
        )


if __name__ == "__main__":
    main()
