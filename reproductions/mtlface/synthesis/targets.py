"""What `python -m reproductions mtlface TARGET` does of synthesis: run what is missing, render, print."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from reproductions.mtlface import tables as paper
from reproductions.mtlface.synthesis import experiments, half, sheets, study, tables
from reproductions.mtlface.synthesis.photo import age_photo, parse_group
from reproductions.mtlface.synthesis.study import STUDY, trained_ageing
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_files, show_table


def table2(options: Options) -> None:
    """Train encoder, judges and the four methods; print the judges' own errors, then the table."""
    STUDY.run_all(experiments.TABLE2, study.TABLE, options)
    for table in (tables.JUDGES, tables.TABLE, tables.COLLAPSE, tables.REALISM):
        show_table(paper.report(), table, options)


def table2_half(options: Options) -> None:
    """Run the methods, MTLFace less its parts, and its readings at half the side; print judges and table."""
    STUDY.run_all(experiments.halved(options.profile), half.TABLE.name, options)
    for table in (tables.JUDGES, half.TABLE):
        show_table(paper.report(), table, options)


def variants(options: Options) -> None:
    """Run and print what takes the streaks away, beside the system itself."""
    STUDY.run_all(experiments.VARIANTS, tables.READINGS.name, options)
    for table in (tables.READINGS, tables.REALISM):
        show_table(paper.report(), table, options)


def draw(options: Options) -> None:
    """Draw the sheets by the methods of the first seed, which are trained unless they are."""
    first = options.seeds[0]
    ages = [
        study.ageing_of(method, STUDY.run(method, study.TABLE, options, first), options)
        for method in experiments.METHODS
    ]
    for path in sheets.draw(options, ages):
        print(path)
    show_files(paper.report(), f"{sheets.PAGE.name}.", options)


def draw_published(options: Options) -> None:
    """Draw the sheet of the published network; nothing is trained for it."""
    print(sheets.draw_published(options))
    show_files(paper.report(), f"{sheets.PAGE.name}.", options)


def age(options: Options, photo: Path, *, to: str, out: Path | None = None) -> None:
    """Take the face of a photograph to an age group and tell where the result lies."""
    group = parse_group(to)
    method = experiments.MTLFACE
    recipe = method.recipe(options.profile)

    # What is wrong with the photograph is told before the network is built.
    def ageing(faces: np.ndarray, groups: np.ndarray) -> np.ndarray:
        return trained_ageing(method, options)(faces, groups)

    print(age_photo(photo, group, ageing, recipe.size, out, template=recipe.template))
