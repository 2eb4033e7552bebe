"""What `python -m reproductions mtlface TARGET` does: run what is missing, render, print."""

from __future__ import annotations

from reproductions.mtlface import experiments, tables
from reproductions.mtlface import figa1 as labelled
from reproductions.mtlface import films as tuned
from reproductions.mtlface import forgetting as curve
from reproductions.mtlface.study import STUDY
from reproductions.mtlface.synthesis import targets as synthesis
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_claims, show_files, show_page, show_table


def aifr(options: Options) -> None:
    """Run the system and its parts, and print both tables of recognition."""
    STUDY.run_all((*experiments.REFERENCES, *experiments.SYSTEMS), "aifr", options)
    show_table(tables.report(), tables.AIFR, options)
    show_table(tables.report(), tables.VERIFICATION, options)


def half(options: Options) -> None:
    """Run the system and its parts at half the side, and print their table."""
    STUDY.run_all((*experiments.REFERENCES, *experiments.HALVED, experiments.ATTENTION), "aifr-half", options)
    show_table(tables.report(), tables.HALF, options)


def films(options: Options) -> None:
    """Train one network on with films, without and with the ages that they say, and print both."""
    # What the others go on from is no table of its own where they cannot.
    before = () if STUDY.lacks(experiments.FILMS[0], options) else (experiments.BEFORE,)
    STUDY.run_all((*before, *experiments.FILMS), "aifr-films", options)
    show_table(tables.report(), tuned.TABLE, options)


def forgetting(options: Options) -> None:
    """Turn the reversed head up on one network, and print what is forgotten and what is found."""
    STUDY.run_all(experiments.FORGETTING, "forgetting", options)
    show_table(tables.report(), curve.TABLE, options)
    show_files(tables.report(), "forgetting-", options)


def variants(options: Options) -> None:
    """Run and print the other readings."""
    STUDY.run_all(experiments.variants(options.profile), "aifr-variants", options)
    show_table(tables.report(), tables.READINGS, options)


def figa1(options: Options) -> None:
    """Label the identity set unless it is labelled, and draw its ages and genders."""
    labelled.store(options)
    show_files(tables.report(), "figa1", options)
    show_files(tables.report(), labelled.PAGE.name, options)


def facts(options: Options) -> None:
    """Count what can be counted of the supplement's sentences."""
    show_page(tables.report(), "facts", options)


def claims(options: Options) -> None:
    """Print the verdicts on the paper's claims."""
    show_claims(tables.report(), options)


def reproduce_aifr(options: Options) -> None:
    """Run everything of recognition, then print every table."""
    aifr(options)
    half(options)
    films(options)
    forgetting(options)
    variants(options)
    figa1(options)
    claims(options)


def reproduce(options: Options) -> None:
    """Run everything of the paper, then print every table, the figures and the claims."""
    aifr(options)
    if not options.is_first_look:
        half(options)
        films(options)
        forgetting(options)
        variants(options)
    figa1(options)
    synthesis.table2(options)
    if not options.is_first_look:
        synthesis.table2_half(options)
        synthesis.variants(options)
    synthesis.draw(options)
    claims(options)
