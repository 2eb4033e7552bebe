"""The speed of every network on this machine, written down: `make bench`.

    python -m benchmarks.bench [--profiles cpu] [--networks joint,aifr-] [--threads 1,2] [--seconds 5]

Each network is trained and asked in each number format with each number of threads, in a process of its own
(`benchmarks/speed/network.py`), then the machine is measured (`benchmarks/speed/machine.py`). Where PyTorch
is installed (requirements-bench.txt), what `benchmarks/twins` holds is measured right after the network that
it is the twin of (`benchmarks/speed/twin.py`); --no-twins leaves that out. What is found goes to a file named
after the processor in results/bench (of the smoke profile to runs/results/bench), from which the page
README.md beside it is written; --page writes it again and measures nothing. What was measured before of other
networks, formats and threads stays. A machine that does other work gives figures that are not its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.arguments import names, numbers
from common.evidence.formats import markdown_table
from common.evidence.provenance import code_version, libraries, processor
from common.files import atomic_write
from common.training.precision import PRECISIONS

RESULTS, SMOKE_RESULTS = Path("results/bench"), Path("runs/results/bench")
WITHOUT_TORCH = (
    "PyTorch is not installed, so the same networks in it are not measured: "
    ".venv/bin/pip install -r requirements-bench.txt -c constraints.txt"
)
TRAINING = 3
"""Passes of which a training step consists: forward, and two as long back."""


def main() -> None:
    """Measure what is asked for, and write it and the page."""
    options = parse()
    options.results = options.results or (SMOKE_RESULTS if options.profiles == ["smoke"] else RESULTS)
    failed = [] if options.page else measure(options)
    path = options.results / "README.md"
    with atomic_write(path) as file:
        file.write(page(options.results))
    print(f"{path}: the speed of every network")
    if failed:
        sys.exit(f"not measured: {'; '.join(failed)}. Each is told of above.")


def measure(options: argparse.Namespace) -> list[str]:
    """Measure networks and machine, write after each what is known so far, and name what failed."""
    from reproductions.shared.command_line.quiet import import_tensorflow

    import_tensorflow()
    from benchmarks.twins.recipes import twin_recipe
    from reproductions.shared.harness.trainings import chosen

    twins = options.twins and torch_is_installed()
    path = options.results / f"{slug(processor())}.json"
    known: dict[str, Any] = {"networks": {}, "twins": {}, "machine": {}}
    known |= json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known |= {"processor": processor(), "code_version": code_version(), "libraries": libraries()}
    cases = [
        (name, profile, precision, threads)
        for profile in options.profiles
        for name in chosen(profile, options.networks)
        for precision in options.precisions
        for threads in options.threads
    ]
    failed = []
    for done, (name, profile, precision, threads) in enumerate(cases, 1):
        key = f"{name} {profile} {precision} {threads}"
        print(f"{done} of {len(cases)}: {name}, {profile}, {precision}, threads {threads}", flush=True)
        case = {"network": name, "profile": profile, "precision": precision, "threads": threads}
        timed = [f"--precision={precision}", f"--seconds={options.seconds}", f"--threads={threads}"]
        measurements = {"networks": ("network", name, f"--profile={profile}")}
        recipe = twin_recipe(name, profile, precision) if twins else None
        if recipe is not None:
            measurements["twins"] = ("twin", json.dumps(recipe))
        for kind, asked in measurements.items():
            figures = told(*asked, *timed)
            if figures is None:
                failed.append(key if kind == "networks" else f"{key} in PyTorch")
            else:
                known[kind][key] = case | figures
                write(path, known)
    for threads in options.threads if options.machine else ():
        print(f"the machine, threads {threads}", flush=True)
        figures = told("machine", f"--threads={threads}")
        if figures is None:
            failed.append(f"the machine, threads {threads}")
        else:
            known["machine"][str(threads)] = figures
            write(path, known)
    return failed


def torch_is_installed() -> bool:
    """Return whether twins can be measured; say what to install where they cannot."""
    found = importlib.util.find_spec("torch") is not None
    if not found:
        print(WITHOUT_TORCH, flush=True)
    return found


def told(module: str, *arguments: str) -> dict[str, Any] | None:
    """Return what a module of `benchmarks.speed` says in its last line; None after a sentence if it fails."""
    command = [sys.executable, "-m", f"benchmarks.speed.{module}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(f"  failed: {(done.stderr.strip().splitlines() or ['no word'])[-1]}", flush=True)
        return None
    figures: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def write(path: Path, known: dict[str, Any]) -> None:
    """Write what is known of a machine."""
    known["measured"] = time.strftime("%Y-%m-%d", time.gmtime())
    with atomic_write(path) as file:
        json.dump(known, file, indent=1, sort_keys=True)
        file.write("\n")


def slug(name: str) -> str:
    """Return the name of a processor as a file may be called."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def page(results: Path) -> str:
    """Return the page of all machines as Markdown."""
    lines = [
        "<!-- Generated by `make bench` from the files beside it; changes made here are lost. -->",
        "",
        "# Speed",
        "",
        "Images are noise, varied as in training; a step holds the loss, the way back and the optimizer.",
        "*Waits* is the share of a step in which the network waits for its batch, *peak* the share of what a",
        "large product reaches on the same threads, with three passes a step. *Times* is how many more are",
        "answered, a view a face, than trained. Memory is the process's most.",
        "PyTorch runs the same layers, losses and optimizers eagerly, channels last, bfloat16 by autocast,",
        "and has its batches varied by processes of their own, as its users do.",
    ]
    for path in sorted(results.glob("*.json")):
        lines += ["", *machine_page(json.loads(path.read_text(encoding="utf-8")))]
    return "\n".join([*lines, ""])


