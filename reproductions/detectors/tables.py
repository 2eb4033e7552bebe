"""The record of a comparison of detectors, and the table it renders to."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from common.errors import UserError
from common.evidence import sealed, strict
from common.evidence.formats import GENERATED, broken, latex, markdown_table
from common.evidence.records import Data
from common.files import atomic_write
from reproductions.detectors.judging import WIDEST

FOLDER = "detectors"
SCHEMA = 1
_NAME = 20
"""Characters in a line of a detector's name."""

_CSV_COLUMNS = (
    "dataset", "detector", "images", "found_percent", "found_low", "found_high", "eye_error_percent",
    "eye_error_low", "eye_error_high", "eye_error_95", "images_per_second_one", "images_per_second_all",
    "processes", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """A value and its 95% interval by bootstrap over subjects, or over images where those are unknown."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """One detector.

    Attributes:
        detector: for readers.
        images: how many it was shown; 0 where it was not run.
        found: % of them in which it found the marked face.
        eye_error: mean over found faces, in % of the distance between the eyes; None without landmarks.
        eye_error_95: 95th percentile of the same.
        rate_one: images a second of one process of one thread.
        rate_all: images a second of all the benchmark's processes.
        note: footnote, or "".
    """

    detector: str
    images: int = 0
    found: Estimate | None = None
    eye_error: Estimate | None = None
    eye_error_95: float | None = None
    rate_one: float | None = None
    rate_all: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Benchmark:
    """Detectors side by side on one set of images.

    Attributes:
        data: the images.
        rows: the detectors.
        workers: processes of the last column.
        timed: how many of the images the speeds were measured on, in `rounds` rounds whose median is given.
        rounds: see `timed`.
        code_version, libraries, device: what it was measured with.
        load: the machine's load average in the minute before, 0 where it was idle.
    """

    data: Data
    rows: tuple[Row, ...]
    workers: int
    timed: int
    rounds: int
    code_version: str
    libraries: dict[str, str]
    device: str
    load: float


def write(benchmark: Benchmark, results_root: Path) -> Path:
    """Write the record of a benchmark; one a data set stands, a new one takes its place."""
    path = Path(results_root) / FOLDER / "runs" / f"{benchmark.data.dataset}.json"
    sealed.write_sealed(path, {"schema": SCHEMA, **dataclasses.asdict(benchmark)})
    return path


def read(path: Path) -> Benchmark:
    """Read a record; raises UserError where it is none, or was edited."""
    try:
        found = sealed.parse(Path(path).read_text(encoding="utf-8"))
        content = dict(found.content)
        if content.pop("schema", None) != SCHEMA:
            raise ValueError(f"it is not of schema {SCHEMA}")
        benchmark = strict.build(Benchmark, content, "it")
        if found.edited:
            raise ValueError("it was edited")
        return benchmark
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} is not a readable record: {error}. Delete it and run make table-detectors again."
        ) from error


def render(results_root: Path) -> list[Path]:
    """Write the tables of all records in Markdown, CSV and LaTeX; return the files, Markdown first."""
    folder = Path(results_root) / FOLDER
    files = []
    for record in sorted((folder / "runs").glob("*.json")):
        benchmark = read(record)
        for suffix, form in ((".md", to_markdown), (".csv", to_csv), (".tex", to_latex)):
            with atomic_write(folder / f"{record.stem}{suffix}") as file:
                file.write(form(benchmark))
            files.append(folder / f"{record.stem}{suffix}")
    return files


def to_text(benchmark: Benchmark) -> str:
    """Return the table and its notes for a terminal."""
    table = markdown_table(_header(benchmark), _marked(benchmark, "{} [{}]"))
    notes = [f"[{mark}] {note}" for note, mark in _marks(benchmark).items()]
    return "\n".join([title(benchmark), "", *table, "", *notes]) + "\n"


def to_markdown(benchmark: Benchmark) -> str:
    """Return the table as a page that says how everything in it was measured."""
    rows = [[broken(name, _NAME), *rest] for name, *rest in _marked(benchmark, "{}<sup>{}</sup>")]
    table = markdown_table(_header(benchmark), rows, narrow=True)
    parts = [f"<!-- {GENERATED} -->", f"# {title(benchmark)}", _reading(benchmark), "\n".join(table)]
    notes = [f"<sup>{mark}</sup> {note}" for note, mark in _marks(benchmark).items()]
    parts += ["  \n".join(notes)] if notes else []
    return "\n\n".join([*parts, _origin(benchmark)]) + "\n"


def to_csv(benchmark: Benchmark) -> str:
    """Return a line a detector with every number in full; what was not measured is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for row in benchmark.rows:
        numbers = (*_three(row.found), *_three(row.eye_error), row.eye_error_95, row.rate_one, row.rate_all)
        shown = ["" if number is None else f"{number:.6g}" for number in numbers]
        writer.writerow(
            [benchmark.data.dataset, row.detector, row.images, *shown, benchmark.workers, row.note]
        )
    return text.getvalue()


def to_latex(benchmark: Benchmark) -> str:
    """Return the table as a LaTeX `table` for the booktabs package."""
    marks = _marks(benchmark)
    lines = [f"% {GENERATED}", r"\begin{table}", r"\centering", rf"\caption{{{latex(title(benchmark))}}}"]
    lines += [rf"\label{{tab:detectors-{benchmark.data.dataset}}}", r"\begin{tabular}{lrrrrr}", r"\toprule"]
    lines += [" & ".join(map(latex, _header(benchmark))) + r" \\", r"\midrule"]
    for row in benchmark.rows:
        name, *cells = map(latex, _cells(row))
        name += rf"\textsuperscript{{{marks[row.note]}}}" if row.note else ""
        lines.append(" & ".join([name, *cells]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}", r"\par\smallskip\footnotesize", latex(_reading(benchmark))]
    lines += [rf"\par\textsuperscript{{{mark}}} {latex(note)}" for note, mark in marks.items()]
    return "\n".join([*lines, r"\end{table}"]) + "\n"


def title(benchmark: Benchmark) -> str:
    """Return the heading, which always says when generated faces stand in for real ones."""
    stand_in = " (stand-in)" if benchmark.data.stand_in else ""
    return f"Face detectors on {benchmark.data.title}{stand_in}"


def _header(benchmark: Benchmark) -> list[str]:
    processes = f"{benchmark.workers} processes" if benchmark.workers > 1 else "1 process again"
    return [
        "Detector",
        "found, %",
        "eye error, mean",
        "eye error, 95th percentile",
        "images/s, 1 process",
        f"images/s, {processes}",
    ]


def _reading(benchmark: Benchmark) -> str:
    data = benchmark.data
    people = f" of {data.subjects:,} subjects" if data.subjects else ""
    return (
        f"{data.images:,} images{people} ({data.coverage}) with landmarks marked "
        f"{'by the renderer' if data.stand_in else 'by hand'}. A face is found where a box holds both marked "
        f"eyes and is at most {WIDEST:g} times as wide as they are apart. Eye error: distance of detected "
        "from marked eyes, mean of both, in % of the distance between the marked ones. In brackets 95% "
        f"intervals by bootstrap over {'subjects' if data.subjects else 'images'}. Speed from file to faces, "
        f"one thread a process: median of {benchmark.rounds} rounds, in which the detectors take turns, on "
        f"{benchmark.timed} images drawn by lot."
    )


def _origin(benchmark: Benchmark) -> str:
    libraries = ", ".join(f"{name} {version}" for name, version in sorted(benchmark.libraries.items()))
    return (
        f"Measured on {benchmark.device} (load average {benchmark.load:.1f} before), "
        f"code {benchmark.code_version}, {libraries}; images {benchmark.data.fingerprint[:8]}. Record: "
        f"[runs/{benchmark.data.dataset}.json](runs/{benchmark.data.dataset}.json)."
    )


def _marks(benchmark: Benchmark) -> dict[str, str]:
    """Return note -> mark, a, b, ... in order of first use."""
    notes = dict.fromkeys(row.note for row in benchmark.rows if row.note)
    return {note: chr(ord("a") + index) for index, note in enumerate(notes)}


def _marked(benchmark: Benchmark, form: str) -> list[list[str]]:
    """Return every row's cells, names with the marks of their notes in `form`."""
    marks = _marks(benchmark)
    rows = [(row, _cells(row)) for row in benchmark.rows]
    return [[form.format(name, marks[row.note]) if row.note else name, *rest] for row, (name, *rest) in rows]


def _cells(row: Row) -> list[str]:
    tail = "–" if row.eye_error_95 is None else f"{row.eye_error_95:.1f}"
    measured = [_estimate(row.found), _estimate(row.eye_error), tail]
    return [row.detector, *measured, _rate(row.rate_one), _rate(row.rate_all)]


def _three(estimate: Estimate | None) -> Iterator[float | None]:
    return iter((None,) * 3 if estimate is None else (estimate.value, estimate.low, estimate.high))


def _estimate(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    return f"{estimate.value:.1f} [{estimate.low:.1f}, {estimate.high:.1f}]"


def _rate(rate: float | None) -> str:
    return "–" if rate is None else f"{rate:.3g}"
