"""The tables and claims of synthesis, as they are rendered from records."""

from __future__ import annotations

from collections.abc import Sequence

from common.evidence.claims import ASKED_HERE, Claim
from common.evidence.tables import Column, Row, Table
from reproductions.mtlface.synthesis.evaluate import DECISION
from reproductions.mtlface.synthesis.experiments import (
    ENCODER,
    HALF,
    HALF_MTLFACE,
    METHODS,
    MTLFACE,
    ON_COSFACE,
    ON_UNDIVIDED,
    TABLE2,
    VARIANTS,
    Experiment,
)
from reproductions.mtlface.synthesis.guide import GUIDE
from reproductions.mtlface.synthesis.judges import AGE, IDENTITY, SECOND
from reproductions.mtlface.synthesis.realism import METRIC as KID
from reproductions.shared.pseudo_labels.balanced import group_names
from reproductions.shared.recognition.evaluation import DECISION as COSINE
from reproductions.shared.recognition.outside import INSTALL, PACKAGES

_SETS = (
    ("morph", "MORPH", "data-morph"),
    ("fgnet", "FG-NET", None),
    ("cacd", "CACD", "data-cacd"),
    ("synthetic", "Generated faces", None),
)


def columns(*metrics: str) -> tuple[Column, ...]:
    """Return the columns of each set that is aged, one a metric, as the judges decide."""
    return tuple(
        Column(key, title, absent, metric, DECISION) for key, title, absent in _SETS for metric in metrics
    )


_NEWER = "a newer run (RESUME=no)"
_DISTANCE = f"real faces, {PACKAGES} ({INSTALL}) and {_NEWER}"


TABLE = Table(
    name="table2",
    title="Table 2. Age accuracy and identity preservation of face-age synthesis",
    caption="Every face is taken to the six age groups that it is not of. Age accuracy: share that the age "
    "judge finds in the group asked for. Identity: mean cosine of face and result under the identity judge, "
    "of hits: of those results alone that are of the group asked for, all methods at one age accuracy. "
    "Verified: share of results that it takes for the same person at a false accept rate of 1%. Both: share "
    "of results that are in the group asked for and verified. The judges' own errors stand in the table of "
    "judges, and whether a method has collapsed in that of collapse. The supplement's numbers are not in its "
    "text: there is no paper column.",
    rows=tuple(Row(one.label, one.name) for one in TABLE2),
    columns=columns("age accuracy", "identity", "identity of hits", "verified", "both"),
    metric="age accuracy",
    decision=DECISION,
    decided_by="the judges",
    same_training=False,
)

COLLAPSE = Table(
    name="table2-collapse",
    title="Table 2, has it collapsed? Diversity, distance from the input, and from group to group",
    caption="Diversity: distance of the results of different people in one age group, in percent of that of "
    "the faces themselves; near 0 all are given one face. Change: mean absolute difference of face and "
    "result; near 0 the face is given back. Step: the same between a face's results of neighbouring groups; "
    "near 0 the group is ignored.",
    rows=TABLE.rows,
    columns=columns("diversity", "change", "step"),
    metric="diversity",
    decision=DECISION,
    decided_by="the faces that are made",
    same_training=False,
)

_DISTANCES = (DECISION, *group_names())

REALISM = Table(
    name="table2-realism",
    title="Table 2, how real the faces look: streaks, and distance from real faces of the group",
    caption="Streaks: share of a face's contrast that changes from one row of pixels to the next, beside "
    "that of the given faces; 1 is as real, above are streaks and lattices, below is blur. KID: kernel "
    "inception distance, times 1,000, of the faces made for an age group from the real ones of that group, "
    "in the features of a recogniser from outside (dlib) over pairs of two people: the mean over groups, "
    "then each group; near 0 is as real. Groups with real faces of fewer than ten people are left out. The "
    "face itself, unchanged, is real and of another age.",
    rows=(*TABLE.rows, *(Row(one.label, one.name) for one in VARIANTS if one not in TABLE2)),
    columns=tuple(
        column
        for key, title, absent in _SETS
        for column in (
            Column(key, title, absent, "streaks", DECISION, takes=_NEWER),
            *(Column(key, title, absent, KID, of, takes=_DISTANCE) for of in _DISTANCES),
        )
    ),
    metric="streaks",
    decision=DECISION,
    decided_by="the faces that are made",
    same_training=False,
)

READINGS = Table(
    name="table2-variants",
    title="Synthesis without streaks",
    caption="MTLFace as the profile has it, and changed until its faces are free of streaks: by a smoothed "
    "guide, a smooth change, a heavier identity and an averaged generator.",
    rows=tuple(Row(one.label, one.name) for one in VARIANTS),
    columns=columns("age accuracy", "identity", "verified", "both", "diversity", "change"),
    row_title="Reading",
    metric="age accuracy",
    decision=DECISION,
    decided_by="the judges",
    same_training=False,
)

