"""What `python -m reproductions neighborhood TARGET` does: run what is missing, render, print."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from common.evidence import records
from common.evidence.claims import claims_markdown
from common.evidence.formats import to_text
from common.evidence.render import render
from common.evidence.tables import Table, fill
from reproductions.neighborhood_loss import experiments, tables
from reproductions.neighborhood_loss.experiments import Experiment
from reproductions.neighborhood_loss.runs import PAPER, run_all
from reproductions.options import Options


def table1(options: Options) -> None:
    """Print Table 1 from the networks themselves."""
    from reproductions.neighborhood_loss.table1 import table1_markdown

    print(table1_markdown())


def table2(options: Options) -> None:
    """Run and print Table 2."""
    _table(tables.TABLE2, experiments.table2(options.profile), options)


def table3(options: Options) -> None:
    """Run and print Table 3."""
    _table(tables.TABLE3, experiments.TABLE3, _brief(options))


def ablations(options: Options) -> None:
    """Run and print the ablations."""
    _table(tables.ABLATIONS, experiments.ABLATIONS, _brief(options))


def fig1(options: Options) -> None:
    """Draw Figure 1."""
    _show("fig1.png", options)


def figdecades(options: Options) -> None:
    """Run Table 2 and draw its errors by decade."""
    run_all(experiments.table2(options.profile), "table2", options)
    _show("decades-", options)


def claims(options: Options) -> None:
    """Print the verdicts on the paper's claims."""
    _show("claims.md", options)
    print(claims_markdown(tables.CLAIMS, records.load(options.results_root, PAPER)))


def reproduce(options: Options) -> None:
    """Run everything, then print every table."""
    table1(options)
    table2(options)
    table3(options)
    ablations(options)
    claims(options)


def benchmark(options: Options) -> None:
    """Print training speed."""
    from reproductions.neighborhood_loss.benchmark import main

    main(options)


def _brief(options: Options) -> Options:
    """Return `options` with a single seed under the smoke profile, whose numbers mean nothing anyway."""
    return replace(options, seeds=options.seeds[:1]) if options.profile == "smoke" else options


def _table(table: Table, runs: Iterable[Experiment], options: Options) -> None:
    run_all(runs, table.name, options)
    print()
    print(to_text(fill(table, records.load(options.results_root, PAPER))))
    _show(f"{table.name}.", options)


def _show(beginning: str, options: Options) -> None:
    """Render the paper's folder and print the paths of the files asked for."""
    for path in render(tables.report(), options.results_root):
        if path.name.startswith(beginning):
            print(path)
