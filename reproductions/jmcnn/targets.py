"""What `python -m reproductions jmcnn TARGET` does: run what is missing, render, print."""

from __future__ import annotations

from pathlib import Path

from reproductions.jmcnn import experiments, tables
from reproductions.jmcnn import fig3 as network
from reproductions.jmcnn import films as on_films
from reproductions.jmcnn import gradient_check as check
from reproductions.jmcnn import protocol as counted
from reproductions.jmcnn.study import PAPER, STUDY
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_claims, show_files, show_page, show_table


def table1(options: Options) -> None:
    """Run and print Table 1, and the verification of the same networks."""
    rows = (*experiments.REFERENCES, experiments.JUDGE, *experiments.SYSTEMS)
    STUDY.run_all(rows, "table1", options)
    show_table(tables.report(), tables.TABLE1, options)
    show_table(tables.report(), tables.VERIFICATION, options)


def films(options: Options) -> None:
    """Run the systems whose stage 2 is on films, and print what they find."""
    STUDY.run_all((*experiments.REFERENCES, *experiments.FILMS), "films", options)
    for table in (tables.TABLE1, tables.FIG5, tables.VERIFICATION, on_films.BANDS):
        show_table(tables.report(), table, options)


def films_half(options: Options) -> None:
    """Run the same, and lambda of 0 and 1, at half the side; print the table and draw Figure 4 on films."""
    STUDY.run_all((*experiments.REFERENCES, *experiments.HALF), "films-half", options)
    show_table(tables.report(), on_films.HALF, options)
    show_files(tables.report(), on_films.FIG4.name, options)


def judge(options: Options) -> None:
    """Measure the recogniser from outside, which takes no training, and print what it finds."""
    STUDY.run_all((experiments.JUDGE,), "judge", options)
    for table in (tables.TABLE1, tables.FIG5, tables.VERIFICATION):
        show_table(tables.report(), table, options)


def fig3(options: Options) -> None:
    """Read the network off the built model and draw it."""
    network.store(Path(options.results_root) / PAPER)
    show_files(tables.report(), "fig3.", options)


def fig4(options: Options) -> None:
    """Run the sweep of lambda and draw Figure 4."""
    STUDY.run_all(experiments.SWEEP, "fig4", options)
    show_files(tables.report(), "fig4-", options)


def fig5(options: Options) -> None:
    """Run the systems, print what Figure 5 shows, and draw it."""
    STUDY.run_all((*experiments.REFERENCES, *experiments.SYSTEMS), "table1", options)
    show_table(tables.report(), tables.FIG5, options)
    show_files(tables.report(), "fig5-", options)


def ablations(options: Options) -> None:
    """Run and print the ablations."""
    STUDY.run_all(experiments.ABLATIONS, "ablations", options)
    show_table(tables.report(), tables.ABLATIONS, options)


def gradient_check(options: Options) -> None:
    """Hold Eq. 5-6 against automatic and numeric gradients."""
    check.store(Path(options.results_root) / PAPER)
    show_page(tables.report(), "gradient-check", options)


def protocol(options: Options) -> None:
    """Count who is looked for on CACD, and print the page."""
    counted.store(options, Path(options.results_root) / PAPER)
    show_page(tables.report(), counted.PAGE.name, options)


def facts(options: Options) -> None:
    """Count what can be counted of the paper's sentences."""
    show_page(tables.report(), "facts", options)


def claims(options: Options) -> None:
    """Print the verdicts on the paper's claims."""
    show_claims(tables.report(), options)


def reproduce(options: Options) -> None:
    """Run everything, then print every table."""
    fig3(options)
    table1(options)
    fig4(options)
    fig5(options)
    if not options.is_first_look:
        ablations(options)
    gradient_check(options)
    claims(options)
