"""Whether several replicas train each paper's networks as one does, on the batches of a profile.

    python benchmarks/replicas.py --replicas 1,2,3,4,8 --steps 2 [--profile smoke] [--paper jmcnn]

One run of a row of each paper, data, evaluation and record included, with the first steps alone of every
training and without dropout, whose masks replicas draw apart. Printed are the largest difference of a weight
from one replica's, and of that what the steps changed. Each run is a process of its own; generated faces are
prepared once, in a folder that goes with the program. Logical processors are slow to start: eight of them
trace every network eight times.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import numpy as np

ROWS = {
    "neighborhood": ("reproductions.neighborhood_loss", "NEIGHBORHOOD_18", "table2"),
    "jmcnn": ("reproductions.jmcnn", "JMCNN", "table1"),
    "age-gender": ("reproductions.age_gender", "JOINT", "results"),
    "mtlface": ("reproductions.mtlface", "MTLFACE", "aifr"),
    "caae": ("reproductions.mtlface.synthesis", "CAAE", "table2"),
}


def main() -> None:
    """Print the figures."""
    options = parse()
    if options.into is not None:
        train(options)
        return
    with tempfile.TemporaryDirectory() as folder:
        for paper in options.paper:
            compare(paper, options, Path(folder))


def compare(paper: str, options: argparse.Namespace, folder: Path) -> None:
    """Train a paper's row with each number of replicas and print how far the weights are apart."""
    first = None
    for replicas in options.replicas:
        into = folder / f"{paper}-{replicas}"
        own = ["--paper", paper, "--replicas", str(replicas), "--into", str(into)]
        same = [
            "--profile",
            options.profile,
            "--steps",
            str(options.steps),
            "--prepared",
            str(folder / "prepared"),
        ]
        done = subprocess.run([sys.executable, __file__, *own, *same], capture_output=True, text=True)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            print(f"{paper}, {replicas} replicas: status {done.returncode}, {last}", flush=True)
            continue
        found = {path.name: np.load(path) for path in sorted(into.glob("*.npz"))}
        first = first or found
        for name, ended in found.items():
            apart = max(np.abs(ended[key] - first[name][key]).max() for key in ended.files if key[0] == "w")
            moved = max(
                np.abs(ended[key] - ended[f"s{key[1:]}"]).max() for key in ended.files if key[0] == "w"
            )
            print(
                f"{paper}, {name}, batch {ended['batch']}, {replicas} replicas: {apart:.1e} of {moved:.1e}",
                flush=True,
            )


def train(options: argparse.Namespace) -> None:
    """Make one run and leave the weights of its trainings at their start and end in the folder `into`."""
    (paper,), (replicas,) = options.paper, options.replicas
    from reproductions.shared.command_line.quiet import import_tensorflow

    import_tensorflow(replicas)
    import keras

    from common.training.fit import fit
    from reproductions.shared.harness import fitting
    from reproductions.shared.harness.options import Options

    into = options.into
    into.mkdir(parents=True)

    def briefly(build, data, *, batch_size, steps_per_epoch, **others):
        start = []

        def undropped():
            model = build()
            for layer in model._flatten_layers():
                if isinstance(layer, keras.layers.Dropout):
                    layer.rate = 0.0
            start[:] = [weight.numpy() for weight in model.trainable_weights]
            return model

        steps = min(options.steps, steps_per_epoch)
        short = others | {"epochs": 1, "resume": False}
        fitted = fit(undropped, data, batch_size=batch_size, steps_per_epoch=steps, **short)
        ended = [weight.numpy() for weight in fitted.model.trainable_weights]
        number = len(list(into.glob("*.npz")))
        arrays = {f"s{i}": one for i, one in enumerate(start)} | {f"w{i}": one for i, one in enumerate(ended)}
        np.savez(into / f"training-{number}.npz", batch=batch_size, **arrays)
        return fitted

    fitting.fit = briefly
    module, name, table = ROWS[paper]
    experiment = getattr(import_module(f"{module}.experiments"), name)
    chosen = Options(
        profile=options.profile,
        prepared_root=options.prepared,
        results_root=into / "results",
        runs_root=into / "runs",
        replicas=replicas,
        precision="float32",
        seeds=(1,),
    )
    import_module(f"{module}.study").STUDY.run(experiment, table, chosen, 1)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--paper", choices=ROWS, nargs="*", default=list(ROWS))
    parser.add_argument("--replicas", type=lambda text: [int(one) for one in text.split(",")], default=[1, 3])
    parser.add_argument("--profile", default="smoke")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--prepared", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
