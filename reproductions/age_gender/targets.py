"""What `python -m reproductions age-gender TARGET` does: run what is missing, render, print."""

from __future__ import annotations

from pathlib import Path

from reproductions.age_gender import ages, cascade_figure, experiments, networks_page, tables
from reproductions.age_gender.study import PAPER, STUDY
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_claims, show_files, show_page, show_table


def results(options: Options) -> None:
    """Run and print the final results, of all images and by gender and interval."""
    STUDY.run_all(experiments.RESULTS, "results", options)
    show_table(tables.report(), tables.RESULTS, options)
    show_table(tables.report(), tables.GROUPS, options)
    show_files(tables.report(), "confusion-", options)


def fig1_3(options: Options) -> None:
    """Evaluate the cascade on a generated face, and draw what it did."""
    cascade_figure.store(Path(options.results_root) / PAPER)
    show_files(tables.report(), f"{cascade_figure.NAME}.", options)


def networks(options: Options) -> None:
    """Read the networks off the built models and print them, layer by layer."""
    networks_page.store(Path(options.results_root) / PAPER)
    show_page(tables.report(), networks_page.PAGE.name, options)


def facts(options: Options) -> None:
    """Count what can be counted of the paper's sentences."""
    networks_page.store(Path(options.results_root) / PAPER)
    show_page(tables.report(), "facts", options)


def fig7(options: Options) -> None:
    """Run gender alone and draw Figure 7."""
    STUDY.run_all((experiments.GENDER_SMALL, experiments.GENDER), "results", options)
    show_files(tables.report(), "fig7.", options)


def fig8(options: Options) -> None:
    """Run age alone and draw Figure 8."""
    STUDY.run_all((experiments.LENET_SMALL, experiments.LENET, experiments.AGE), "results", options)
    show_files(tables.report(), "fig8.", options)


def fig9(options: Options) -> None:
    """Run both together and draw Figure 9."""
    STUDY.run_all((experiments.JOINT_SMALL, experiments.JOINT), "results", options)
    show_files(tables.report(), "fig9.", options)


def fig11(options: Options) -> None:
    """Count the ages of the profile's training set and draw them."""
    ages.store(options)
    show_files(tables.report(), "fig11.", options)


def weighting(options: Options) -> None:
    """Run the three forms of p and q, print their table and draw them."""
    STUDY.run_all(experiments.WEIGHTINGS, "weighting", options)
    show_table(tables.report(), tables.WEIGHTING, options)
    show_files(tables.report(), "weights", options)


def ablations(options: Options) -> None:
    """Run and print the ablations."""
    STUDY.run_all((*experiments.ABLATIONS, *experiments.DEEPER), "ablations", options)
    for table in (tables.ABLATIONS, tables.DEEPER):
        show_table(tables.report(), table, options)


def claims(options: Options) -> None:
    """Print the verdicts on the paper's claims."""
    show_claims(tables.report(), options)


def reproduce(options: Options) -> None:
    """Run everything, then print every table."""
    fig1_3(options)
    networks(options)
    fig11(options)
    results(options)
    if not options.is_first_look:
        weighting(options)
        ablations(options)
    for name in ("fig7.", "fig8.", "fig9."):
        show_files(tables.report(), name, options)
    claims(options)
