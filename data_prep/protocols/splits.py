"""Who is in which split, as data: published rules on names and hashes, so that anybody draws the same lists.

A split names rows of one index. Which part an image belongs to does not depend on which others are there: a
partial and a whole copy agree on every image they share, except where a protocol asks for a fixed number of
images, and for look-alikes of held-out pictures, which are left out of training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from common.files import sha256_json
from data_prep.prepared.faces import Faces, describe_data
from data_prep.prepared.index import Prepared
from data_prep.protocols.near_duplicates import has_lookalike

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of an index, ascending, and what is known of them.

    Attributes:
        name: short, for records: "fgnet-fold-1".
        description: one sentence with the rule.
        hash: SHA-256 over the names of the images in each part: the same on every machine, whatever the
            order.
    """

    name: str
    description: str
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    hash: str

    def parts(self) -> dict[str, np.ndarray]:
        """Return the rows by the names of `PARTS`."""
        return {part: getattr(self, part) for part in PARTS}


@dataclass(frozen=True, eq=False)
class AgeRows:
    """Rows with an age that can be a class, and how many have none: too young, too old, unknown."""

    rows: np.ndarray
    below: int
    above: int
    unknown: int

    def __str__(self) -> str:
        left_out = f"{self.below:,} below, {self.above:,} above, {self.unknown:,} of unknown age left out"
        return f"{len(self.rows):,} images ({left_out})"


def age_rows(index: pd.DataFrame, lowest: int = 0, highest: int = 99) -> AgeRows:
    """Return the rows whose age is from `lowest` to `highest`, and the number of those it is not."""
    age = index["age"].astype("float64").to_numpy(na_value=np.nan)
    rows = np.flatnonzero((age >= lowest) & (age <= highest))
    return AgeRows(rows, int((age < lowest).sum()), int((age > highest).sum()), int(np.isnan(age).sum()))


def named_rows(index: pd.DataFrame) -> np.ndarray:
    """Return the rows whose person is known; nobody knows whose a picture is that lies under two names."""
    return np.flatnonzero(index["identity"].notna().to_numpy())


def all_test(index: pd.DataFrame, name: str, rows: np.ndarray | None = None) -> Split:
    """Return the split whose test part is the whole set, and that trains on nothing of it."""
    test = _all_or(index, rows)
    return make_split(index, name, "every image is a test image; none is trained on", _none(), _none(), test)


def subject_folds(
    index: pd.DataFrame, name: str, folds: int = 5, rows: np.ndarray | None = None, validate: bool = False
) -> list[Split]:
    """Return as many splits as folds, each testing on the people of one fold and training on all others.

    A person whose identity is a number n is in fold n mod `folds`; others in SHA-256(identity) mod `folds`.

    Args:
        validate: the fold after the test fold is held out for validation instead of trained on.

    Raises:
        ValueError: fewer than 2 folds (3 with validation), or an image without identity.
    """
    if folds < 2 + validate:
        raise ValueError(f"{folds} folds leave nothing to train on")
    rows = _all_or(index, rows)
    identities = index["identity"].iloc[rows]
    if identities.isna().any():
        raise ValueError(f"{int(identities.isna().sum())} images have no identity to keep within one fold")
    number = np.array([fold_of(identity, folds) for identity in identities], int)
    splits = []
    for fold in range(folds):
        held_out = (number == (fold + 1) % folds) & validate
        test = number == fold
        rule = f"test: people of fold {fold} of {folds} (identity mod {folds})"
        rule += f"; validation: fold {(fold + 1) % folds}" if validate else ""
        train = rows[~test & ~held_out]
        splits.append(make_split(index, f"{name}-fold-{fold}", rule, train, rows[held_out], rows[test]))
    return splits


def fold_of(identity: str, folds: int) -> int:
    """Return the fold of a person (see `subject_folds`)."""
    return (int(identity) if identity.isdecimal() else _number(identity)) % folds


