"""How many frames a second are annotated at 640 x 480 with one face, and what looking less closely costs.

    python -m benchmarks.annotate_video [--frames 150] [--choices]

The film is generated; the network is the paper's joint one with random weights, which are as fast as trained
ones. Reading, finding, following, classifying, drawing and writing all count. Processor time does not depend
on what else the machine does: a rate by it is that of one core alone. `--choices` compares how often and at
what size faces are looked for; boxes are held against those of every frame looked at in full size.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from common.video import write_webm
from data_prep.synthetic.clip import CAST, RATE, film
from reproductions.age_gender.experiments import JOINT
from reproductions.age_gender.model import network
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.predict import Classifier
from reproductions.age_gender.video import annotate_video
from reproductions.age_gender.video_following import Pace
from reproductions.age_gender.video_reading import Video

BOX = ["x1", "y1", "x2", "y2"]


def untrained() -> Classifier:
    """Return the paper's joint network (III.C) with random weights."""
    recipe = JOINT.recipe("paper")
    return Classifier(probabilities(network(JOINT, recipe)), recipe.mirrored)


def measure(path: Path, classifier: Classifier, pace: Pace, out: Path) -> tuple[float, float, pd.DataFrame]:
    """Return frames a second by the clock and by processor time, and the table that was written."""
    clock, busy = time.perf_counter(), time.process_time()
    with Video(str(path)) as video:
        written = annotate_video(video, classifier, out, pace)
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
    for count in range(1, 5):
        classifier.predict(np.zeros((count, 128, 128), np.uint8))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.webm"
        with write_webm(path, RATE) as append:
            for number, frame in enumerate(film(range(options.frames), CAST[1:2])):
                append(frame, number / RATE)
        clock, busy, _ = measure(path, classifier, Pace(), Path(folder))
        print(f"{options.frames} frames, one face: {clock:,.1f} frames/s, {busy:,.1f} by processor time")
        if options.choices:
            _compare(path, classifier, Path(folder))


def _compare(path: Path, classifier: Classifier, out: Path) -> None:
    closest = measure(path, classifier, Pace(every=1, side=480), out)[2].set_index("frame")[BOX]
    for side, every in itertools.product((480, 240, 160), (1, 3, 5)):
        _, busy, table = measure(path, classifier, Pace(every=every, side=side), out)
        distance = (table.set_index("frame")[BOX] - closest).abs().mean(axis=None)
        print(
            f"1 frame in {every}, shorter side {side:>3} px: {busy:6.1f} frames/s by processor time, "
            f"{table.frame.nunique()} frames with the face, boxes {distance:.1f} px off"
        )


if __name__ == "__main__":
    main()
