"""Which face detector to prepare data with: a comparison on landmarks marked by hand, of no paper."""

from reproductions.shared.harness.registry import Paper, lazily
from reproductions.shared.harness.targets import Target

PAPER = Paper.of(
    "detectors",
    "Face detectors compared on FG-NET's hand-marked landmarks",
    [
        Target(
            "table",
            "compare the face detectors on FG-NET's hand-marked landmarks",
            lazily(f"{__name__}.tables:show"),
            takes=("data-root", "resume", "prepared-root", "results-root", "runs-root"),
        )
    ],
    lazily(f"{__name__}.tables:report"),
)