def grouped(
    index: pd.DataFrame,
    name: str,
    shares: tuple[int, int, int] = (80, 5, 15),
    rows: np.ndarray | None = None,
    salt: str = "",
) -> Split:
    """Return a split in which no person and no group of look-alike pictures is in two parts.

    A row's key is its identity, or where that is unknown the difference hash of its picture, which
    byte-identical and rescaled or recompressed copies share. SHA-256(`salt` + key) mod 100 below the first
    share is training, below the sum of the first two validation, else test.

    Args:
        shares: percent of training, validation and test; they sum to 100.
    """
    if sum(shares) != 100 or min(shares) < 0:
        raise ValueError(f"shares are three percentages that sum to 100, not {shares}")
    rows = _all_or(index, rows)
    keys = index["identity"].fillna(index["dhash"]).iloc[rows]
    percent = np.array([_number(salt + key) % 100 for key in keys], int)
    bounds = np.cumsum(shares)
    which = np.searchsorted(bounds, percent, side="right")
    what = (
        "identity" if index["identity"].iloc[rows].notna().all() else "picture hash where identity is unknown"
    )
    rule = f"{shares[0]}/{shares[1]}/{shares[2]} percent by SHA-256 of the {what}"
    return make_split(index, name, rule, *(rows[which == part] for part in range(3)))


def drawn_test(
    index: pd.DataFrame, name: str, images: int, lowest: int, highest: int, rows: np.ndarray | None = None
) -> Split:
    """Return a test part of `images` images: of those aged `lowest` to `highest` the smallest SHA-256(name).

    For papers that say how many images they tested on, but not which. Of a copy with fewer such images all
    are taken.
    """
    within = age_rows(index, lowest, highest).rows
    rows = np.intersect1d(_all_or(index, rows), within)
    order = sorted(rows, key=lambda row: hashlib.sha256(index["name"].iloc[row].encode()).digest())
    test = np.sort(np.array(order[:images], int))
    rule = f"{len(test):,} images aged {lowest}-{highest} with the smallest SHA-256 of their names"
    return make_split(index, name, rule, _none(), _none(), test)


def part_of_training(index: pd.DataFrame, split: Split, percent: int) -> Split:
    """Return `split` with about `percent` percent of its training part, validation and test as they were.

    A training image stays where SHA-256("part" + key) mod 100 is below `percent`, the key being as of
    `grouped`: what is left of a person or of a photograph is all or nothing, and a smaller part lies within
    a larger one.

    Raises:
        ValueError: a percentage outside 1 to 100.
    """
    if not 1 <= percent <= 100:
        raise ValueError(f"a part is from 1 to 100 percent, not {percent}")
    if percent == 100:
        return split
    keys = index["identity"].fillna(index["dhash"]).iloc[split.train]
    kept = np.array([_number("part" + key) % 100 < percent for key in keys], bool)
    rule = f"{split.description}; {percent} percent of the training part"
    name = f"{split.name}-{percent}-percent"
    return make_split(index, name, rule, split.train[kept], split.validation, split.test)


def make_split(
    index: pd.DataFrame,
    name: str,
    description: str,
    train: np.ndarray,
    validation: np.ndarray,
    test: np.ndarray,
) -> Split:
    """Return a split whose parts share no image and no person and, where people are unknown, no photograph.

    Of two look-alikes on different sides (see `data_prep.protocols.near_duplicates`) the one that would be
    trained on, or else validated on, is left out, and the description says how many were. The test part is
    never touched.

    Raises:
        ValueError: an image or a person is in two parts.
    """
    kept_validation = validation[~_seen(index, validation, test)]
    kept_train = train[~_seen(index, train, np.concatenate([kept_validation, test]))]
    left_out = len(train) + len(validation) - len(kept_train) - len(kept_validation)
    if left_out:
        description += f"; {left_out} look-alikes of held-out pictures left out"
    parts = {"train": kept_train, "validation": kept_validation, "test": test}
    names = {part: sorted(index["name"].iloc[rows]) for part, rows in parts.items()}
    split = Split(name, description, **parts, hash=sha256_json(names))
    for what, shared in overlaps(index, split).items():
        if shared:
            raise ValueError(f"split {name}: {shared} {what} are in more than one part")
    return split


