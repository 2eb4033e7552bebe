"""What `python -m reproductions jmcnn TARGET` does: run what is missing, render, print."""

from __future__ import annotations

from dataclasses import replace

from common.evidence import records
from common.evidence.claims import claims_markdown
from common.evidence.formats import to_text
from common.evidence.render import render
from common.evidence.tables import Table, fill
from reproductions.jmcnn import experiments, fig3, gradient_check, tables
from reproductions.jmcnn.runs import PAPER, run_all
from reproductions.options import Options


def table1(options: Options) -> None:
    """Run and print Table 1, and the verification of the same networks."""
    run_all((*experiments.REFERENCES, *experiments.SYSTEMS), "table1", options)
    _show(tables.TABLE1, options)
    _show(tables.VERIFICATION, options)


def fig4(options: Options) -> None:
    """Run the sweep of lambda and draw Figure 4."""
    run_all(experiments.SWEEP, "fig4", options)
    _render("fig4-", options)


def fig5(options: Options) -> None:
    """Run the systems, print what Figure 5 shows, and draw it."""
    run_all((*experiments.REFERENCES, *experiments.SYSTEMS), "table1", options)
    _show(tables.FIG5, options)
    _render("fig5-", options)


def ablations(options: Options) -> None:
    """Run and print the ablations."""
    run_all(experiments.ABLATIONS, "ablations", _brief(options))
    _show(tables.ABLATIONS, options)


def claims(options: Options) -> None:
    """Print the verdicts on the paper's claims."""
    _render("claims.md", options)
    print(claims_markdown(tables.CLAIMS, records.load(options.results_root, PAPER)))


def reproduce(options: Options) -> None:
    """Run everything, then print every table."""
    fig3.main(options)
    table1(options)
    fig4(options)
    fig5(options)
    ablations(options)
    gradient_check.main(options)
    claims(options)


def _brief(options: Options) -> Options:
    """Return `options` with a single seed under the smoke profile, whose numbers mean nothing anyway."""
    return replace(options, seeds=options.seeds[:1]) if options.profile == "smoke" else options


def _show(table: Table, options: Options) -> None:
    print()
    print(to_text(fill(table, records.load(options.results_root, PAPER))))
    _render(f"{table.name}.", options)


def _render(beginning: str, options: Options) -> None:
    """Render the paper's folder and print the paths of the files asked for."""
    for path in render(tables.report(), options.results_root):
        if path.name.startswith(beginning):
            print(path)
