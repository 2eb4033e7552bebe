"""What the readers of records, predictions, prepared sets, labels, weights and the like make of broken files.

    python -m benchmarks.mutated_evidence [--count 1500] [--seed 0] [--only NAME] [--show]

Each mutation is of a valid file: of its bytes, or of a value in its JSON, with the hashes as they were or
written anew, so that what lies behind them is reached too. A reader may read it or refuse it in a sentence of
one line; anything else is printed, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from benchmarks.mutations import evidence, prepared, trained
from common.errors import UserError


def main() -> int:
    """Print the counts, and what went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1500, help="mutations of all readers together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="readers whose name holds this")
    parser.add_argument("--show", action="store_true", help="print every sentence")
    options = parser.parse_args()
    cases = [case for case in (*evidence.CASES, *prepared.CASES, *trained.CASES) if options.only in case.name]
    wrong = 0
    for case in cases:
        started, outcomes = time.monotonic(), Counter()
        with tempfile.TemporaryDirectory() as folder:
            case.prepare(Path(folder))
            for number in range(-(-options.count // len(cases))):
                generator = random.Random(f"{options.seed} {case.name} {number}")
                outcome, told = _outcome(case, Path(folder), generator)
                outcomes[outcome] += 1
                if outcome not in ("read", "refused") or options.show:
                    print(f"{case.name} {number}: {outcome}: {told}")
        wrong += sum(outcomes.values()) - outcomes["read"] - outcomes["refused"]
        counted = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"{case.name}: {counted}; {time.monotonic() - started:.1f} s", flush=True)
    return 1 if wrong else 0


def _outcome(case, folder: Path, generator: random.Random) -> tuple[str, str]:
    case.mutate(folder, generator)
    try:
        case.read(folder)
    except UserError as error:
        return ("refused" if str(error).isprintable() else "no line"), ascii(str(error))
    except Exception as error:  # a traceback is what is looked for
        where = traceback.extract_tb(error.__traceback__)[-1]
        return "traceback", f"{type(error).__name__} in {where.filename}:{where.lineno}: {ascii(error)[:300]}"
    return "read", ""


if __name__ == "__main__":
    sys.exit(main())
