"""How many faces a second the renderer makes, and the share of them that Viola-Jones finds.

    python -m benchmarks.render_faces [--images 2000] [--size 128] [--workers 2] [--detect 1000]

The first figure includes starting the processes, encoding and writing; the time of one core does not depend
on what else the machine does.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from common.processes import available_cores
from data_prep.datasets.samples import Sample
from data_prep.datasets.synthetic import DATASET
from data_prep.synthetic import render
from data_prep.synthetic.people import Settings, album, generate

_CASCADES = ("haarcascade_frontalface_default.xml", "haarcascade_frontalface_alt2.xml")


def found(cascade: cv2.CascadeClassifier, grey: np.ndarray, landmarks: np.ndarray) -> bool:
    """Return whether one box holds all five landmarks and is not most of the picture."""
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    for x, y, width, height in cascade.detectMultiScale(grey, 1.1, 5):
        if (low >= (x, y)).all() and (high <= (x + width, y + height)).all() and width < 0.9 * grey.shape[1]:
            return True
    return False


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--workers", type=int, default=available_cores())
    parser.add_argument("--detect", type=int, default=1000, help="faces to look for with Viola-Jones")
    options = parser.parse_args()

    cv2.setNumThreads(1)
    faces = [latents for number in range(10) for latents, _ in album(Settings(seed=1), number)]
    render(faces[0], options.size)
    busy = time.process_time()
    for latents in faces:
        render(latents, options.size)
    print(f"one core, rendering alone: {len(faces) / (time.process_time() - busy):,.1f} images/s")

    with tempfile.TemporaryDirectory() as folder:
        people = -(-options.images // 20)
        start = time.perf_counter()
        root = generate(Path(folder) / "faces", people, 20, options.size, seed=1, workers=options.workers)
        seconds = time.perf_counter() - start
        rate = people * 20 / seconds
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        work = usage.ru_utime + usage.ru_stime
        print(
            f"{people * 20:,} images of {options.size} px in {seconds:.1f} s, {options.workers} processes: "
            f"{rate:,.1f} images/s, 10,000 in {10_000 / rate:.0f} s"
        )
        print(
            f"{1e3 * work / (people * 20):.1f} ms of a core an image, starting and writing included: "
            f"{2 * people * 20 / work:,.1f} images/s on two idle cores"
        )
        samples = [sample for sample in DATASET.scan(root) if isinstance(sample, Sample)]
        step = max(len(samples) // max(options.detect, 1), 1)
        chosen = samples[::step][: options.detect]
        for name in _CASCADES:
            cascade = cv2.CascadeClassifier(cv2.data.haarcascades + name)
            hits = sum(
                found(cascade, cv2.imread(str(sample.path), cv2.IMREAD_GRAYSCALE), np.array(sample.landmarks))
                for sample in chosen
            )
            print(f"{name}: {hits} of {len(chosen)} faces found ({hits / len(chosen):.1%})")


if __name__ == "__main__":
    main()
