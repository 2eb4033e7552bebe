"""The people and pictures of the paper's test on CACD (3.2), counted in the set's own metadata.

    make protocol-jmcnn DATA_ROOT=...

The 120 test celebrities are CARC's: ranks 3, 4 and 5 of each birth year. The metadata says what is in the
set, whether its pictures are held or not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence.counts import Of, store_counts, stored_counts
from common.evidence.formats import markdown_table
from common.evidence.render import Page
from common.files import sha256_json
from data_prep.datasets.cacd import DATASET, TEST_RANKS, metadata
from data_prep.protocols.identification import CACD_DATABASES, cacd_databases
from reproductions.shared.harness.options import Options

COUNTS = "protocol"
"""Name of what is stored, see `common.evidence.counts`."""

_REMEDY = "run make protocol-jmcnn"


class Person(TypedDict):
    """A test celebrity: year of birth, rank, and pictures asked and in each database."""

    name: str
    birth: int
    rank: int
    queries: int
    databases: list[int]


class Counts(TypedDict):
    """What was counted."""

    of: Of
    people: list[Person]
    trained_people: int
    trained_images: int
    youngest: int
    oldest: int


def store(options: Options, folder: Path) -> None:
    """Count the protocol in the metadata that the data folder holds, and store the counts.

    Args:
        options: with the data folder.
        folder: results of the paper.

    Raises:
        UserError: no data folder was given, or it holds no metadata of CACD.
    """
    if options.data_root is None:
        raise UserError("the protocol is counted in CACD's metadata: give DATA_ROOT, see make data-cacd.")
    rows = metadata(DATASET.find(options.data_root / DATASET.folder))
    store_counts(
        folder,
        COUNTS,
        describe(rows),
        dataset=DATASET.name,
        fingerprint=sha256_json(rows[["name", "identity", "age", "year"]].to_numpy().tolist()),
        images=len(rows),
        stand_in=False,
    )


def describe(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the counts of metadata as of `data_prep.datasets.cacd.metadata`."""
    index = rows.assign(identity=rows["celebrity"])
    tested = frozenset(rows.loc[rows["rank"].isin(TEST_RANKS), "celebrity"])
    inside = index["identity"].isin(tested).to_numpy()
    searches = cacd_databases(index, np.flatnonzero(inside))
    asked = _by_person(index, next(iter(searches.values())).probes)
    kept = {name: _by_person(index, search.gallery) for name, search in searches.items()}
    people = rows[rows["celebrity"].isin(tested)].drop_duplicates("celebrity")
    return {
        "people": [
            {
                "name": one.celebrity,
                "birth": int(one.birth),
                "rank": int(one.rank),
                "queries": asked.get(one.celebrity, 0),
                "databases": [kept[name].get(one.celebrity, 0) for name in CACD_DATABASES],
            }
            for one in people.sort_values(["birth", "rank"]).itertuples(index=False, name="Row")
        ],
        "trained_people": int(index["identity"][~inside].nunique()),
        "trained_images": int((~inside).sum()),
        "youngest": int(rows["age"].min()),
        "oldest": int(rows["age"].max()),
    }


def stored(folder: Path) -> Counts | None:
    """Return what was counted; None where nothing was."""
    return stored_counts(folder, COUNTS, Counts, _REMEDY)


def page(folder: Path) -> str | None:
    """Return the page in Markdown; None where nothing was counted.

    Args:
        folder: results of the paper.
    """
    found = stored(folder)
    if found is None:
        return None
    people = found["people"]
    header = ("Person", "Born", "Rank", "2013", *CACD_DATABASES)
    rows = [
        [
            one["name"].replace("_", " "),
            *(str(one[key]) for key in ("birth", "rank", "queries")),
            *map(str, one["databases"]),
        ]
        for one in people
    ]
    sums = [sum(one["databases"][place] for one in people) for place in range(len(CACD_DATABASES))]
    rows.append(["all", "", "", f"{sum(one['queries'] for one in people):,}", *(f"{n:,}" for n in sums)])
    told = (
        f"{len(people)} people of ranks {', '.join(map(str, TEST_RANKS))} of each birth year are tested: "
        "their pictures of 2013 are looked for among those of three earlier periods. The other "
        f"{found['trained_people']:,} people have {found['trained_images']:,} pictures to train on. "
        f"Counted in the metadata's {found['of']['images']:,} rows; the pictures are not held here."
    )
    return "\n".join([told, "", *markdown_table(header, rows)]) + "\n"


PAGE = Page("protocol", "Who is looked for on CACD", "CACD's metadata, 163,446 rows", page)


def _by_person(index: pd.DataFrame, rows: Any) -> dict[str, int]:
    return index["identity"].iloc[rows].value_counts().to_dict()
