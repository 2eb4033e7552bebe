"""Which face detector to prepare data with: a comparison on landmarks marked by hand, of no paper."""

from reproductions.shared.harness.options import parse_workers
from reproductions.shared.harness.registry import Paper, lazily
from reproductions.shared.harness.targets import Flag, Target

PAPER = Paper.of(
    "detectors",
    "Face detectors compared on FG-NET's hand-marked landmarks",
    [
        Target(
            "table",
            "compare the face detectors on FG-NET's hand-marked landmarks",
            lazily(f"{__name__}.runs:compare"),
            {"workers": Flag(parse_workers, "N", "processes (default one a core)")},
            takes=("data-root", "prepared-root", "results-root", "runs-root"),
        )
    ],
    renders=lazily(f"{__name__}.tables:render"),
)
