"""Training again what a record tells of, where its weights are gone, and whether its numbers come back.

The record stays as it is. Beside the new weights, in the run's folder, lies what they measure: only where
that is what the record says are they used in place of the old ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import norm

from common.errors import UserError
from common.evidence.records import Measurement, Record
from common.evidence.sealed import read_sealed, write_sealed
from common.metrics import metric
from common.training.fit import FINAL_WEIGHTS
from common.training.weights import sealed_weights, stated_hash

FILE = "again.json"

LEVEL = 0.95
"""Of the intervals of a record, and of those that all its numbers together must lie in."""


@dataclass(frozen=True)
class Again:
    """What a training in place of one whose weights were gone came to.

    Attributes:
        made: its record.
        differences: a clause for each number of the record that did not come back; none where all did.
    """

    made: Record
    differences: tuple[str, ...]


def lacks_weights(record: Record, folder: Path) -> bool:
    """Return whether a training's weights are not in its folder, or are there but changed."""
    if record.images_per_second is None:
        return False  # nothing was trained
    try:
        there = sealed_weights(folder)
    except UserError:
        return True
    if record.weights:
        return not record.weights.keys() <= there.keys()
    return not any(folder.rglob(FINAL_WEIGHTS))


def compared(before: Record, now: Record, alike: Iterable[Record]) -> Again:
    """Compare a training made again with its record.

    A number comes back where it lies within the interval of the record's, over test subjects, or is no
    further from it than the seeds of that row are from one another: other machines round otherwise, and a
    training makes of another rounding what it makes of another seed. A record has many numbers, of which one
    in twenty leaves its interval by chance: intervals are widened so that all hold together (Bonferroni).
    Of 170 pairs of seeds of one row, each taken for the other made again, 20 are refused so, 59 without.

    Args:
        before: the record.
        now: of the training made again.
        alike: records among which those of the same row, with other seeds too, are looked for.
    """
    measured = {_key(item): item.value for item in now.measurements}
    row = [one for one in alike if _row(one) == _row(before)]
    wider = norm.isf((1 - LEVEL) / 2 / len(before.measurements)) / norm.isf((1 - LEVEL) / 2)
    wrong = []
    for item in before.measurements:
        value = measured.get(_key(item))
        seeds = [one.value for record in row for one in record.measurements if _key(one) == _key(item)]
        spread = max(seeds) - min(seeds) if seeds else 0.0
        low = item.value - wider * (item.value - item.low)
        high = item.value + wider * (item.high - item.value)
        if value is None or low <= value <= high or abs(value - item.value) <= spread:
            continue
        form = metric(item.metric).format
        wrong.append(
            f"{item.metric} of {item.decision} on {item.column} is {form(value)}, not {form(item.value)} "
            f"[{form(low)}, {form(high)}]"
        )
    return Again(now, tuple(wrong))


def write(again: Again, folder: Path) -> Path:
    """Write what a training made again came to beside its weights, and return the file."""
    write_sealed(folder / FILE, dataclasses.asdict(again))
    return folder / FILE


def stated_weights(record: Record, folder: Path) -> dict[str, str]:
    """Return the hashes of the weights that give a record's numbers, by file in the run's folder.

    Those of the training that was made again, where one was; empty for a record from before there were any.

    Raises:
        UserError: the numbers did not come back from the training made again.
    """
    path = folder / FILE
    if not path.exists():
        return record.weights
    again: Again = read_sealed(path, Again, f"delete {folder} and train again with WEIGHTS=needed")
    if again.differences:
        raise UserError(
            f"the weights in {folder} are of a training made again that does not give the numbers of "
            f"{record.run}: {'; '.join(again.differences)}. Delete that folder, and the record too where the "
            "new numbers are to stand, and train again."
        )
    return again.made.weights


def check_weights(record: Record, folder: Path) -> None:
    """Refuse weights in a run's folder that are not those of its record.

    Raises:
        UserError: they are absent or changed, or those of another training.
    """
    for file, stated in stated_weights(record, folder).items():
        path = folder / file
        if not path.is_file() or stated_hash(path) != stated:
            raise UserError(
                f"{path} does not hold the weights that the record of {record.run} tells of: delete {folder} "
                "and train again with WEIGHTS=needed (--weights needed)."
            )


def _key(item: Measurement) -> tuple[object, ...]:
    return item.column, item.metric, item.decision, item.data.identity


def _row(record: Record) -> tuple[object, ...]:
    trained_on = tuple(data.identity for data in record.trained_on)
    return record.experiment, record.profile, record.configuration_hash, record.precision, trained_on
