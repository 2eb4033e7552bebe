"""`python -m reproductions new-study NAME`: the files of a study in age estimation, ready to run."""

from __future__ import annotations

from pathlib import Path
from string import Template

from common.errors import UserError
from common.files import atomic_write

TEMPLATES = Path(__file__).with_name("new_study")
STUDIES = Path(__file__).parents[2]

TARGETS = (
    ("reproduce", "every table of the paper"),
    ("table1", "the paper's loss against cross entropy"),
    ("claims", "the paper's claims and what the records say of them"),
)
"""Name and help of its targets, for the registry and the Makefile alike."""


def write_study(name: str, studies: Path = STUDIES) -> Path:
    """Write the four files of a study and print what is left to do; return its folder.

    Args:
        name: of its folder, small letters, digits and underscores.
        studies: the folder of all studies.

    Raises:
        UserError: there is a folder of that name.
    """
    folder = studies / name
    if folder.exists():
        raise UserError(f"{folder} is there already: give the study another name.")
    typed = name.replace("_", "-")
    targets = "".join(f'    ("{target}", "{help}"),\n' for target, help in TARGETS)
    for template in sorted(TEMPLATES.glob("*.txt")):
        text = Template(template.read_text(encoding="utf-8"))
        with atomic_write(folder / template.stem) as file:
            file.write(_sorted(text.substitute(package=name, study=typed, targets=targets)))
    print(f"{folder}: run it with python -m reproductions {typed} table1")
    print(f"For make, put this into the Makefile, above the data sets:\n\n{make_lines(typed)}")
    return folder


def make_lines(typed: str) -> str:
    """Return what the Makefile needs for a study, by the name that is typed."""
    lines = [f"##@ {typed}", *(f"{target}-{typed}: ## {help}" for target, help in TARGETS), ""]
    return "\n".join([*lines, f"%-{typed}: ready", f"\t@$(RUN) {typed} $(call quoted,$*) $(OPTIONS)"])


def _sorted(text: str) -> str:
    """Put imports from studies in the order that the linter asks for, whatever the study is called."""
    lines = text.splitlines()
    places = [place for place, line in enumerate(lines) if line.startswith("from reproductions.")]
    ordered = sorted((lines[place] for place in places), key=lambda line: line.split()[1])
    for place, line in zip(places, ordered, strict=True):
        lines[place] = line
    return "\n".join(lines) + "\n"
