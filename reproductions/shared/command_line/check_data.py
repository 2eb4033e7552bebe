"""`python -m reproductions check-data`: what a data folder holds, and what the suite makes of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from common.errors import UserError
from common.evidence.formats import text_table
from common.processes import available_cores
from common.progress import readable_time
from data_prep.preparation.survey import Survey, alignment_rate, survey
from data_prep.protocols.split_list import find_list, key_of, read_list
from reproductions.shared.harness.forecast import Forecast, forecasts, recorded_rate
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import offered, papers
from reproductions.shared.recognition.identity_sets import TEMPLATE

_WIDTH = 100
_SIZE = 112
_PROFILE = "cpu"
_NOTHING = "–"


def check_data(options: Options, root: Path) -> None:
    """Print what is found set by set, a short trial of this machine, and what each table makes of both.

    Nothing is prepared, trained or written.

    Args:
        options: their profile is asked about, `cpu` in place of `smoke`.
        root: the folder of data sets.

    Raises:
        UserError: it holds none.
    """
    # The smoke profile takes no data of the user's.
    options = Options(profile=_PROFILE if options.is_first_look else options.profile, data_root=root)
    found = list(survey(root))
    held = [one for one in found if one.sources]
    print(_sets(root, found), flush=True)
    if not held:
        raise UserError(f"{root} holds no data set: see README.md for the folder that each is to lie in.")
    print(f"Trying this machine as PROFILE={options.profile} would use it, which takes minutes.", flush=True)
    rates = {one.card.name: alignment_rate(one, _SIZE, TEMPLATE) for one in held}
    speed = _speed(options)
    print(_trial(held, rates, speed, options), flush=True)
    names = {one.card.name for one in held}
    print(_tables(list(forecasts(papers().values(), names, options.results_root, options.profile, speed))))


def _sets(root: Path, found: Sequence[Survey]) -> str:
    held = [one for one in found if one.sources]
    columns = [
        ("set", [one.card.title for one in held]),
        ("files", [one.coverage() for one in held]),
        ("usable", [f"{len(one.sources):,}" for one in held]),
        ("people", [f"{one.people:,}" if one.people else "not named" for one in held]),
        ("ages", ["{} to {}".format(*one.ages) if one.ages else "not known" for one in held]),
    ]
    lines = [f"What {root} holds", "", *(text_table(columns) if held else ["no set that the suite knows"])]
    for one in held:
        lines += [
            _wrapped(f"{one.card.title}: {number:,} refused, {reason}")
            for reason, number in one.refused.most_common(5)
        ]
    lines += [_wrapped(f"{one.card.title} cannot be read: {one.problem}") for one in found if one.problem]
    empty = [one for one in found if one.listing and not one.sources]
    lines += [f"{one.card.title}: its folder holds no picture of the set" for one in empty]
    lines += _published_split(root, found)
    absent = [one.card.name for one in found if one.listing is None and one.problem is None]
    if absent:
        lines.append(_wrapped(f"Not there: {', '.join(absent)}. make data-<name> says how to get each."))
    return "\n".join([*lines, ""])


def _published_split(root: Path, found: Sequence[Survey]) -> list[str]:
    """Return what the list of a published split of UTKFace divides of the copy, [] where there is no list."""
    try:
        path = find_list(root)
        listed = read_list(path) if path else None
    except UserError as error:
        return [_wrapped(f"The published split of UTKFace cannot be read: {error}")]
    if listed is None:
        return []
    pictures = [one.name for survey in found if survey.card.name == "utkface" for one in survey.sources]
    here = len({key_of(name) for name in pictures} & listed.entries.keys())
    several = len(listed.rules)
    return [
        _wrapped(
            f"UTKFace, {'split' if several == 1 else f'{several} splits'} of {listed.source}: "
            f"{listed.path.name} names {len(listed.entries):,} images, {here:,} of them usable here; "
            "make splits-neighborhood trains and tests on it."
        )
    ]


def _speed(options: Options) -> float | None:
    """Return the speed of this machine, as a multiple of that of the committed runs."""
    paper, trial = offered("trial")
    experiment, precision, rate = trial(options)
    recorded = recorded_rate(options.results_root, paper, experiment, options.profile, precision)
    return rate / recorded if recorded else None


def _trial(
    held: Sequence[Survey], rates: dict[str, float | None], speed: float | None, options: Options
) -> str:
    lines = [f"A short trial of this machine, {available_cores()} processes", ""]
    for one in held:
        rate = rates[one.card.name]
        if rate is None:
            lines.append(f"{one.card.title}: too few pictures to try")
        else:
            took = readable_time(len(one.sources) / rate)
            lines.append(
                f"{one.card.title}: {rate:.0f} faces found and aligned a second, all in about {took}"
            )
    if speed is None:
        lines.append(f"training: there is no committed run with PROFILE={options.profile} to compare with")
    else:
        lines.append(f"training: {speed:.2f} times the speed of the committed runs")
    return "\n".join([*lines, ""])


def _tables(found: Sequence[Forecast]) -> str:
    columns = [
        ("target", [one.target for one in found]),
        ("shows", [_listed(one.shows) for one in found]),
        ("could show", [_listed(one.lacks) for one in found]),
        ("training sets that lack", [_listed(one.untrained) for one in found]),
        ("trainings", [str(one.runs) for one in found]),
        ("about", [_time(one) for one in found]),
    ]
    told = [column for column in columns if any(cell != _NOTHING for cell in column[1])]
    return "\n".join(
        [
            "What each table makes of it",
            "",
            *text_table(told),
            "",
            _wrapped(
                "Trainings are those that the rows have among the committed records, each with its seeds; "
                "one that two tables share is made once, and one whose record stands is not made again."
            ),
        ]
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or _NOTHING


def _time(one: Forecast) -> str:
    if not one.runs or one.seconds is None:
        return _NOTHING
    return readable_time(60 * max(1, round(one.seconds / 60)))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, subsequent_indent="  ")
