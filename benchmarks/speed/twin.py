"""The speed of a network's twin in PyTorch, as one line of JSON: `benchmarks/bench.py` starts this.

    python -m benchmarks.speed.twin '{"network": "age", ...}' --precision bfloat16 --threads 2

The recipe is that of `benchmarks.twins.recipes`. What is timed is what `benchmarks.speed.network` times of
the suite's own: a step on a batch varied anew, by processes of a `DataLoader`, as PyTorch's users have it,
and an answer. The twin runs eagerly, channels last, in bfloat16 by autocast.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from benchmarks.speed.timing import KEPT, median, timed_steps
from benchmarks.twins.joint import JointNetwork
from benchmarks.twins.layers import Twin
from benchmarks.twins.optimizers import Optimizer
from benchmarks.twins.recognition import Recogniser
from benchmarks.twins.residual import AgeNetwork
from common.faces.augmentation import Augmentation

NETWORKS: dict[str, type[Twin]] = {"age": AgeNetwork, "joint": JointNetwork, "recognition": Recogniser}

_ENDLESS = 2**31
_BATCHES_AHEAD = 4

Batch = tuple[torch.Tensor, dict[str, torch.Tensor]]


def main() -> None:
    """Print the figures."""
    options = parse()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    torch.set_num_threads(options.threads)
    # As TensorFlow's threads do: a product with the smallest numbers takes a hundred times as long.
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    recipe = json.loads(options.recipe)
    network = built(recipe)
    figures = {"batch": recipe["batch"], "size": recipe["size"], "parameters": parameters(network)}
    figures["version"] = torch.__version__
    figures |= trained(network, recipe, options)
    figures |= answered(network, recipe, options)
    print(json.dumps(figures))


def built(recipe: dict[str, Any]) -> Twin:
    """Return the twin of a recipe, as it was drawn."""
    return NETWORKS[recipe["network"]](**recipe["arguments"]).to(memory_format=torch.channels_last)


def parameters(network: Twin) -> int:
    """Return how many numbers are trained."""
    return sum(one.numel() for one in network.parameters())


def trained(network: Twin, recipe: dict[str, Any], options: argparse.Namespace) -> dict[str, float]:
    """Train for a while; return what `timed_steps` does."""
    optimizer = Optimizer(network, recipe["optimizer"])
    network.train()

    def step(example: Batch) -> None:
        faces, labels = example
        with arithmetic(options.precision):
            outputs = network(faces.permute(0, 3, 1, 2), labels)
            loss = network.loss(outputs, labels)
        optimizer.step(loss)
        loss.item()

    return timed_steps(step, batches(network, recipe, options.threads), recipe["batch"], options.seconds)


def answered(network: Twin, recipe: dict[str, Any], options: argparse.Namespace) -> dict[str, float]:
    """Return the images a second that the twin answers."""
    network.eval()
    faces, labels = Noise(recipe, network.labels)[0]
    faces = faces.permute(0, 3, 1, 2)

    def answer() -> None:
        with torch.inference_mode(), arithmetic(options.precision):
            network(faces, labels)

    return {"answered_a_second": recipe["batch"] / median(answer, options.seconds)}


def arithmetic(precision: str) -> torch.autocast:
    """Return the context of a number format."""
    return torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16")


def batches(network: Twin, recipe: dict[str, Any], threads: int) -> Iterator[Batch]:
    """Return batches without end, made ahead and each varied anew."""
    loader = DataLoader(
        Noise(recipe, network.labels),
        batch_size=None,
        num_workers=threads,
        prefetch_factor=max(1, _BATCHES_AHEAD // threads),
    )
    return iter(loader)


class Noise(Dataset[Batch]):
    """Batches of noise in place of faces, by number; labels are drawn evenly."""

    def __init__(self, recipe: dict[str, Any], labels: dict[str, int]) -> None:
        random, count, size = np.random.default_rng(0), recipe["batch"], recipe["size"]
        self.augmentation = Augmentation(**recipe["augmentation"])
        self.faces = random.integers(0, 256, (count, size, size, 3), np.uint8)
        self.labels = [
            {name: torch.from_numpy(random.integers(0, classes, count)) for name, classes in labels.items()}
            for _ in range(KEPT)
        ]

    def __len__(self) -> int:
        return _ENDLESS

    def __getitem__(self, step: int) -> Batch:
        varied = self.augmentation(self.faces, np.random.default_rng(step))
        return torch.from_numpy(varied), self.labels[step % KEPT]


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe")
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement, at least")
    return parser.parse_args()


if __name__ == "__main__":
    main()
