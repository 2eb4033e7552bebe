"""Shards of a set, labelled by the workers of a scheduler, which may be on other machines."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from common.errors import UserError
from common.files import writing_to
from common.progress import Progress
from common.spreading import Team
from data_prep.prepared.by_shard import compute_shard, missing_shards
from data_prep.prepared.index import Prepared, load
from reproductions.shared.command_line.quiet import import_tensorflow
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import offered
from reproductions.shared.pseudo_labels.estimators import Estimator
from reproductions.shared.pseudo_labels.labelled_set import answers

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Task:
    """A shard to be labelled.

    Attributes:
        options: of the command, which say what estimator.
        offer: what it says, as of `labelled_set.AGES`.
        weights: hash of its weights on the machine of the command.
        prepared: folder of the set.
        folder: where what it says goes.
        shard: number of the shard.
    """

    options: Options
    offer: str
    weights: str
    prepared: Path
    folder: Path
    shard: int


def spread_shards(
    options: Options, scheduler: str, offer: str, prepared: Prepared, estimator: Estimator, folder: Path
) -> None:
    """Have the workers of a scheduler label the shards that are missing in `folder`, one each at a time.

    What several workers die of is tried on this machine.

    Raises:
        UserError: as of `common.spreading.Team`, or a worker finds other weights than this machine.
    """
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        missing = missing_shards(prepared, folder)
    if not missing:
        return
    own = (options, offer, estimator.fingerprint, prepared.folder, folder)
    what = f"{prepared.manifest['title']}: estimating {offer}, spread"
    counts = prepared.index["shard"].value_counts()
    tasks = [Task(*own, shard) for shard in missing]
    with Team(scheduler) as team, Progress(what, int(counts[missing].sum())) as progress:
        for task, _ in team.spread(label_shard, tasks, crashed=label_shard):
            progress.advance(int(counts[task.shard]))


def label_shard(task: Task) -> None:
    """Label a shard; in a worker of a scheduler, which may have several threads.

    Raises:
        UserError: the estimator here is another than that of the command.
    """
    with _ONE_AT_A_TIME:
        estimator = _estimator(task.options, task.offer)
        if estimator.fingerprint != task.weights:
            raise UserError(
                f"a worker finds other weights of {estimator.run} than the command: all machines must see "
                "the same folders of runs and results (--runs-root, --results-root)."
            )
        compute_shard(_set(task.prepared), answers(task.offer, estimator), task.folder, task.shard)


@cache
def _estimator(options: Options, offer: str) -> Estimator:
    import_tensorflow(short=options.is_first_look)
    estimator: Estimator = offered(offer)[1](options)
    return estimator


@cache
def _set(folder: Path) -> Prepared:
    return load(folder)
