"""Records of earlier versions get the measurements that came later, where their predictions say them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from common.evidence import records, sealed
from common.evidence.derived import DERIVED
from common.evidence.measure import measure_hits, says_of_several
from common.evidence.recomputed import by_column
from common.evidence.records import Measurement, Record


def lacking(record: Record, predictions: Mapping[str, pd.DataFrame]) -> tuple[Measurement, ...]:
    """Return the measurements of `DERIVED` that the predictions say and the record does not hold.

    Args:
        record: of a run.
        predictions: of that record, test set -> rows.
    """
    held = {(item.column, item.metric) for item in record.measurements}
    found = []
    for item in record.measurements:
        for name, (parts, _) in DERIVED.items():
            rows = predictions.get(item.column)
            if item.metric != parts[0] or rows is None or (item.column, name) in held:
                continue
            subjects = rows.get("subject")
            if name in rows and says_of_several(rows[name], subjects):
                found.append(measure_hits(item.column, name, item.decision, item.data, rows[name], subjects))
    return tuple(found)


def complete(folder: Path) -> Iterator[Path]:
    """Add what the predictions say of `DERIVED` to those records in `folder`/runs that lack it; yield these.

    All else that they say stays as it is.

    Raises:
        UserError: a record or its predictions cannot be read, or are not what was written.
    """
    for path in sorted((Path(folder) / "runs").glob("*.json")):
        record = records.read(path)
        if record.predictions is None:
            continue
        added = lacking(record, by_column(records.predictions_beside(path, record)))
        if added:
            content = sealed.parse(path.read_text(encoding="utf-8")).content
            content["measurements"] += [dataclasses.asdict(item) for item in added]
            sealed.write_sealed(path, content)
            yield path
