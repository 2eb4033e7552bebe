"""Sheets of faces: a person a row and an age group a column, by one method, and by all of them.

Sheets of generated people lie with the results, and of a portrait in the public domain; those of other real
people stay out of them, with the checkpoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import cbook

from common.evidence.render import Page
from common.faces.drawing import contact_sheet
from data_prep.prepared import shards
from data_prep.prepared.faces import Faces
from data_prep.synthetic.sheets import save_png
from reproductions.mtlface.age_groups import GROUPS
from reproductions.mtlface.study import PAPER
from reproductions.mtlface.synthesis.data import generated_people, partition
from reproductions.mtlface.synthesis.evaluate import Age
from reproductions.mtlface.synthesis.recipes import RECIPES
from reproductions.shared.harness.options import Options
from reproductions.shared.networks.synthesis import SynthesisNetwork
from reproductions.shared.photographs.finding import aligned, find, opened
from reproductions.shared.pseudo_labels.balanced import group_names

FOLDER = "sheets"
PEOPLE = 6
"""Rows of a sheet of one method."""

COMPARED = 2
"""People of the sheet of all methods."""

_SHORT = ("CAAE", "IPCGAN", "one-hot", "MTLFace")
"""What the methods are called under their rows, in the order of `experiments.METHODS`."""

_TILE = 96
PUBLISHED = "published"
"""The sheet of the published network."""

_CAPTIONS = {
    PUBLISHED: "The published network (`make age-to`), MTLFace changed until its faces are free of streaks; "
    "bluish patches are left. Above Grace Hopper in 1984, aged 77 (public domain, as Matplotlib ships her), "
    "below generated people.",
    "ageing": "MTLFace: one person a row; the face itself, then taken to each age group.",
    "methods": "A person under each method, a method a row; the face itself comes first, with the method's "
    "name under it. One-hot is MTLFace without ICM.",
    "smoothness": "From group to group: a person told by one-hot planes, and below by the router, whose "
    "neighbouring groups share an eighth of their channels.",
}


def draw(options: Options, ages: Sequence[Age]) -> list[Path]:
    """Draw the sheets of every test set, and of generated people, and return the files.

    Args:
        options: profile, data and folders.
        ages: what the methods do to faces, in the order of `experiments.METHODS`.
    """
    recipe = RECIPES[options.profile]
    written = []
    found = partition(options, recipe)
    shown = {test.column: test.faces for test in found.tests}
    learnt = found.synthesiser.data
    if not learnt.stand_in:
        shown[f"synthetic-by-{learnt.dataset}"] = generated_people(options, recipe)
    for title, people in shown.items():
        folder = _folder(options, people)
        faces = faces_of_people(people, recipe.size)
        for name, sheet in _sheets(faces, ages).items():
            path = folder / f"{title}-{options.profile}-{name}.png"
            save_png(path, sheet)
            written.append(path)
    return written


def draw_published(options: Options) -> Path:
    """Draw the sheet of the published network, for which nothing is trained, and return the file."""
    network = SynthesisNetwork()
    given = network.published.input
    pixels = opened(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    (portrait,) = aligned(pixels, find(pixels), given.size, given.template, network.published.border)
    people = generated_people(options, RECIPES["cpu"])
    faces = np.stack([portrait, *faces_of_people(people, given.size)])
    made = network.aged(faces)
    path = _folder(options, people) / f"{PUBLISHED}.png"
    save_png(path, _sheet(np.concatenate([faces[:, None], made], axis=1)))
    return path


def faces_of_people(faces: Faces, size: int, people: int = PEOPLE) -> np.ndarray:
    """Return a face of each of the first people, (P, S, S, 3): the one whose age is nearest to 30.

    Who is drawn follows from the order of names, so that all profiles show the same people.
    """
    index = faces.prepared.index.iloc[faces.rows]
    distance = (index["age"].astype(float) - 30).abs().to_numpy()
    chosen = []
    for person in sorted(index["identity"].unique())[:people]:
        own = np.flatnonzero((index["identity"] == person).to_numpy())
        chosen.append(own[np.argmin(distance[own])])
    return shards.read_images(faces.prepared, faces.rows[chosen], size)


def by_groups(faces: np.ndarray, age: Age) -> np.ndarray:
    """Return each face and what a method makes of it for each group, (P, 1 + groups, S, S, 3)."""
    made = [age(faces, np.full(len(faces), group)) for group in range(GROUPS)]
    return np.stack([faces, *made], axis=1)


def page(folder: Path) -> str | None:
    """Return the page that shows the sheets of generated people, as Markdown; None where there are none."""
    sheets = sorted((folder / FOLDER).glob("*.png"), key=lambda one: (one.stem != PUBLISHED, one.name))
    if not sheets:
        return None
    parts = [
        "Rendered people whom nothing was trained on. A sheet's name holds the networks' profile and, with "
        "`by`, the photographs they have learnt from; the others have learnt from other rendered people. "
        "Sheets of real people are not published, but for one portrait in the public domain."
    ]
    for sheet in sheets:
        name = sheet.stem.rpartition("-")[2]
        parts.append(f"![{sheet.stem}]({FOLDER}/{sheet.name})\n\n{_CAPTIONS.get(name, sheet.stem)}")
    return "\n\n".join(parts) + "\n"


PAGE = Page("sheets", "Sheets of faces taken to every age group", "generated faces", page)


def _sheets(faces: np.ndarray, ages: Sequence[Age]) -> dict[str, np.ndarray]:
    """Return the sheets by name; `ages` as of `draw`."""
    made = dict(zip(_SHORT, (by_groups(faces, age) for age in ages), strict=True))
    return {
        "ageing": _sheet(made["MTLFace"]),
        "methods": _compared(made, _SHORT),
        "smoothness": _compared(made, _SHORT[2:]),
    }


def _compared(made: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    people = range(len(made[names[0]][:COMPARED]))
    return _sheet(np.stack([made[name][person] for person in people for name in names]), names)


def _sheet(rows: np.ndarray, names: Sequence[str] = ("input",)) -> np.ndarray:
    """Return a sheet of `by_groups`, with `names` in turn under the faces themselves."""
    captions = [text for row in range(len(rows)) for text in (names[row % len(names)], *group_names())]
    return contact_sheet(list(rows.reshape(-1, *rows.shape[2:])), 1 + GROUPS, captions, _TILE)


def _folder(options: Options, faces: Faces) -> Path:
    if faces.data.stand_in:
        return Path(options.results_root) / PAPER / FOLDER
    return Path(options.runs_root) / PAPER / FOLDER
