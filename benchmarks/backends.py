"""Whether the layers and losses do under Keras' other backends what they do under TensorFlow.

    .venv/bin/pip install --target ../backends -r requirements-backends.txt -c constraints.txt
    PYTHONPATH=../backends .venv/bin/python -m benchmarks.backends [--backends jax,torch]

Every case of `benchmarks.backend_cases` is computed under each backend in a process of its own, from the same
inputs and weights: outputs, gradients, three steps of training in a compiled model, and the answers of the
model that TensorFlow saved. What differs by more than `AGREEMENT` is said to differ; the table goes to
results/backends.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arguments import names
from common.evidence.formats import markdown_table
from common.files import atomic_write

PAGE = Path("results/backends.md")
REFERENCE = "tensorflow"
QUESTIONS = ("output", "gradient", "training", "file")
COLUMNS = ("Output", "Gradient", "Trained", "File")
AGREEMENT = 1e-4
"""Largest difference, in units of the largest number that TensorFlow gives, that float32 accounts for."""

STEPS = 3
_NO = "no: "


def main() -> None:
    """Ask every backend and write the page."""
    options = parse()
    if options.one:
        say(options.one, options.folder)
        return
    require(options.backends)
    with tempfile.TemporaryDirectory() as folder:
        for backend in (REFERENCE, *options.backends):
            print(f"{backend}: {len(ask(backend, Path(folder)))} cases", flush=True)
        with atomic_write(options.out) as file:
            file.write(page(Path(folder), options.backends))
    print(f"{options.out}: what works under which backend")


def require(backends: Sequence[str]) -> None:
    """Stop with a sentence where a backend is not there, before anything is computed."""
    missing = [backend for backend in backends if importlib.util.find_spec(backend) is None]
    if missing:
        sys.exit(
            f"{' and '.join(missing)} cannot be imported: install what requirements-backends.txt names, "
            "as the first lines of benchmarks/backends.py say."
        )


def ask(backend: str, folder: Path) -> dict[str, Any]:
    """Compute every case under a backend in a process of its own; return what it says of each.

    Raises:
        SystemExit: its process fails.
    """
    command = [sys.executable, "-m", "benchmarks.backends", "--one", backend, "--folder", str(folder)]
    done = subprocess.run(
        command,
        env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        text=True,
    )
    path = folder / f"{backend}.json"
    if done.returncode or not path.is_file():
        sys.exit(f"Keras computes nothing with {backend}: its last words stand above.")
    return json.loads(path.read_text(encoding="utf-8"))["failed"]


def say(backend: str, folder: Path) -> None:
    """Compute every case under the backend of this process into files of `folder`."""
    logging.getLogger("tensorflow").setLevel("ERROR")
    import keras

    from benchmarks.backend_answers import answers
    from benchmarks.backend_cases import CASES

    assert keras.backend.backend() == backend
    failed: dict[str, dict[str, str]] = {}
    arrays: dict[str, np.ndarray] = {}
    for case in CASES:
        failed[case.title] = {}
        for question, answer in answers(case, folder, backend == REFERENCE).items():
            if isinstance(answer, str):
                failed[case.title][question] = answer
            else:
                arrays |= {f"{case.title}/{question}/{i}": one for i, one in enumerate(answer)}
    np.savez(folder / f"{backend}.npz", **arrays)
    versions = {name: metadata.version(name).partition("+")[0] for name in ("keras", backend)}
    known = {"failed": failed, "versions": versions}
    (folder / f"{backend}.json").write_text(json.dumps(known), encoding="utf-8")


def page(folder: Path, backends: Sequence[str]) -> str:
    """Return the page as Markdown, from the files that `say` wrote."""
    told = {
        backend: json.loads((folder / f"{backend}.json").read_text("utf-8"))
        for backend in (REFERENCE, *backends)
    }
    arrays = {backend: dict(np.load(folder / f"{backend}.npz")) for backend in told}
    rows = []
    for title, failed in told[REFERENCE]["failed"].items():
        assert not failed, f"{title} under {REFERENCE}: {failed}"
        cells = (
            compared(title, question, arrays[REFERENCE], arrays[backend], told[backend]["failed"][title])
            for backend in backends
            for question in QUESTIONS
        )
        rows.append((title, *cells))
    rows, reasons = marked(rows)
    tables = []
    for number, backend in enumerate(backends):
        own = slice(1 + number * len(QUESTIONS), 1 + (number + 1) * len(QUESTIONS))
        tables += [
            f"## {backend}",
            "",
            *markdown_table(("", *COLUMNS), [(row[0], *row[own]) for row in rows]),
            "",
        ]
    versions = {name: version for one in told.values() for name, version in one["versions"].items()}
    lines = [
        "<!-- Generated by python -m benchmarks.backends; changes made here are lost. -->",
        "",
        "# Layers and losses under other backends of Keras",
        "",
        "What is in `common.layers` and `common.losses`, from the same inputs and weights in float32 on a",
        "processor, beside what TensorFlow gives: the largest difference, in units of the largest number.",
        "*Gradient* is by inputs and weights; *Trained* are weights and states of a compiled model after",
        f"{STEPS} steps of `train_on_batch`; *File* are the answers of that model, saved by TensorFlow and",
        f"loaded under the other. A difference above {AGREEMENT:g} is said to be one.",
        "",
        *tables,
        *(f"{number}. {reason}" for number, reason in enumerate(reasons, 1)),
        *([""] if reasons else []),
        f"Measured with {', '.join(f'{name} {version}' for name, version in versions.items())}.",
    ]
    return "\n".join([*lines, ""])


def marked(rows: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[str]]:
    """Return rows in which "no: REASON" is "no [1]", and the reasons, each once."""
    said = [cell.removeprefix(_NO) for row in rows for cell in row if cell.startswith(_NO)]
    reasons = list(dict.fromkeys(said))
    marks = {_NO + reason: f"no [{number}]" for number, reason in enumerate(reasons, 1)}
    return [[marks.get(cell, cell) for cell in row] for row in rows], reasons


def compared(
    title: str,
    question: str,
    reference: Mapping[str, np.ndarray],
    found: Mapping[str, np.ndarray],
    failed: Mapping[str, str],
) -> str:
    """Return a cell: how far answers lie from TensorFlow's, or why there are none."""
    if question in failed:
        return _NO + failed[question]
    prefix = f"{title}/{question}/"
    wanted = {name: array for name, array in reference.items() if name.startswith(prefix)}
    if not wanted:
        return "–"
    largest = max(differences(wanted, found))
    if largest == np.inf:
        return "other shapes"
    if not largest <= AGREEMENT:
        return f"differs by {largest:.0e}"
    return "same" if largest == 0 else f"{largest:.0e}"


def differences(wanted: Mapping[str, np.ndarray], found: Mapping[str, np.ndarray]) -> Iterator[float]:
    """Yield of each array the largest difference, in units of the largest number wanted."""
    for name, array in wanted.items():
        if name not in found or found[name].shape != array.shape:
            yield np.inf
        else:
            largest = np.abs(array).max(initial=0.0)
            yield float(np.abs(found[name] - array).max(initial=0.0) / (largest or 1.0))


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--backends", type=names, default=["jax", "torch"])
    parser.add_argument("--out", type=Path, default=PAGE)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
