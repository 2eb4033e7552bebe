"""Name the make target nearest to one that does not exist: ``python -m scripts.nearest_target NAME``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from common.errors import unknown

MAKEFILE = Path(__file__).resolve().parent.parent / "Makefile"


def documented() -> list[str]:
    """Return the Makefile's targets that `make help` lists, in its order."""
    return re.findall(r"^([a-z0-9-]+):.*## ", MAKEFILE.read_text(encoding="utf-8"), re.MULTILINE)


if __name__ == "__main__":
    sentence = str(unknown("target", sys.argv[1], documented())).partition(" Valid: ")[0]
    print(f"error: {sentence} make help lists them all.", file=sys.stderr)
    sys.exit(2)
