"""Whether what stands in a results folder is what was written there, and hashes for what had none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from common.errors import UserError
from common.evidence import records, sealed
from common.evidence.predictions import predictions_path
from common.evidence.recomputed import differences
from common.evidence.records import Record
from common.evidence.schemas import SCHEMA, of_today
from common.files import sha256_file

_SUFFIX = ".predictions.csv.gz"


def audit(folder: Path) -> list[str]:
    """Return what is wrong with the records in `folder`/runs and the predictions beside them.

    The measurements are computed again from the predictions, as far as these say them: what was edited
    together with its hash is noticed too.

    Raises:
        UserError: a record or its predictions cannot be read, or are not what was written.
    """
    wrong = []
    for path in _records(folder):
        record = records.read(path)
        if not sealed.is_sealed(path):
            wrong.append(_unsealed(path))
        wrong += [f"{path}: {clause}" for clause in _differences(path, record)]
    for path in sorted((folder / "runs").glob(f"*{_SUFFIX}")):
        if not path.with_name(path.name.removesuffix(_SUFFIX) + ".json").is_file():
            wrong.append(f"{path} belongs to no record")
    return wrong


def audit_numbers(folder: Path) -> list[str]:
    """Return what is wrong with the files of numbers in a folder that figures or tables are made of."""
    return [_unsealed(path) for path in sorted(Path(folder).glob("*.json")) if not _sealed(path)]


def seal(folder: Path) -> Iterator[Path]:
    """Write the hashes into those records in `folder`/runs that have none; yield their files.

    All else that they say stays as it is.

    Raises:
        UserError: a record's measurements are not what its predictions say.
    """
    for path in _records(folder):
        if sealed.is_sealed(path):
            continue
        if wrong := _differences(path, records.read(path)):
            raise UserError(f"{path}: {'; '.join(wrong)}. Restore the files, or delete them and run again.")
        content = of_today(sealed.parse(path.read_text(encoding="utf-8")).content)
        stored = predictions_path(path)
        beside = {"predictions": sha256_file(stored)} if stored.is_file() else {}
        sealed.write_sealed(path, {**content, **beside, "schema": SCHEMA})
        yield path


def seal_numbers(folder: Path) -> Iterator[Path]:
    """Write the hashes into those files of numbers in a folder that have none; yield them."""
    for path in sorted(Path(folder).glob("*.json")):
        if not _sealed(path):
            sealed.write_sealed(path, sealed.parse(path.read_text(encoding="utf-8")).content)
            yield path


def _records(folder: Path) -> list[Path]:
    return sorted((Path(folder) / "runs").glob("*.json"))


def _differences(path: Path, record: Record) -> list[str]:
    if record.predictions is None and not predictions_path(path).is_file():
        return []
    try:
        return differences(record.measurements, records.predictions_beside(path, record))
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        return [f"its predictions say nothing of it ({error})"]


def _sealed(path: Path) -> bool:
    try:
        return sealed.is_sealed(path)
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read: {error}. Restore the file, or make its figure again."
        ) from error


def _unsealed(path: Path) -> str:
    return f"{path} holds no hash of its content (python -m reproductions seal adds one)"
