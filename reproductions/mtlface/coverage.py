"""What the supplement holds, and what answers it, see `common.evidence.coverage`."""

from __future__ import annotations

from functools import partial

from common.evidence.answers import Claimed, Counted, Elsewhere, Ran, Shown, departure
from common.evidence.coverage import Item

_SCAF, _GPU = "SCAF", "a GPU of size"
_METHODS = ("fas-caae", "fas-ipcgan", "fas-one-hot", "fas-mtlface")
_SYSTEMS = ("aifr-cosface", "aifr-age-head", "aifr-reversal", "aifr-mtlface")
_ASKED = ("decomposition helps", "reversal helps", "reversal alone helps", "the system helps")


_departure = partial(departure, reproduction="mtlface")

_synthesis = partial(departure, reproduction="mtlface/synthesis", label="synthesis, {}")


_HALF = ", at half the side"


def _compared(says: str, *claims: str, place: str = "C, Table 2") -> Item:
    """Return what C says of the methods, which is asked at half the side."""
    todo = "table2-half by three seeds (CPU)"
    return Item(place, says, (Claimed(tuple(f"{one}{_HALF}" for one in claims)),), needs=_SCAF, todo=todo)


COVERAGE = (
    Item("A", "Ages and genders by a web service", (Shown("labelled-set"), _departure(10, "by networks"))),
    Item("A", "Young ages are corrected by hand", (Counted("manually correct"),)),
    Item("A", "Ages and genders are balanced", (Shown("figa1-c"), Shown("labelled-set"))),
    Item("Fig. A.1a", "Sample faces", (Counted("Sample faces on SCAF"),)),
    Item("Fig. A.1b", "Ages of the set", (Shown("figa1-b"),), needs=_SCAF),
    Item("Fig. A.1c", "Age groups and genders", (Shown("figa1-c"),), needs=_SCAF),
    Item(
        "B",
        "A ResNet-50 as the encoder",
        (
            Ran("aifr", ("aifr-mtlface",)),
            _departure(1, "the units"),
            _departure(13, "IR-18, a quarter wide, here"),
        ),
        needs=_GPU,
    ),
    Item(
        "B",
        "Decoder: residual blocks, instance normalisation, ReLU",
        (Ran("table2-half", ("fas-supplement-half",)), _synthesis(5, "the code's elsewhere")),
    ),
    Item(
        "B",
        "Four blocks under the identity condition",
        (
            Ran("table2", ("fas-mtlface",)),
            Elsewhere("test_task_router", "../../tests/common/layers/test_task_router.py"),
        ),
    ),
    Item(
        "B",
        "Discriminator: six convolutions, spectral normalisation, 7x7",
        (
            Counted("six convolutional layers"),
            Ran("table2-half", ("fas-supplement-half",)),
            _synthesis(6, "the code's elsewhere"),
        ),
    ),
    Item(
        "B",
        "SGD with warm-up and steps",
        (
            Ran("aifr-variants", ("aifr-printed-half", "aifr-three-drops-half")),
            _departure(8, "Muon elsewhere"),
        ),
        todo="aifr-printed-half and aifr-three-drops-half (CPU)",
    ),
    Item(
        "B",
        "Adam at 1e-4, 0.9 and 0.99",
        (Ran("table2-half", ("fas-printed-adam-half",)), _synthesis(8, "the code's 0.5, and 3e-4")),
    ),
    Item(
        "B",
        "Five weights of the losses",
        (
            Ran("aifr", ("aifr-mtlface",)),
            Ran("table2", ("fas-mtlface",)),
            Elsewhere("test_methods", "../../tests/reproductions/mtlface/synthesis/test_methods.py"),
        ),
    ),
    Item(
        "B",
        'CosFace\'s "multiplicative" margin of 0.35, scale 64',
        (Counted("multiplicative margin"), _departure(16, "it is subtracted")),
    ),
    Item(
        "B",
        "112 px by MTCNN, from -1 to 1, batches of 512 on 8 GPUs",
        (_departure(13, "96 px"), _departure(14, "batches of 64")),
        needs=_GPU,
        whole=False,
    ),
    Item(
        "C",
        "Age accuracy",
        (
            Ran("table2", ("fas-mtlface",)),
            Elsewhere("test_synthesis", "../../tests/common/metrics/test_synthesis.py"),
        ),
    ),
    Item("C", "Identity by a cosine", (Ran("table2", ("fas-mtlface",)),)),
    Item(
        "C",
        "Judges: two ResNet-100",
        (Shown("judges"), _synthesis(11, "smaller ones here")),
        needs=f"LCAF, {_GPU}",
    ),
    Item(
        "Table 2",
        "Four methods on three sets",
        (Ran("table2", _METHODS), Counted("presents the quantitative results")),
        needs=f"MORPH, CACD, {_SCAF}",
    ),
    *(
        _compared(f"Better than {rival} in {what}", f"{claim} than {rival}")
        for rival in ("CAAE", "IPCGAN")
        for what, claim in (("age accuracy", "ages better"), ("identity", "keeps identity better"))
    ),
    Item(
        "C, Table 2",
        "... by a clear margin",
        (
            Claimed(tuple(f"beats {rival}{_HALF}" for rival in ("CAAE", "IPCGAN"))),
            Counted("by a clear margin"),
        ),
        needs=_SCAF,
    ),
    _compared(
        "A direct result of the recognition task",
        "the age tasks help to age",
        "the age tasks help to keep identity",
        place="C",
    ),
    _compared("... and of ICM", "the module helps"),
    Item(
        "C",
        "Without ICM: one-hot, at the level of groups",
        (Ran("table2", ("fas-one-hot",)), Counted("reduces to a common cGANs"), Shown("sheets")),
    ),
    _compared("Without ICM better than CAAE", "without the module beats CAAE"),
    _compared("Without ICM better than IPCGAN", "without the module beats IPCGAN"),
    _compared(
        "The decomposition is effective for age accuracy and identity",
        "the decomposition helps to age",
        "the decomposition helps to keep identity",
        place="C",
    ),
    Item(
        "The method",
        "Recognition by its parts at the full side, in numbers",
        (Ran("aifr", _SYSTEMS), Shown("aifr-verification")),
        needs=f"MORPH, {_SCAF}",
    ),
    Item(
        "The method",
        "Recognition by its parts, half the side; the reversed head takes age from identity",
        (
            Claimed(tuple(f"{name}, at half the side" for name in _ASKED)),
            Claimed(("the reversed head takes age from x_id",)),
        ),
        needs=_SCAF,
        todo="of what the reversed head takes: aifr-forget-0 and aifr-forget-1, three seeds each (CPU)",
    ),
)