_AGED = (
    ("scaf-judge", "SCAF, nobody's people"),
    ("utkface-judge", "UTKFace, nobody's part"),
    ("imdb-wiki-judge", "IMDB-WIKI, nobody's part"),
    ("fgnet", "FG-NET"),
    ("morph", "MORPH"),
    ("cacd", "CACD"),
    ("synthetic", "Generated faces"),
)
_PAIRED = (
    ("scaf-judge-pairs", "SCAF, nobody's people"),
    ("casia-webface-judge-pairs", "CASIA-WebFace, nobody's people"),
    ("lfw-judge-pairs", "LFW, nobody's people"),
    ("fgnet-pairs", "FG-NET"),
    ("morph-pairs", "MORPH"),
    ("cacd-pairs", "CACD"),
    ("synthetic-pairs", "Generated faces"),
)

_HALF_ENCODERS = tuple(
    (row.encoder("cpu").name, trained)
    for row, trained in (
        (HALF_MTLFACE, ""),
        (ON_COSFACE, ", CosFace alone"),
        (ON_UNDIVIDED, ", without decomposition"),
    )
)

JUDGES = Table(
    name="judges",
    title="The judges of Table 2, judged: errors on faces that they were not trained on",
    caption="The age judge's error in years and the share of faces whose age group it finds; the identity "
    "judge's verification of pairs. Beside them the frozen encoder with its own age head, which has learnt "
    "from the encoder's people, and that head fitted to the faces that the methods learn from, which guides "
    "them in training.",
    rows=(
        Row("Age judge", AGE),
        Row("Identity judge", IDENTITY),
        Row("The frozen encoder", ENCODER),
        Row("Its age head as the guide", GUIDE),
        Row("Age judge, half the side", f"{AGE}{HALF}"),
        Row("Second age judge, half the side", f"{SECOND}{HALF}"),
        Row("Identity judge, half the side", f"{IDENTITY}{HALF}"),
        *(
            Row(f"{what}, half the side{trained}", encoder.replace(ENCODER, of))
            for encoder, trained in _HALF_ENCODERS
            for of, what in ((ENCODER, "The frozen encoder"), (GUIDE, "Its age head as the guide"))
        ),
    ),
    columns=(
        *(
            Column(key, title, metric=metric, decision=DECISION, part="Age")
            for key, title in _AGED
            for metric in ("MAE", "accuracy")
        ),
        *(
            Column(key, title, metric=metric, decision=COSINE, short="pairs", part="Identity")
            for key, title in _PAIRED
            for metric in ("accuracy", "TAR@FAR=0.01")
        ),
    ),
    row_title="Network",
    metric="MAE",
    decision=DECISION,
    decided_by="the judges",
    same_training=False,
)

_TRIED = tuple(key for key, _, _ in _SETS)
_MORE = "More faces are of the age asked for and still the person {} than {}"


def claim(
    name: str,
    sentence: str,
    worse: Experiment,
    metric: str,
    better: Experiment = MTLFACE,
    asked: bool = False,
    elsewhere: tuple[str, str] | None = None,
) -> Claim:
    """Return a claim about Table 2, decided by the judges.

    Args:
        name, sentence, metric, elsewhere: of the claim.
        worse, better: the rows.
        asked: no sentence of the supplement says so.
    """
    source = "C, Table 2"
    if metric == "both":
        source = f"{ASKED_HERE}; C and Table 2 have both apart"
    elif asked:
        source = ASKED_HERE
    return Claim(
        name,
        sentence,
        source,
        better.name,
        worse.name,
        _TRIED,
        metric=metric,
        decision=DECISION,
        same_training=False,
        elsewhere=elsewhere,
    )


def comparisons(
    methods: Sequence[Experiment], where: str = "", elsewhere: tuple[str, str] | None = None
) -> tuple[Claim, ...]:
    """Return what C says of the methods of Table 2, and what is asked of both measures at once.

    Args:
        methods: CAAE, IPCGAN, MTLFace without ICM, and MTLFace.
        where: what ends the names of the claims and their sentences.
        elsewhere: of the claims.
    """
    caae, ipcgan, one_hot, mtlface = methods
    found = []
    for prefix, says, metric in (
        ("ages better than", "in age accuracy", "age accuracy"),
        ("keeps identity better than", "in identity", "identity"),
    ):
        for rival in (caae, ipcgan):
            name = f"{prefix} {rival.label}"
            found.append((name, f"MTLFace outperforms {rival.label} {says}", rival, metric, mtlface))
    for rival in (caae, ipcgan):
        said = _MORE.format("with MTLFace", f"with {rival.label}")
        found.append((f"beats {rival.label}", said, rival, "both", mtlface))
    found.append(("the module helps", _MORE.format("with ICM", "without"), one_hot, "both", mtlface))
    for rival in (caae, ipcgan):
        said = _MORE.format("even without ICM", f"with {rival.label}")
        found.append((f"without the module beats {rival.label}", said, rival, "both", one_hot))
    return tuple(
        claim(f"{name}{where}", f"{said}{where}.", worse, metric, better, elsewhere=elsewhere)
        for name, said, worse, metric, better in found
    )


CLAIMS = comparisons(METHODS, elsewhere=("cpu", "at half the side, where there is time for three seeds"))

TABLES = (JUDGES, TABLE, COLLAPSE, REALISM, READINGS)
