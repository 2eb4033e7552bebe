"""Finding the weights of a finished training by its record, for whoever wants to use the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.evidence import records
from common.evidence.records import Record
from common.files import sha256_json
from common.training.fit import FINAL_WEIGHTS
from reproductions.shared.harness import again
from reproductions.shared.harness.options import Options


class Untrained(UserError):
    """No training is there that was asked for."""


@dataclass(frozen=True)
class Trained:
    """A finished training: its record and its weights file."""

    record: Record
    weights: Path

    @property
    def stated(self) -> str | None:
        """The hash that the weights must have by the record, None where it states none.

        Raises:
            UserError: the weights are of a training made again whose numbers are others.
        """
        return again.stated_weights(self.record, self.weights.parent).get(self.weights.name)


def find_trained(
    options: Options,
    paper: str,
    experiment: str,
    configuration: Mapping[str, Any],
    *,
    what: str,
    target: str,
    file: str = FINAL_WEIGHTS,
    any_seed: bool = False,
) -> Trained:
    """Return a training under the profile of `options`: of its seeds the first that has weights.

    One of real faces comes before one of generated faces, whatever the seed; of several with one seed the one
    that has learnt from most images is taken.

    Args:
        options: profile, seeds, and the folders of records and runs.
        paper, experiment, configuration: as of its record.
        what: it is, for the sentence ("age estimator").
        target: that trains it ("table2-neighborhood").
        file: that holds the weights, in the run's folder.
        any_seed: take the lowest seed that has weights, whatever those of `options`: for a network that
            serves runs of every seed.

    Raises:
        Untrained: there is none; the sentence names the target.
    """
    wanted = sha256_json(configuration)
    fitting = [
        Trained(record, Path(options.runs_root) / paper / record.run / file)
        for record in records.load(options.results_root, paper)
        if record.experiment == experiment
        and record.profile == options.profile
        and record.configuration_hash == wanted
        and (any_seed or record.seed in options.seeds)
    ]
    found = [one for one in fitting if one.weights.is_file()]
    if not found:
        runs, results = Path(options.runs_root) / paper, Path(options.results_root) / paper
        data = f" DATA_ROOT={options.data_root}" if options.data_root else ""
        raise Untrained(
            f"no {what} of the profile {options.profile} is trained, with its weights in {runs} and its "
            f"record in {results}: train it with make {target} PROFILE={options.profile}{data}"
            f"{_where_recorded(fitting)}, or name the folders of a finished training with --runs-root and "
            "--results-root."
        )

    def preference(one: Trained) -> tuple[bool, int, int]:
        learnt = one.record.trained_on[0]
        seed = one.record.seed if any_seed else options.seeds.index(one.record.seed)
        return learnt.stand_in, seed, -learnt.images

    return min(found, key=preference)


def _where_recorded(fitting: Sequence[Trained]) -> str:
    """Return what else is to be typed where records stand whose weights are gone: they are passed over."""
    return f" SEEDS={min(one.record.seed for one in fitting)} WEIGHTS=needed" if fitting else ""
