"""What `python -m reproductions neighborhood TARGET` does: run what is missing, render, print."""

from __future__ import annotations

from collections.abc import Iterable

from common.evidence.tables import Table
from reproductions.neighborhood_loss import experiments, label_noise, tables
from reproductions.neighborhood_loss import table1 as networks
from reproductions.neighborhood_loss.experiments import Experiment
from reproductions.neighborhood_loss.study import STUDY
from reproductions.shared.age_estimation.experiments import on_split
from reproductions.shared.age_estimation.published_split import require_list
from reproductions.shared.harness.fitting import precision_of
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_claims, show_files, show_page, show_table


def table1(options: Options) -> None:
    """Read both networks off the built models, print them and write Table 1."""
    networks.store(options.results_root / STUDY.paper)
    show_page(tables.report(), networks.PAGE.name, options)


def facts(options: Options) -> None:
    """Count what can be counted of the paper's sentences."""
    show_page(tables.report(), "facts", options)


def noise(options: Options) -> None:
    """Compare the labels of near copies in UTKFace, and print the page."""
    label_noise.store(options, options.results_root / STUDY.paper)
    show_page(tables.report(), label_noise.PAGE.name, options)


def table2(options: Options) -> None:
    """Run and print Table 2."""
    _table(tables.TABLE2, experiments.table2(options.profile), options)


def table3(options: Options) -> None:
    """Run and print Table 3."""
    _table(tables.TABLE3, experiments.table3(options.profile), options)


def splits(options: Options, split: int | None = None) -> None:
    """Run Table 3 on the published splits of the user's UTKFace, all of them or one, and print it."""
    listed = require_list(options)
    numbers = range(len(listed.rules)) if split is None else (split,)
    runs = [on_split(one, number) for number in numbers for one in experiments.TABLE3]
    _table(tables.TABLE3, runs, options)


def ablations(options: Options) -> None:
    """Run and print the ablations."""
    own = experiments.NEIGHBORHOOD_18.recipe(options.profile).precision
    # Where all rows compute in float32, the row about it would be the paper's again.
    same = precision_of(options, own) == "float32"
    runs = [one for one in experiments.ABLATIONS if not (same and one is experiments.FLOAT32)]
    _table(tables.ABLATIONS, runs, options)


def fig1(options: Options) -> None:
    """Draw Figure 1."""
    show_files(tables.report(), "fig1.png", options)


def figdecades(options: Options) -> None:
    """Run Table 2 and draw its errors by decade."""
    STUDY.run_all(experiments.table2(options.profile), "table2", options)
    show_files(tables.report(), "decades-", options)


def claims(options: Options) -> None:
    """Print the verdicts on the paper's claims."""
    show_claims(tables.report(), options)


def reproduce(options: Options) -> None:
    """Run everything, then print every table."""
    table1(options)
    table2(options)
    table3(options)
    if not options.is_first_look:
        ablations(options)
    claims(options)


def benchmark(options: Options) -> None:
    """Print training speed."""
    from reproductions.neighborhood_loss.benchmark import main

    main(options)


def _table(table: Table, runs: Iterable[Experiment], options: Options) -> None:
    STUDY.run_all(runs, table.name, options)
    show_table(tables.report(), table, options)
