"""The Makefile, started with nothing of the caller's variables."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

VARIABLES = set(re.findall(r"\$\$\{?([A-Z_]+)", (ROOT / "Makefile").read_text(encoding="utf-8")))
VARIABLES |= set(re.findall(r"\$\(value ([A-Z_]+)\)", (ROOT / "Makefile").read_text(encoding="utf-8")))


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    for name in VARIABLES:
        clean.pop(name, None)
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, env=clean | environment, timeout=60
    )
