"""The commands that belong to no single paper: data sets, detectors, and every table at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data_prep.datasets import DATASETS
from reproductions.shared.command_line.quiet import import_tensorflow
from reproductions.shared.harness.options import Options, parse_fraction, parse_whole, parse_workers
from reproductions.shared.harness.registry import papers
from reproductions.shared.harness.targets import RUN_FLAGS, Flag


@dataclass(frozen=True)
class Command:
    """A command of the suite.

    Attributes:
        name: what is typed.
        help: one line for the listing.
        run: takes the options, then the word after the name where there is one, then those of the flags given
            that are not part of `Options` as keyword arguments.
        argument: what the word after the name is ("data set"), or None where there is none.
        choices: the words it may be.
        flags: the options that mean something to it, by name.
    """

    name: str
    help: str
    run: Callable[..., None]
    argument: str | None = None
    choices: Callable[[], Iterable[str]] = tuple
    flags: Mapping[str, Flag] = field(default_factory=dict)

    @property
    def usage(self) -> str:
        """The command as it is typed."""
        return f"{self.name} SET" if self.argument else self.name


def _data(options: Options, name: str) -> None:
    if name == "synthetic":
        print(_generated(options) / DATASETS[name].folder)
        return
    from data_prep.obtaining.obtain import obtain

    root = options.data_root or Path("data")
    if root.exists():
        options.check_data_root()
    root.mkdir(parents=True, exist_ok=True)
    obtain(name, root)


def _generated(options: Options) -> Path:
    """Return the folder of the generated set, which is rendered if it is not there."""
    from data_prep.synthetic.people import generate_default

    root = options.prepared_root / "generated"
    generate_default(root / DATASETS["synthetic"].folder)
    return root


def _prepare(
    options: Options,
    name: str,
    *,
    size: int = 112,
    template: str = "arcface",
    detector: str = "auto",
    margin: float = 0.0,
    workers: int | None = None,
) -> None:
    options.check_data_root()
    import_tensorflow()
    from data_prep.preparation.prepare import checked, prepare, report

    # Before the generated set is rendered.
    checked(size, template, detector, margin, workers)
    root = _generated(options) if name == "synthetic" else options.data_root or Path("data")
    prepared = prepare(
        name,
        root,
        options.prepared_root,
        size=size,
        template=template,
        detector=detector,
        margin=margin,
        workers=workers,
    )
    print(report(prepared))


def _label(options: Options, name: str) -> None:
    options.check_data_root()
    import_tensorflow()
    from reproductions.shared.pseudo_labels.labelling import label, report

    print(report(label(options, name)))


def _detectors(options: Options, *, workers: int | None = None) -> None:
    options.check_data_root()
    import_tensorflow()
    from reproductions.detectors.runs import run

    run(options.data_root, options.prepared_root, options.results_root, options.runs_root, workers)


def _tables(options: Options) -> None:
    import_tensorflow()
    from reproductions.shared.harness.reporting import render_all

    render_all(papers().values(), options.results_root)


def _check_tables(options: Options) -> None:
    import_tensorflow()
    from reproductions.shared.harness.reporting import check_all

    check_all(papers().values(), options.results_root)


def _seal(options: Options) -> None:
    import_tensorflow()
    from reproductions.shared.harness.reporting import seal_all

    seal_all(papers().values(), options.results_root)


def _of_a_run(*names: str) -> dict[str, Flag]:
    return {name: RUN_FLAGS[name] for name in names}


_WORKERS = {"workers": Flag(parse_workers, "N", "processes (default one a core)")}
_CROPS = {
    "size": Flag(parse_whole, "PX", "side of the crops (default 112)"),
    "template": Flag(str, "T", "where the landmarks come to lie (default arcface)"),
    "detector": Flag(str, "D", "auto, manual, mtcnn, retinaface or viola-jones (default auto)"),
    "margin": Flag(parse_fraction, "M", "fraction of the side shown beyond the template (default 0)"),
}

COMMANDS = {
    command.name: command
    for command in (
        Command(
            "data",
            f"fetch a data set where its licence allows, else say how to get it: {', '.join(DATASETS)}",
            _data,
            "data set",
            lambda: tuple(DATASETS),
            _of_a_run("data-root", "prepared-root"),
        ),
        Command(
            "prepare",
            "find, align and store the faces of a data set",
            _prepare,
            "data set",
            lambda: tuple(DATASETS),
            _of_a_run("data-root", "prepared-root") | _CROPS | _WORKERS,
        ),
        Command(
            "label",
            "estimate ages and genders of a set of identities with trained networks: a SCAF-style set",
            _label,
            "data set",
            lambda: tuple(DATASETS),
            _of_a_run("profile", "seeds", "data-root", "prepared-root", "results-root", "runs-root"),
        ),
        Command(
            "detectors",
            "compare the face detectors on landmarks marked by hand",
            _detectors,
            flags=_of_a_run("data-root", "prepared-root", "results-root", "runs-root") | _WORKERS,
        ),
        Command(
            "tables",
            "render every table and figure from the records",
            _tables,
            flags=_of_a_run("results-root"),
        ),
        Command(
            "check-tables",
            "prove that the committed tables are what the committed records render to",
            _check_tables,
            flags=_of_a_run("results-root"),
        ),
        Command(
            "seal",
            "write the hashes of today into records of earlier versions, once they are proven",
            _seal,
            flags=_of_a_run("results-root"),
        ),
    )
}
