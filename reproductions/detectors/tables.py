"""The tables of the comparison: rendered from records, and run before they are shown."""

from __future__ import annotations

import dataclasses

from common.evidence.render import Report
from common.evidence.tables import Column, Row, Table
from common.faces.pose import NOSE
from common.metrics.detection import WIDEST
from reproductions.detectors.experiments import EXPERIMENTS, PROFILE, YAWS
from reproductions.detectors.study import DECISION, ERROR, FOUND, STUDY, TAIL, TIME, ranges
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.showing import show_table

_ABSENT = {
    "viola-jones": "finds boxes only, no eyes",
    "retinaface": "needs its weights, retinaface.onnx; `make table-detectors` says where they are to be had",
}
_ROWS = tuple(Row(one.label, one.name, absent=_ABSENT.get(one.name)) for one in EXPERIMENTS)
_SETS = (("fgnet", "FG-NET"), ("synthetic", "Generated faces"))
_FOUND = (
    f"A face is found where a box holds both marked eyes and is at most {WIDEST:g} times as wide as they are "
    "apart. Eye error: distance of detected from marked eyes, mean of both, over the faces found, in % of "
    "the distance between the marked ones."
)

COMPARISON = Table(
    name="table",
    title="Face detectors on landmarks marked by hand",
    caption=f"{_FOUND} Time: of the processor, from file to faces, one image after the other, all threads "
    "together: the package's loop takes several, the others one. Rows are timed one after the other: what "
    "else the machine does then may set two of them a fifth apart.",
    rows=_ROWS,
    columns=tuple(
        Column(key, title, metric=metric, short="")
        for key, title in _SETS
        for metric in (FOUND, ERROR, TAIL, TIME)
    ),
    row_title="Detector",
    metric=FOUND,
    decision=DECISION,
)

YAW = Table(
    name="yaw",
    title="Face detectors by how far the head is turned",
    caption=f"{_FOUND} Yaw to either side is read off the marked landmarks: the tip of the nose lies "
    f"{NOSE:g} tan(yaw) distances between the eyes beside their middle. {NOSE:g} is a compromise (the best "
    "fit to FG-NET is 0.68 [0.61, 0.76], to generated heads 0.53): 20 degrees may be 18 or 22. FG-NET's "
    "people look at the camera; the bounds leave enough images in every range, and were set by their counts "
    "before any detector was asked. Side faces proper, of 60 to 90 degrees, are not in it.",
    rows=_ROWS,
    columns=tuple(
        Column(f"{key}{ending}", f"{title}, {name}", metric=metric, short=name, part=metric)
        for key, title in _SETS
        for metric in (FOUND, ERROR)
        for ending, name, *_ in ranges(YAWS)
    ),
    row_title="Detector",
    metric=FOUND,
    decision=DECISION,
)


def report() -> Report:
    """Return all that is shown of the comparison."""
    return Report(STUDY.paper, "Face detectors on landmarks marked by hand", (COMPARISON, YAW))


def show(options: Options) -> None:
    """Compare the detectors on the user's FG-NET, else on generated faces, and print both tables.

    Sheets to look at lie in the folder of each run: pictures of people are not results.
    """
    STUDY.run_all(EXPERIMENTS, COMPARISON.name, dataclasses.replace(options, profile=PROFILE))
    for table in (COMPARISON, YAW):
        show_table(report(), table, options)
