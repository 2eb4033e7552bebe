"""Whether preparing, reading, evaluating and searching take as much memory of few images as of many.

    python -m benchmarks.memory [--counts 5000,500000] [--within 300] [--folder folder]

A few hundred rendered faces, each with noise of its own, are written as files of 32 px. What the suite does
with a set then runs stage by stage, each in a process of its own: it is prepared, an epoch is read as by a
training whose faces do not fit into memory, an untrained network says an age and a vector of every face shard
by shard, and people are looked for among the vectors on the disk. Printed is the most memory that a stage had
resident, in MiB, for each number of images, that of its largest worker beside it, and how much more the last
number took than the first. Vectors are read through a map of their file, whose pages count until the system
takes them back. The status is 1 where a stage took more than --within allows.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.arguments import numbers
from data_prep.datasets.base import DataSet
from data_prep.datasets.samples import Rejected, Sample
from reproductions.shared.command_line.quiet import import_tensorflow

SIDE, QUALITY = 32, 90
FACES = 300
"""Rendered faces, which recur with noise of their own."""

NOISES, NOISE = 64, 12
A_PERSON = 20
IN_A_FOLDER = 1000
PROBES, CHOSEN = 1000, 7
BATCH = 64


@dataclass(frozen=True, kw_only=True)
class Noisy(DataSet):
    """The written files, as a set that is published aligned."""

    count: int

    def scan(self, root: Path) -> Iterator[Sample | Rejected]:
        return self.read(root)

    def read(self, root: Path) -> Iterator[Sample | Rejected]:
        for number in range(self.count):
            name = file_name(number)
            person, age = f"person-{number // A_PERSON:06d}", 10 + number % 70
            yield Sample(
                root / name, name, person, age, ("female", "male")[person[-1] < "5"], aligned="arcface"
            )


def main() -> None:
    """Print the figures."""
    options = parse()
    if options.stage is not None:
        import_tensorflow()
        began = time.monotonic()
        STAGES[options.stage](options.folder, options.counts[0])
        print(json.dumps([*peaks(), round(time.monotonic() - began, 1)]))
        return
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="memory-") as name:
        folders = [Path(name) / str(count) for count in options.counts]
        above = [stage for stage in STAGES if compared(stage, folders, options)]
    if above:
        sys.exit(f"above {options.within:,.0f} MiB more: {', '.join(above)}")


def compared(stage: str, folders: list[Path], options: argparse.Namespace) -> bool:
    """Run a stage on each number of images and print what it took; return whether that was too much."""
    found = []
    for folder, count in zip(folders, options.counts, strict=True):
        folder.mkdir(exist_ok=True)
        asked = ["--stage", stage, "--counts", str(count), "--folder", str(folder)]
        command = [sys.executable, "-m", "benchmarks.memory", *asked]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"{stage} of {count:,} images failed with status {done.returncode}, as told above")
        found.append(json.loads(done.stdout.splitlines()[-1]))
    told = []
    for count, (own, worker, seconds) in zip(options.counts, found, strict=True):
        beside = f" and {worker:,.0f}" if stage in WITH_WORKERS else ""
        told.append(f"{count:,} images {own:,.0f}{beside} MiB in {seconds:,.0f} s")
    more = found[-1][0] - found[0][0]
    print(f"{stage}: {', '.join(told)}: {more:+,.0f} MiB", flush=True)
    return stage != "write" and more > options.within


def peaks() -> tuple[float, float]:
    """Return the most memory that this process had resident, and the largest of its children, in MiB."""
    whose = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    own, children = (resource.getrusage(one).ru_maxrss / 1024 for one in whose)
    return own, children


def file_name(number: int) -> str:
    """Return the name of a file below the folder of the set."""
    return f"{number // IN_A_FOLDER:04d}/{number:07d}.jpg"


def write(folder: Path, count: int) -> None:
    """Write the files."""
    import cv2

    from data_prep.synthetic import render
    from data_prep.synthetic.people import Settings, album

    random = np.random.default_rng(0)
    noises = random.integers(-NOISE, NOISE + 1, (NOISES, SIDE, SIDE, 3), np.int16)
    settings = Settings(images_per_identity=A_PERSON)
    faces = [
        cv2.cvtColor(render(latents, SIDE).image, cv2.COLOR_RGB2BGR).astype(np.int16)
        for person in range(FACES // A_PERSON)
        for latents, _ in album(settings, person)
    ]
    for number in range(count):
        if number % IN_A_FOLDER == 0:
            (folder / "set" / file_name(number)).parent.mkdir(parents=True)
        again, face = divmod(number, FACES)
        turn, noise = divmod(again, NOISES)
        picture = np.clip(faces[face] + np.roll(noises[noise], turn, axis=1), 0, 255).astype(np.uint8)
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        encoded.tofile(folder / "set" / file_name(number))


def prepare(folder: Path, count: int) -> None:
    """Prepare the set by one worker."""
    from data_prep.preparation.prepare import prepare as prepared

    terms = "what a benchmark wrote"
    card = Noisy(
        name="noisy", title="Noisy", folder="set", whole=0, licence=terms, how_to_obtain=terms, count=count
    )
    done = prepared(card, folder, folder / "prepared", size=SIDE, template="arcface", workers=1)
    if len(done.index) < 0.99 * count:
        sys.exit(f"of {count:,} images {len(done.index):,} were prepared")


def standing(folder: Path):
    """Return the prepared set."""
    from data_prep.prepared.index import load

    (found,) = (folder / "prepared").iterdir()
    return load(found)


def read(folder: Path, count: int) -> None:
    """Read an epoch of augmented batches, streamed."""
    from common.evidence.records import Data
    from common.faces.augmentation import Augmentation
    from data_prep.prepared import faces
    from data_prep.prepared.batches import Plan, make_batches

    faces.MEMORY = 0
    prepared = standing(folder)
    images = len(prepared.index)
    data = Data("noisy", "Noisy", "all", prepared.fingerprint, "all", images, None, prepared.coverage, True)
    whole = faces.Faces(prepared, np.arange(images), data)
    labels = prepared.index["age"].to_numpy(np.int32)
    batches = make_batches(whole, Plan(BATCH, Augmentation(flip=0.5), 1, [labels]))
    if sum(1 for _ in batches.source(0, 0)) != batches.steps:
        sys.exit("an epoch had another number of batches than it says")


def evaluate(folder: Path, count: int) -> None:
    """Say the age of every face, shard by shard."""
    from common.losses import NeighborhoodLoss
    from data_prep.prepared.by_shard import compute_by_shard
    from reproductions.shared.age_estimation.evaluate import predict

    (model, _), loss, prepared = networks(), NeighborhoodLoss(), standing(folder)

    def ages(images: np.ndarray) -> np.ndarray:
        return predict(model, loss, images, mirrored=False).decisions["expectation"][:, None]

    compute_by_shard(prepared, ages, folder / "ages", "saying ages")


def embed(folder: Path, count: int) -> None:
    """Write a vector of every face, shard by shard."""
    from data_prep.prepared.by_shard import compute_shard
    from reproductions.shared.recognition.evaluation import network_features

    prepared = standing(folder)
    features = network_features(networks()[1], mirrored=False)
    with open(folder / "vectors", "wb") as file:
        for shard in range(len(prepared.manifest["shards"])):
            compute_shard(prepared, features, folder / "embedded", shard).tofile(file)


def search(folder: Path, count: int) -> None:
    """Look for some of the faces among all, themselves left out."""
    from common.metrics.search import nearest

    size = (folder / "vectors").stat().st_size // 4
    rows = len(standing(folder).index)
    gallery = np.memmap(folder / "vectors", np.float32, "r", shape=(rows, size // rows))
    chosen = np.arange(0, rows, CHOSEN)[:PROBES]
    nearest(gallery[chosen], gallery, leave_out=chosen)


def networks():
    """Return a small age network for faces of this size, as it was drawn, and its features alone."""
    import keras

    from common.networks import residual_age_network
    from common.training.seeds import seed_everything

    seed_everything(1)
    faces = keras.Input((SIDE, SIDE, 3), dtype="uint8")
    inner = residual_age_network(size=SIDE, width=0.125)
    inner = keras.Model(inner.input, [inner.output, inner.get_layer("pool").output])
    ages, features = inner(keras.layers.Rescaling(1 / 128, -127.5 / 128)(faces))
    return keras.Model(faces, ages), keras.Model(faces, features)


STAGES: dict[str, Callable[[Path, int], None]] = {
    "write": write,
    "prepare": prepare,
    "read": read,
    "evaluate": evaluate,
    "embed": embed,
    "search": search,
}
"""Stage -> (folder, number of images) -> nothing; each needs what those before it left in the folder."""


WITH_WORKERS = ("prepare",)
"""Stages that have processes of their own."""


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--counts", type=numbers, default=[5_000, 500_000])
    parser.add_argument(
        "--within", type=float, default=300.0, help="MiB that the last may take above the first"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to write (default the system's for what is passing)"
    )
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
