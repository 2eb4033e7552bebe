"""Records, their predictions, tables made of them, and figures' numbers."""

from __future__ import annotations

import contextlib
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.mutations.case import Case, changed_values
from benchmarks.mutations.examples import example
from common.errors import UserError
from common.evidence import records
from common.evidence.audit import audit
from common.evidence.figures import data_hash, stored_hash
from common.evidence.predictions import predictions_path
from common.evidence.render import check, render
from common.evidence.sealed import SEAL, write_sealed
from common.files import sha256_file
from reproductions.age_gender import ages, cascade_figure
from reproductions.jmcnn import fig3, gradient_check
from reproductions.mtlface import figa1
from reproductions.neighborhood_loss.tables import report

RESULTS = Path(__file__).parents[2] / "results"
PAPER = "neighborhood"


def _frame() -> pd.DataFrame:
    rows = {"name": ["a", "b"], "subject": ["001", "002"], "age": [1, 2], "expectation": [7.5, 8.5]}
    return pd.DataFrame({"column": "fgnet", **rows})


def _record(folder: Path) -> Path:
    return records.write(example(), folder, _frame())


def _read_record(folder: Path) -> None:
    records.load(folder, PAPER)
    audit(folder / PAPER)


def _predictions(folder: Path) -> Path:
    return predictions_path(_record(folder))


def _read_predictions(folder: Path) -> None:
    """As they are, and as if the record had been written with them."""
    path = records.run_path(folder, PAPER, example().run)
    stored = predictions_path(path)
    if stored.is_file():
        content = json.loads(path.read_text()) | {"predictions": sha256_file(stored)}
        write_sealed(path, {name: content[name] for name in content if name != SEAL})
    _read_record(folder)


def _changed_rows(valid: bytes, generator: random.Random) -> bytes:
    frame = pd.read_csv(io.BytesIO(valid), compression="gzip").astype(object)
    name = generator.choice(list(frame))
    match generator.randrange(4):
        case 0:
            frame = frame.drop(columns=name)
        case 1:
            frame = frame.rename(columns={name: generator.choice(["", "same", "age", "x"])})
        case 2:
            frame = frame.iloc[:0]
        case _:
            frame.loc[0, name] = generator.choice(["x", "", 1e400, -1, "9" * 400, "fgnet-x", None])
    buffer = io.BytesIO()
    frame.to_csv(buffer, index=False, compression="gzip")
    return buffer.getvalue()


def _tables(folder: Path) -> Path:
    if not (folder / PAPER).exists():
        for seed in (1, 2):
            records.write(example("cross-entropy-18", seed), folder, _frame())
    return records.write(example(), folder, _frame())


def _tabled_predictions(folder: Path) -> Path:
    return predictions_path(_tables(folder))


def _read_tables_anew(folder: Path) -> None:
    with contextlib.suppress(UserError):
        _read_predictions(folder)
    _read_tables(folder)


def _read_tables(folder: Path) -> None:
    render(report(), folder)
    check(report(), folder)


def _read_index(folder: Path) -> None:
    check(report(), folder)


def _contents(folder: Path) -> Path:
    path = folder / PAPER / "contents.json"
    path.unlink(missing_ok=True)
    _tables(folder)
    render(report(), folder)
    return path


def _copied(paper: str, name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / paper / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((RESULTS / paper / name).read_bytes())
        return path

    return make


def _plotted(data: Callable) -> Callable[[Path], None]:
    def read(folder: Path) -> None:
        found = data([], folder)
        if found is not None:
            data_hash(found.values)

    return read


CASES = (
    Case("record", _record, _read_record, changed_values(sealed=False)),
    Case("record's bytes", _record, _read_record),
    Case("record, sealed anew", _record, _read_record, changed_values(sealed=True)),
    Case("predictions", _predictions, _read_record),
    Case("predictions, hashed anew", _predictions, _read_predictions),
    Case("predictions' rows, hashed anew", _predictions, _read_predictions, _changed_rows),
    Case("tables of a record sealed anew", _tables, _read_tables, changed_values(sealed=True)),
    Case("tables of rows hashed anew", _tabled_predictions, _read_tables_anew, _changed_rows),
    Case("contents", _contents, _read_index, changed_values(sealed=False)),
    Case(
        "network.json",
        _copied("jmcnn", "data/network.json"),
        _plotted(fig3.data),
        changed_values(sealed=True),
    ),
    Case(
        "gradient-check.json",
        _copied("jmcnn", "data/gradient-check.json"),
        lambda folder: gradient_check.page(folder / "jmcnn"),
        changed_values(sealed=True),
    ),
    Case(
        "cascade.json",
        _copied("age-gender", "data/cascade.json"),
        _plotted(cascade_figure.data),
        changed_values(sealed=True),
    ),
    Case(
        "ages-utkface.json",
        _copied("age-gender", "data/ages-utkface.json"),
        _plotted(ages.data),
        changed_values(sealed=True),
    ),
    Case(
        "labelled-set-lfw.json",
        _copied("mtlface", "data/labelled-set-lfw.json"),
        lambda folder: figa1.PAGE.text(folder / "mtlface"),
        changed_values(sealed=True),
    ),
    Case(
        "figure",
        _copied("jmcnn", "adam.png"),
        lambda folder: stored_hash(folder / "jmcnn" / "adam.png"),
    ),
)
