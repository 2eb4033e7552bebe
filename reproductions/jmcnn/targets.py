"""What `python -m reproductions jmcnn TARGET` does: run what is missing, render, print."""

from __future__ import annotations

from reproductions.jmcnn import experiments, fig3, gradient_check, tables
from reproductions.jmcnn.runs import run_all
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import brief, show_claims, show_files, show_table


def table1(options: Options) -> None:
    """Run and print Table 1, and the verification of the same networks."""
    run_all((*experiments.REFERENCES, *experiments.SYSTEMS), "table1", options)
    show_table(tables.report(), tables.TABLE1, options)
    show_table(tables.report(), tables.VERIFICATION, options)


def fig4(options: Options) -> None:
    """Run the sweep of lambda and draw Figure 4."""
    run_all(experiments.SWEEP, "fig4", brief(options))
    show_files(tables.report(), "fig4-", options)


def fig5(options: Options) -> None:
    """Run the systems, print what Figure 5 shows, and draw it."""
    run_all((*experiments.REFERENCES, *experiments.SYSTEMS), "table1", options)
    show_table(tables.report(), tables.FIG5, options)
    show_files(tables.report(), "fig5-", options)


def ablations(options: Options) -> None:
    """Run and print the ablations."""
    run_all(experiments.ABLATIONS, "ablations", brief(options))
    show_table(tables.report(), tables.ABLATIONS, options)


def claims(options: Options) -> None:
    """Print the verdicts on the paper's claims."""
    show_claims(tables.report(), options)


def reproduce(options: Options) -> None:
    """Run everything, then print every table."""
    fig3.main(options)
    table1(options)
    fig4(options)
    fig5(options)
    ablations(options)
    gradient_check.main(options)
    claims(options)
