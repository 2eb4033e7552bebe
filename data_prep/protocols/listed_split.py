"""A published list of UTKFace as a split of a user's copy, and what became of every image that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from common.errors import UserError
from common.files import sha256_json
from data_prep.prepared.index import Prepared
from data_prep.prepared.names import copies_of, refused_names
from data_prep.protocols.split_list import Listed, key_of
from data_prep.protocols.splits import PARTS, Split, age_rows, overlaps

FEWEST = 2
"""Images of each part: an interval is made over several."""

ABSENT = "not in this copy"
REFUSED = "refused when it was prepared (see rejected.csv and duplicates.csv)"
NO_CLASS = "of no age from 0 to 99"

_SHOWN = 3
_NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Division:
    """A copy of UTKFace divided by a list.

    Attributes:
        split: the rows of each part, as the list has them.
        named: how many images the list names.
        left_out: names in the list that no part holds, by reason.
        unlisted: how many images of the copy the list does not name.
        moved: pictures that the list names in two parts, under the names of byte-identical files.
        lookalikes: images of training or validation part that look like one held out, which stay.
    """

    split: Split
    named: int
    left_out: Mapping[str, list[str]]
    unlisted: int
    moved: int
    lookalikes: int

    def told(self) -> str:
        """Return what became of the images that the list names, in one sentence."""
        used = ", ".join(f"{len(rows):,} for {part}" for part, rows in self.split.parts().items())
        said = [f"{self.split.name} names {self.named:,} images: {used}"]
        said += [f"{len(names):,} {reason}, {_some(names)}" for reason, names in self.left_out.items()]
        if self.moved:
            said.append(f"{self.moved:,} in two parts under two names, held out of the earlier one")
        if self.lookalikes:
            said.append(f"{self.lookalikes:,} that look like one held out, which stay as published")
        if self.unlisted:
            said.append(f"{self.unlisted:,} images of this copy in no part")
        return "; ".join(said) + "."


def listed_split(prepared: Prepared, listed: Listed, number: int) -> Division:
    """Divide a prepared copy of UTKFace as a list says.

    A picture of which the list names byte-identical files in two parts is tested on, or else validated on,
    and not trained on. Nothing else is moved, and look-alikes stay: numbers are of the split as published.

    Args:
        prepared: UTKFace.
        listed: the list.
        number: of the split, from 0.

    Raises:
        UserError: there is no such split, or the copy holds too little of a part.
    """
    if not 0 <= number < len(listed.rules):
        last = len(listed.rules) - 1
        raise UserError(
            f"{listed.path} has no split {number}: it has {f'0 to {last}' if last else '0 alone'}."
        )
    index = prepared.index
    places, moved = _places(prepared, listed, number)
    if (places == _NOWHERE).all():
        theirs, own = next(iter(listed.entries.values())).name, index["name"].iloc[0]
        raise UserError(
            f"{listed.path} names no image of this copy of UTKFace, but such as {theirs}, where the copy has "
            f"such as {own}: get the list of UTKFace with the names as published."
        )
    classed = np.zeros(len(index), bool)
    classed[age_rows(index).rows] = True
    rows = {part: np.flatnonzero((places == place) & classed) for place, part in enumerate(PARTS)}
    name = f"split {number} of {listed.source}"
    for part, found in rows.items():
        if len(found) < FEWEST:
            raise UserError(
                f"this copy of UTKFace holds {len(found)} images of the {part} part of {name}: complete it."
            )
    names = {part: sorted(index["name"].iloc[found]) for part, found in rows.items()}
    split = Split(name, f"as {listed.path.name} lists it", **rows, hash=sha256_json(names))
    return Division(
        split,
        len(listed.entries),
        _left_out(prepared, listed, classed),
        int((places == _NOWHERE).sum()),
        moved,
        overlaps(index, split)["look-alikes"],
    )


def _places(prepared: Prepared, listed: Listed, number: int) -> tuple[np.ndarray, int]:
    """Return the place among `PARTS` of each image of the index, and how many pictures are named in two."""

    def place(name: str) -> int:
        found = listed.part(name, number)
        return _NOWHERE if found is None else found

    names = prepared.index["name"]
    row_of = {name: row for row, name in enumerate(names)}
    places = np.array([place(name) for name in names], int)
    moved = set()
    for copy, kept in copies_of(prepared).items():
        other, row = place(copy), row_of.get(kept)
        if row is None or other == _NOWHERE:
            continue
        if places[row] not in (_NOWHERE, other):
            moved.add(row)
        places[row] = max(places[row], other)
    return places, len(moved)


def _left_out(prepared: Prepared, listed: Listed, classed: np.ndarray) -> dict[str, list[str]]:
    """Return the images of the list that no part holds, by reason; none that nothing is left out for."""
    names = prepared.index["name"]
    prepared_names = set(names)
    copies = copies_of(prepared)
    here = {key_of(name) for name in prepared_names}
    here |= {key_of(copy) for copy, kept in copies.items() if kept in prepared_names}
    refused = {key_of(name) for name in refused_names(prepared)}
    old = {key_of(name) for name in names[~classed]}
    found: dict[str, list[str]] = {ABSENT: [], REFUSED: [], NO_CLASS: []}
    for key, entry in listed.entries.items():
        if key not in here:
            found[REFUSED if key in refused else ABSENT].append(entry.name)
        elif key in old:
            found[NO_CLASS].append(entry.name)
    return {reason: several for reason, several in found.items() if several}


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
