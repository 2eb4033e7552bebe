"""What the paper holds, and what answers it, see `common.evidence.coverage`."""

from __future__ import annotations

from functools import partial

from common.evidence.answers import Claimed, Counted, Elsewhere, Ran, Shown, departure
from common.evidence.coverage import Item

_LAYERS = "../../tests/common/layers"
_SWEEP = ("jmcnn-0", "jmcnn-0.001", "jmcnn-0.01", "jmcnn-0.1", "jmcnn-1")
_FILMS = ("jmcnn-films-0-half", "jmcnn-films-0.1-half")
_SYSTEMS = (("cnn-base-plain", "cnn-base"), ("cnn-films", "cnn-fine-tuned"), ("jmcnn-films-0.1", "jmcnn-0.1"))
_CACD, _MORPH = "CACD", "MORPH"


def _twice(claim: str) -> Claimed:
    """Return the verdicts on a claim, by CosFace and Muon and by the paper's loss at half the side."""
    return Claimed((claim, f"{claim}, films at half the side"))


_departure = partial(departure, reproduction="jmcnn")

COVERAGE = (
    Item("Fig. 1", "One person of FG-NET over the years", (Counted("faces of one subject"),)),
    Item("Fig. 2", "The framework", (Shown("fig3"),)),
    Item("Fig. 3", "The convolutional network", (Shown("fig3"), _departure(1, "widths are chosen here"))),
    Item("Eq. 1", "Softmax of identities", (Ran("table1", ("cnn-base-plain",)),)),
    Item(
        "Eq. 2",
        "Softmax of age groups",
        (
            Ran("bands", ("jmcnn-films-0.1",)),
            Elsewhere("test_age_groups", "../../tests/reproductions/jmcnn/test_age_groups.py"),
        ),
    ),
    Item(
        "Eq. 3",
        "Cosine of the two tasks' features",
        (
            Counted("relationship of conflict features"),
            Shown("cosine"),
            Elsewhere("test_cosine_regularizer", f"{_LAYERS}/test_cosine_regularizer.py"),
        ),
    ),
    Item("Eq. 4", "The joint loss", (Ran("table1", ("jmcnn-films-0.1", "jmcnn-0.1")),)),
    Item("Eq. 5, 6", "Gradients of the cosine", (Shown("gradient-check"),), count=2),
    Item(
        "Eq. 7",
        "Mean average precision",
        (
            Ran("fig5-values", ("cnn-films", "jmcnn-films-0.1")),
            Elsewhere("test_search", "../../tests/common/metrics/test_search.py"),
        ),
        needs=_CACD,
    ),
    Item(
        "2.2, 3.1",
        "Gradient descent, and Adam at 0.1",
        (Counted("implemented by stochastic gradient descent"), Shown("adam")),
    ),
    Item(
        "3.1",
        "Nine age groups from 15 to 77",
        (Counted("ages are partitioned into 9 groups"), Ran("ablations", ("jmcnn-left-out",))),
    ),
    Item(
        "3.1",
        "Faces by MTCNN and five points, 128 px, pixels from -1 to 1",
        (_departure(10, "the template"), _departure(13, "96 px here")),
        needs="a GPU of size",
        whole=False,
    ),
    Item(
        "3.1",
        "G = 9, batches of 128",
        (
            Elsewhere("test_age_groups", "../../tests/reproductions/jmcnn/test_age_groups.py"),
            _departure(17, "four bands on IMFDB"),
            _departure(18, "batches of 64 and 32"),
        ),
    ),
    Item(
        "Fig. 4",
        "Rank-1 under five λ",
        (Ran("fig4-fgnet", _SWEEP), Ran("films-half", _FILMS)),
        needs=_MORPH,
    ),
    Item(
        "3.2, Fig. 4",
        "Better and better with λ up to 0.1",
        (Claimed(("better and better up to 0.1",)),),
        needs=_MORPH,
    ),
    Item(
        "3.2, Fig. 4",
        "λ = 0.1 beats λ = 0",
        (_twice("0.1 beats 0"),),
        needs=_MORPH,
    ),
    Item(
        "3.2, Fig. 4",
        "λ = 0.1 beats λ = 1",
        (_twice("0.1 beats 1"),),
        needs=_MORPH,
    ),
    *(
        Item("Table 1", f"{label}: {value}%", (Ran("table1", rows),), needs=_MORPH)
        for label, value, rows in zip(
            ("CNN baseline", "CNN baseline, fine-tuned", "JMCNN"),
            ("91.96", "97.23", "98.36"),
            _SYSTEMS,
            strict=True,
        )
    ),
    Item("Table 1", "Seven quoted methods", (Shown("table1", "as the paper quotes them"),)),
    Item(
        "3.2, Table 1",
        "Fine-tuning beats the baseline",
        (_twice("fine-tuning helps"),),
        needs=_MORPH,
    ),
    Item(
        "3.2, Table 1",
        "JMCNN beats the tuned baseline",
        (_twice("JMCNN beats the fine-tuned baseline"),),
        needs=_MORPH,
    ),
    Item(
        "3.2, Table 1",
        "Tuning spares two thirds of the errors",
        (Claimed(("fine-tuning spares two thirds of the errors",)),),
        needs=_MORPH,
    ),
    Item(
        "3.2, Table 1",
        "JMCNN spares two fifths of the rest",
        (Claimed(("JMCNN spares two fifths of the errors",)), Counted("effectiveness of the proposed")),
        needs=_MORPH,
    ),
    Item(
        "3.2, Table 1",
        "The baseline is inferior to most others",
        (Counted("inferior to most of other results"),),
    ),
    Item(
        "3.2, 2.1",
        "Basic features still hold age; the regulariser takes it away",
        (
            Ran("bands", ("cnn-base-plain",)),
            Claimed(("the regulariser takes age from F4, films at half the side",)),
        ),
    ),
    Item(
        "Abstract, 1",
        "The two tasks enhance each other",
        (
            Claimed(("JMCNN beats the fine-tuned baseline",)),
            Claimed(("the regulariser helps to tell ages, films at half the side",)),
        ),
    ),
    Item(
        "Fig. 5",
        "Five methods by three periods of CACD",
        (
            Ran("fig5-imfdb", ("cnn-base-plain", "cnn-films", "jmcnn-films-0.1")),
            Ran("films-half", ("cnn-base-plain-half", "cnn-films-half", "jmcnn-films-0.1-half")),
            _departure(14, "three methods are others'"),
        ),
        needs=_CACD,
    ),
    Item(
        "3.2",
        "CACD: 120 people tested, 1,880 tuned on",
        (Shown("protocol"), Counted("1880 celebrities"), Counted("2000 celebrities with age")),
    ),
    Item(
        "4",
        "Superior to the state of the art",
        (Counted("new state-of-the art"), Ran("table1", ("outside", "jmcnn-0.1"))),
        needs="MORPH, CACD",
    ),
)
