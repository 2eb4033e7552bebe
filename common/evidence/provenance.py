"""Where a number came from: the code, the libraries and the machine that made it."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
from importlib import metadata
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_CODE = ("common", "data_prep", "reproductions")
_CPUINFO = Path("/proc/cpuinfo")
_VECTORS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"), ("sve", "SVE"), ("asimd", "NEON"))
"""The widest of them is named."""

_BF16 = {"avx512_bf16", "amx_bf16", "bf16"}
"""Flags of processors that multiply in bfloat16: Intel and AMD, Intel's matrix unit, and Arm."""

_LIBRARIES = ("tensorflow", "keras", "numpy", "scipy", "opencv-contrib-python-headless")


CHANGED = "+changes"
"""What a version ends with where the code differed from its commit."""


def code_version(root: Path = _ROOT, package: str = "faceage-reproductions") -> str:
    """Return the commit's first twelve digits, with "+changes" where the code folders differ from it.

    Only the code counts: a run that writes a record into the same checkout does not make the next one dirty.
    Without git the installed package's version is returned, or "unknown" where nothing is installed either.
    """
    commit = _git(root, "rev-parse", "--short=12", "HEAD")
    # An installed copy may lie inside somebody else's checkout, whose commit says nothing about this code.
    if commit is None or Path(_git(root, "rev-parse", "--show-toplevel") or "") != Path(root).resolve():
        try:
            return metadata.version(package)
        except metadata.PackageNotFoundError:
            return "unknown"
    return commit + (CHANGED if _git(root, "status", "--porcelain", "--", *_CODE) else "")


def is_committed(path: Path) -> bool:
    """Return whether a file is in git, and as it was last committed."""
    folder = str(path.resolve().parent)
    known = _git(Path(folder), "ls-files", "--error-unmatch", "--", path.name)
    return known is not None and _git(Path(folder), "status", "--porcelain", "--", path.name) == ""


def libraries() -> dict[str, str]:
    """Return the versions of Python and of those libraries that do the arithmetic, where installed."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def processor() -> str:
    """Return the processor and what decides its speed: "AMD EPYC 7B13 (2 cores, AVX2)".

    Its vector instructions are named since clouds call processors of very different speed by one name.
    """
    name = _listed("model name") or platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    counted = f"{cores} core{'' if cores == 1 else 's'}"
    return f"{name} ({', '.join((counted, *instructions()))})"


def instructions() -> tuple[str, ...]:
    """Return the processor's instructions that matter to a network: ("AVX-512", "BF16").

    The widest vectors come first, then whether it multiplies in bfloat16. Linux tells; elsewhere nothing is
    known, and nothing returned.
    """
    flags = set((_listed("flags") or _listed("Features") or "").split())
    vectors = [title for flag, title in _VECTORS if flag in flags][:1]
    return (*vectors, "BF16") if flags & _BF16 else tuple(vectors)


def _listed(name: str) -> str | None:
    """Return what /proc/cpuinfo says under that name of the first processor."""
    if not _CPUINFO.exists():
        return None
    lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    values = (line.partition(":")[2].strip() for line in lines if line.partition(":")[0].strip() == name)
    return next(values, None)


def peak_memory_mb() -> float:
    """Return the largest resident memory this process ever had, in MiB; it never falls again."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