def machine_page(known: dict[str, Any]) -> list[str]:
    """Return the lines of one machine: of each network a table, and one beside its twin."""
    header = ("Format", "Threads", "ms a step", "Trained/s", "Answered/s", "Times", "Waits", "Peak", "MiB")
    found, twins = known["machine"], known.get("twins", {})
    lines = [f"## {known['processor']}", "", f"Measured {known['measured']}, code {known['code_version']}."]
    for title, several in grouped(known["networks"]).items():
        rows = [row(one, found) for one in several.values()]
        lines += ["", f"### {title}", "", *markdown_table(header, rows, left=1)]
        lines += beside_torch(several, twins)
    if found:
        figures = [(name, [one.get(name) for one in found.values()]) for name in next(iter(found.values()))]
        body = [[name.replace("_", " "), *(f"{one:,.3g}" for one in values)] for name, values in figures]
        header = ("What the machine can do", *(f"threads {one}" for one in found))
        lines += ["", "### The machine", "", *markdown_table(header, body, left=1)]
    return lines


def grouped(networks: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the measurements of each network in each profile together, by what stands above them."""
    together: dict[str, dict[str, Any]] = {}
    for key, one in networks.items():
        title = f"{one['network']}, profile {one['profile']}, batches of {one['batch']}"
        together.setdefault(title, {})[key] = one
    return together


def row(one: dict[str, Any], machine: dict[str, Any]) -> list[str]:
    """Return a network's row."""
    most = machine.get(str(one["threads"]), {}).get(f"{one['precision']}_operations_a_second")
    share = ""
    if most and "operations" in one:
        share = f"{100 * TRAINING * one['operations'] * one['trained_a_second'] / most:.0f}%"
    return [
        *(one["precision"], str(one["threads"])),
        *(f"{one['step_ms']:,.0f}", f"{one['trained_a_second']:,.0f}", f"{one['answered_a_second']:,.0f}"),
        f"{one['answered_a_second'] / one['trained_a_second']:.1f}",
        *(f"{one['waits_percent']:.1f}%", share, f"{one['peak_memory_mib']:,}"),
    ]


def beside_torch(networks: dict[str, Any], twins: dict[str, Any]) -> list[str]:
    """Return the lines that hold a network against its twin; none where none was measured."""
    both = [(one, twins[key]) for key, one in networks.items() if key in twins]
    if not both:
        return []
    header = ("Format", "Threads", "Trained/s", "PyTorch", "Ratio", "Answered/s", "PyTorch", "Ratio")
    versions = sorted({twin["version"] for _, twin in both})
    sentence = f"The same in PyTorch {', '.join(versions)}; a ratio above 1 is in favour of the suite:"
    rows = []
    for one, twin in both:
        cells = [one["precision"], str(one["threads"])]
        for figure in ("trained_a_second", "answered_a_second"):
            cells += [f"{one[figure]:,.0f}", f"{twin[figure]:,.0f}", f"{one[figure] / twin[figure]:.2f}"]
        rows.append(cells)
    return ["", sentence, "", *markdown_table(header, rows, left=1)]


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profiles", type=names, default=["cpu"])
    parser.add_argument("--networks", help="parts of names with commas between (default all)")
    parser.add_argument(
        "--precisions",
        type=names,
        default=["float32", "bfloat16"],
        help=", ".join(PRECISIONS),
    )
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement, at least")
    parser.add_argument("--results", type=Path, help="folder of files and page")
    parser.add_argument("--no-machine", dest="machine", action="store_false", help="measure networks alone")
    parser.add_argument("--no-twins", dest="twins", action="store_false", help="leave PyTorch out")
    parser.add_argument("--page", action="store_true", help="write the page again, measure nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
