"""A table of two losses and a smaller one, for tests of what is filled and written."""

from __future__ import annotations

import dataclasses

from common.evidence.tables import Column, Row, Table

TABLE = Table(
    name="table2",
    title="Table 2. Cross entropy against neighborhood loss",
    caption="The 34 layer network trained from scratch with either loss and the same recipe (Section 5.4.1).",
    rows=(
        Row("Cross entropy loss", "cross-entropy-34", {"MORPH": 4.57, "FG-NET": "3.94"}),
        Row("Neighborhood loss, σ = 5", "neighborhood-34", {"MORPH": 2.53, "FG-NET": 2.78}),
        Row("DEX", None, {"MORPH": 2.68, "FG-NET": 3.09}, cited=True),
        Row("L1 regression", "l1-34", decision="regression"),
    ),
    columns=(
        Column("fgnet", "FG-NET"),
        Column("fgnet", "FG-NET", decision="median"),
        Column("fgnet-folds", "FG-NET folds"),
        Column("utkface", "UTKFace"),
        Column("morph", "MORPH Album 2", absent="data-morph"),
        Column("cacd", "CACD"),
        Column("synthetic", "Generated faces"),
    ),
    paper_columns=("MORPH", "FG-NET"),
    row_title="Loss",
)
SMALL = dataclasses.replace(
    TABLE, rows=(Row("A", "neighborhood-18"),), columns=TABLE.columns[:1], paper_columns=()
)


def texts(grid):
    return [[line.label.text, *(cell.text for cell in line.cells)] for line in grid.lines]


def titles(grid):
    return [heading.title for heading in grid.headings]
