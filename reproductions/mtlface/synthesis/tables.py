"""The tables and claims of synthesis, as they are rendered from records."""

from __future__ import annotations

from common.evidence.claims import ASKED_HERE, Claim
from common.evidence.tables import Column, Row, Table
from reproductions.mtlface.synthesis.evaluate import DECISION
from reproductions.mtlface.synthesis.experiments import (
    CAAE,
    IPCGAN,
    MTLFACE,
    ONE_HOT,
    TABLE2,
    VARIANTS,
    encoder_experiment,
)
from reproductions.mtlface.synthesis.guide import GUIDE
from reproductions.mtlface.synthesis.judges import AGE, IDENTITY
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


def _columns(*metrics: str) -> tuple[Column, ...]:
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
    "and share of results that it verifies at a false accept rate of 1%. Both: share of results that are in "
    "the group asked for and verified. The judges' own errors stand in the table of judges, and whether a "
    "method has collapsed in that of collapse. The supplement's numbers are not in its text: there is no "
    "paper column.",
    rows=tuple(Row(one.label, one.name) for one in TABLE2),
    columns=_columns("age accuracy", "identity", "verified", "both"),
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
    columns=_columns("diversity", "change", "step"),
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
    title="Synthesis: what the supplement leaves open, and where the authors' code differs",
    caption="MTLFace as the profile has it, under both readings of decoder and discriminator, guided by the "
    "age head of the encoder's own people, and changed until its faces are free of streaks: by a smoothed "
    "guide, a smooth change, a heavier identity and an averaged generator.",
    rows=tuple(Row(one.label, one.name) for one in VARIANTS),
    columns=_columns("age accuracy", "identity", "verified", "both", "diversity", "change"),
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
        Row("The frozen encoder", encoder_experiment("smoke").name),
        Row("Its age head as the guide", GUIDE),
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
_MORE = "More faces are of the age asked for and still the person {} than {}."
_CLAIMS = (
    ("ages better than CAAE", "MTLFace outperforms CAAE in age accuracy.", CAAE, "age accuracy"),
    ("ages better than IPCGAN", "MTLFace outperforms IPCGAN in age accuracy.", IPCGAN, "age accuracy"),
    ("keeps identity better than CAAE", "MTLFace outperforms CAAE in identity.", CAAE, "identity"),
    ("keeps identity better than IPCGAN", "MTLFace outperforms IPCGAN in identity.", IPCGAN, "identity"),
    ("beats CAAE", _MORE.format("with MTLFace", "with CAAE"), CAAE, "both"),
    ("beats IPCGAN", _MORE.format("with MTLFace", "with IPCGAN"), IPCGAN, "both"),
    ("the module helps", _MORE.format("with ICM", "without"), ONE_HOT, "both"),
)


def _claim(name: str, sentence: str, worse, metric: str, better=MTLFACE) -> Claim:
    options = {"metric": metric, "decision": DECISION, "same_training": False}
    source = f"{ASKED_HERE}; C and Table 2 have both apart" if metric == "both" else "C, Table 2"
    return Claim(name, sentence, source, better.name, worse.name, _TRIED, **options)


CLAIMS = (
    *(_claim(*one) for one in _CLAIMS),
    *(
        _claim(
            f"without the module beats {rival.label}",
            _MORE.format("without ICM still", f"with {rival.label}"),
            rival,
            "both",
            ONE_HOT,
        )
        for rival in (CAAE, IPCGAN)
    ),
)

TABLES = (JUDGES, TABLE, COLLAPSE, REALISM, READINGS)
