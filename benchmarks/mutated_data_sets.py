"""What the readers of data sets make of broken files, each in a process of bounded memory and time.

    python -m benchmarks.mutated_data_sets [--count 3000] [--seed 0] [--only NAME] [--show]

A reader may read a broken file, refuse names or lines in it, or refuse it in a sentence of one line; a
traceback, more than 256 MiB or five seconds are printed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import functools
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.mutations import sets
from benchmarks.trials import attempt, report

MEMORY = 256 << 20
SECONDS = 5.0


def main() -> int:
    """Print the counts by reader, and what went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=3000, help="mutations of all readers together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="readers whose name holds this")
    parser.add_argument("--show", action="store_true", help="print every sentence")
    options = parser.parse_args()
    cases = [case for case in sets.CASES if options.only in case.name]
    wrong = 0
    everything = {}
    for case in cases:
        outcomes = {}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            case.prepare(folder)
            for number in range(-(-options.count // len(cases))):
                case.mutate(folder, random.Random(f"{options.seed} {case.name} {number}"))
                read = functools.partial(case.read, folder)
                outcomes[f"{case.name} {number}"] = attempt(read, memory=MEMORY, seconds=SECONDS)
        wrong += report(case.name, outcomes, show=options.show)
        everything |= outcomes
    report("all readers", everything)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