def overlaps(index: pd.DataFrame, split: Split) -> dict[str, int]:
    """Count what is in two parts of `split`: images, file contents, people, look-alikes of unknown people."""
    counts = {}
    for what, column in {"images": "name", "contents": "sha256", "people": "identity"}.items():
        found = [index[column].iloc[rows].dropna().unique() for rows in split.parts().values()]
        values = pd.Series(np.concatenate(found))
        counts[what] = int(values.duplicated().sum())
    held_out = np.concatenate([split.validation, split.test])
    counts["look-alikes"] = int(
        _seen(index, split.train, held_out).sum() + _seen(index, split.validation, split.test).sum()
    )
    return counts


def _seen(index: pd.DataFrame, rows: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """Return which `rows`, of those without identity, show a photograph that is also in `held_out`."""
    unknown = index["identity"].isna().to_numpy()
    hashes = index["dhash256"].to_numpy()
    seen = np.zeros(len(rows), bool)
    seen[unknown[rows]] = has_lookalike(hashes[rows[unknown[rows]]], hashes[held_out[unknown[held_out]]])
    return seen


def _all_or(index: pd.DataFrame, rows: np.ndarray | None) -> np.ndarray:
    return np.arange(len(index)) if rows is None else np.sort(np.asarray(rows, int))


def _none() -> np.ndarray:
    return np.empty(0, int)


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])


Rule = Callable[[pd.DataFrame], list[Split]]

# Protocols by data set, for whoever wants the usual one: a name, and the rule with its figures.
PROTOCOLS: dict[str, dict[str, Rule]] = {
    "fgnet": {
        "all": lambda index: [all_test(index, "fgnet-all", age_rows(index).rows)],
        "folds": lambda index: subject_folds(index, "fgnet", 5, age_rows(index).rows),
    },
    "utkface": {"grouped": lambda index: [grouped(index, "utkface", (85, 5, 10), age_rows(index).rows)]},
    "imdb-wiki": {
        "train": lambda index: [grouped(index, "imdb-wiki-train", (98, 2, 0), age_rows(index).rows)]
    },
    # Kang, Jiang and Li split 85/5/10; their code's cleaning keeps ages that no human reaches.
    "wiki-text": {"grouped": lambda index: [grouped(index, "wiki-text", (85, 5, 10))]},
    "wiki-code": {"grouped": lambda index: [grouped(index, "wiki-code", (85, 5, 10))]},
    # Kwak et al. test on "6000 images which age ranges from 16 to 77" and "500 images", and do not say which.
    "morph": {"drawn": lambda index: [drawn_test(index, "morph-6000", 6000, 16, 77)]},
    "cacd": {"drawn": lambda index: [drawn_test(index, "cacd-500", 500, 0, 99)]},
    "synthetic": {"grouped": lambda index: [grouped(index, "synthetic", (70, 10, 20), age_rows(index).rows)]},
    "lfw": {
        "grouped": lambda index: [grouped(index, "lfw", (80, 5, 15), named_rows(index))],
        # To learn identities: nobody is needed for validation, and each person trained on helps.
        "recognition": lambda index: [grouped(index, "lfw-people", (85, 0, 15), named_rows(index))],
    },
}


def faces_of(prepared: Prepared, rows: np.ndarray, split: Split, protocol: str) -> Faces:
    """Return rows of a prepared set as faces.

    Args:
        prepared: the set.
        rows: which of its images.
        split: that drew them.
        protocol: which images those are and in which role, for readers ("never seen", "test split").
    """
    people = prepared.index["identity"].iloc[rows].nunique()
    return Faces(prepared, rows, describe_data(prepared, protocol, split.hash, len(rows), people or None))
