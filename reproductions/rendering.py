"""Every table and figure from the records, and the proof that the committed ones are just that."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from common.errors import UserError
from reproductions.options import Options
from reproductions.registry import Paper, papers

RECORDS = "runs"  # the folder of a paper's results that rendering reads and never writes
_SAME_PIXELS = 0.999  # of a figure: fonts are drawn a shade differently on other processors


def render_all(options: Options, which: Iterable[Paper] | None = None) -> None:
    """Render every paper that has records; raises UserError where none has."""
    with_records = [paper for paper in _papers(which) if _records(options, paper)]
    if not with_records:
        raise UserError(f"there are no records in {options.results_root}: run make reproduce first.")
    for paper in with_records:
        paper.render(options)


def check_all(options: Options, which: Iterable[Paper] | None = None) -> None:
    """Render every paper's records beside its committed results and raise UserError where the two differ."""
    for paper in _papers(which):
        committed = options.results_root / paper.name
        if not committed.is_dir():
            print(f"{committed}: no results")
            continue
        with tempfile.TemporaryDirectory() as root:
            rendered = Path(root) / paper.name
            if (committed / RECORDS).is_dir():
                shutil.copytree(committed / RECORDS, rendered / RECORDS)
            paper.render(replace(options, results_root=Path(root)))
            differing = differences(committed, rendered)
        if differing:
            raise UserError(
                f"{committed} is not what its records render to ({'; '.join(differing)}): "
                "run make tables and commit what it writes."
            )
        print(f"{committed}: all that is shown is what its {len(_records(options, paper))} records render to")


def differences(committed: Path, rendered: Path) -> list[str]:
    """Return what sets two folders of results apart, records aside; nothing where they show the same."""
    ours, theirs = _shown(committed), _shown(rendered)
    found = [f"{name} is missing" for name in sorted(theirs.keys() - ours.keys())]
    found += [f"{name} comes from no record" for name in sorted(ours.keys() - theirs.keys())]
    both = sorted(ours.keys() & theirs.keys())
    return found + [f"{name} differs" for name in both if not _same(ours[name], theirs[name])]


def _papers(which: Iterable[Paper] | None) -> list[Paper]:
    return list(papers().values() if which is None else which)


def _records(options: Options, paper: Paper) -> list[Path]:
    return sorted((options.results_root / paper.name / RECORDS).glob("*.json"))


def _shown(folder: Path) -> dict[str, Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: path for name, path in names.items() if not name.startswith(f"{RECORDS}/")}


def _same(first: Path, second: Path) -> bool:
    if first.read_bytes() == second.read_bytes():
        return True
    return first.suffix == ".png" and _same_picture(first, second)


def _same_picture(first: Path, second: Path) -> bool:
    import cv2

    pictures = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (first, second)]
    if any(picture is None for picture in pictures) or pictures[0].shape != pictures[1].shape:
        return False
    return float((pictures[0] == pictures[1]).mean()) >= _SAME_PIXELS
