"""``python -m reproductions age-of PATH``: ages and genders of faces in a photograph, or a folder of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError, unknown
from common.faces.drawing import draw_box
from common.files import atomic_write, require_writable_folder
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.photographs.answers import AgedFace, Answer, ages_of_files, photographs
from reproductions.shared.photographs.finding import DETECTOR, opened
from reproductions.shared.photographs.pasting import write_picture

COLUMNS = (
    "photo", "face", "x1", "y1", "x2", "y2", "score", "age", "low", "high", "level", "error", "gender",
    "gender_probability", "remark",
)  # fmt: skip
FORMS = ("text", "csv", "json")
"""How answers are printed."""

ANNOTATED = "-ages.png"
"""Ends the name of an annotated copy."""


def age_of(
    path: Path,
    *,
    out: Path | None = None,
    annotate: bool = False,
    form: str = "text",
    network: Path = NETWORKS,
    detector: str = DETECTOR,
) -> None:
    """Print the ages and genders of all faces of a photograph or of the photographs below a folder.

    Args:
        path: a photograph or a folder.
        out: folder into which ages.csv, ages.json and annotated copies are written; None writes nothing.
        annotate: write a copy of each photograph with boxes and ages, into `out`.
        form: of what is printed: "text", "csv" or "json".
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: something given cannot be used; a single photograph that cannot be read, or, after all
            that is written, every one of a folder; or there is nowhere for annotated copies.
    """
    if form not in FORMS:
        raise unknown("format", form, FORMS)
    if annotate and out is None:
        raise UserError("annotated copies need a folder: give one with --out (OUT=...).")
    files = photographs(path, out)
    if out is not None:
        require_writable_folder(out, "another folder with --out (OUT=...)")
    answers = []
    for answer, file in zip(ages_of_files(files, network, detector), files, strict=True):
        if answer.problem and not path.is_dir():
            raise UserError(f"{path} cannot be used: {answer.problem}.")
        answers.append(answer)
        if form == "text":
            print(_text(answer), flush=True)
        if annotate and answer.faces:
            copy = out / f"{answer.name}{ANNOTATED}"
            _write_copy(copy, opened(file[1]), answer.faces)
            if form == "text":
                print(f"  {copy}", flush=True)
    if form != "text":
        print(_WRITTEN[form](answers), end="")
    if out is not None:
        for name, write in _WRITTEN.items():
            with atomic_write(out / f"ages.{name}") as file:
                file.write(write(answers))
        if form == "text":
            print(f"\n{out / 'ages.csv'}\n{out / 'ages.json'}")
    if all(answer.problem for answer in answers):
        raise UserError(f"no photograph below {path} can be used: beside the name of each stands why.")


def _text(answer: Answer) -> str:
    if answer.problem:
        return f"{answer.name}: passed over, {answer.problem}"
    if not answer.faces:
        return f"{answer.name}: no face is found"
    several = "1 face" if len(answer.faces) == 1 else f"{len(answer.faces)} faces, left to right"
    lines = [f"{answer.name}: {several}"]
    for face in answer.faces:
        age = face.age
        x1, y1, x2, y2 = map(round, face.box)
        lines.append(
            f"  {face.number}  {age.years:.0f} years, {age.level:.0%} between {age.low:.0f} and "
            f"{age.high:.0f}{_gender(face)}   (box {x1}, {y1} to {x2}, {y2})"
        )
        if age.warning:
            lines.append(f"     {age.warning}")
    return "\n".join(lines)


def _gender(face: AgedFace) -> str:
    return f"; {face.gender.name}, {face.gender.probability:.0%}" if face.gender else ""


def rows(answers: Iterable[Answer]) -> list[list[Any]]:
    """Return a row of `COLUMNS` for each face, and one for each photograph without."""
    found: list[list[Any]] = []
    for answer in answers:
        for face in answer.faces:
            age, gender = face.age, face.gender
            found.append(
                [
                    answer.name,
                    face.number,
                    *(round(value, 1) for value in face.box),
                    round(face.score, 4),
                    *(round(one, 2) for one in (age.years, age.low, age.high, age.level, age.error)),
                    gender.name if gender else None,
                    round(gender.probability, 4) if gender else None,
                    age.warning,
                ]
            )
        if not answer.faces:
            empty = [None] * (len(COLUMNS) - 2)
            found.append([answer.name, *empty, answer.problem or "no face is found"])
    return found


def _csv(answers: Sequence[Answer]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(answers))
    return text.getvalue()


def _json(answers: Sequence[Answer]) -> str:
    photos: dict[str, dict[str, Any]] = {}
    for row in rows(answers):
        name, *values = row
        photo = photos.setdefault(name, {"photo": name, "faces": [], "problem": None})
        if values[0] is None:
            photo["problem"] = values[-1]
        else:
            face = dict(zip(COLUMNS[1:], values, strict=True))
            face["box"] = [face.pop(side) for side in ("x1", "y1", "x2", "y2")]
            photo["faces"].append(face)
    return json.dumps(list(photos.values()), indent=2, ensure_ascii=False) + "\n"


def _write_copy(path: Path, pixels: np.ndarray, faces: Iterable[AgedFace]) -> None:
    copy = pixels.copy()
    for face in faces:
        age = face.age
        gender = f" {face.gender.name[0]}" if face.gender else ""
        draw_box(copy, face.box, label=f"{age.years:.0f} ({age.low:.0f}-{age.high:.0f}){gender}")
    write_picture(path, copy)


_WRITTEN: dict[str, Callable[[Sequence[Answer]], str]] = {"csv": _csv, "json": _json}
