"""The tables and claims of age-invariant recognition, as they are rendered from records."""

from __future__ import annotations

from common.evidence.claims import ASKED_HERE, Claim
from common.evidence.people_page import people_page
from common.evidence.render import Report
from common.evidence.tables import Column, Row, Table
from data_prep.protocols.identification import YEAR_GAPS
from reproductions.mtlface import facts, figa1, films, forgetting
from reproductions.mtlface.coverage import COVERAGE
from reproductions.mtlface.experiments import (
    AGE_HEAD,
    ATTENTION,
    BEFORE,
    COSFACE,
    HALVED,
    MTLFACE,
    REFERENCES,
    REVERSAL,
    SYSTEMS,
    VARIANTS,
    Experiment,
)
from reproductions.mtlface.headlines import ABOUT, AUTHORS, HEADLINES
from reproductions.mtlface.synthesis import groups, half, sheets
from reproductions.mtlface.synthesis import tables as synthesis
from reproductions.shared.recognition.evaluation import DECISION

_SEARCHES = tuple(
    Column(key, title, absent, short=short, part="Identification")
    for key, title, absent, short in (
        ("fgnet-one-out", "FG-NET, one against all others", None, "one against all"),
        ("fgnet-crowd", "FG-NET, one against all others and strangers", None, "with strangers"),
        ("fgnet-oldest", "FG-NET, youngest to oldest", None, "youngest to oldest"),
        ("fgnet-adults", "FG-NET, youngest to oldest, adults", None, "adults"),
        ("morph-oldest", "MORPH", "data-morph", "youngest to oldest"),
        ("imfdb-oldest", "IMFDB", "data-imfdb", "latest films among oldest"),
        ("synthetic-one-out", "Generated faces, one against all others", None, "one against all"),
        ("synthetic-oldest", "Generated faces, youngest to oldest", None, "youngest to oldest"),
        ("synthetic-adults", "Generated faces, youngest to oldest, adults", None, "adults"),
    )
)
_PAIRS = (
    ("lfw-pairs", "LFW", None, "pairs"),
    ("fgnet-pairs", "FG-NET", None, "pairs"),
    ("fgnet-gap", "FG-NET, 20 years apart", None, "20 years apart"),
    ("agedb-30", "AgeDB-30", "data-agedb-30", "pairs"),
    ("calfw", "CALFW", "data-calfw", "pairs"),
    ("cacd-vs", "CACD-VS", "data-cacd-vs", "pairs"),
    ("imfdb-pairs", "IMFDB, ten years apart", "data-imfdb", "10 years apart"),
    ("synthetic-pairs", "Generated faces", None, "pairs"),
    ("synthetic-gap", "Generated faces, 20 years apart", None, "20 years apart"),
)
_VERIFICATIONS = tuple(
    Column(key, title, absent, metric=metric, decision=DECISION, short=short, part="Verification")
    for key, title, absent, short in _PAIRS
    for metric in ("accuracy", "AUC", "TAR@FAR=0.01")
)
_RETRIEVALS = tuple(
    Column(
        f"imfdb-{gap.replace(' ', '-')}",
        f"IMFDB, {gap} years",
        "data-imfdb",
        metric="MAP",
        short=f"films {gap} years earlier",
        part="Retrieval (MAP)",
    )
    for gap in YEAR_GAPS
)
_SYSTEMS = tuple(Row(one.label, one.name) for one in SYSTEMS)
_JMCNN = (
    Row("JMCNN's baseline, identity set only", "cnn-base", lender="jmcnn"),
    Row("JMCNN, λ = 0.1, tuned on faces across age", "jmcnn-0.1", lender="jmcnn"),
    Row("JMCNN, λ = 0.1, tuned on films, Eq. 1 and Adam", "jmcnn-films-0.1", lender="jmcnn"),
)
_JUDGE = Row("Outside recogniser (dlib)", "outside", lender="jmcnn")
_REFERENCES = tuple(Row(one.label, one.name) for one in REFERENCES)

AIFR = Table(
    name="aifr",
    title="Age-invariant recognition: rank-1 identification",
    caption="The system, its parts taken away one by one, and JMCNN on the same faces. MTLFace is trained on "
    "its identity set alone; JMCNN's second row is tuned on four fifths of FG-NET's people for each fifth "
    "that is looked for. The supplement prints no numbers of recognition.",
    rows=(*_SYSTEMS, *_JMCNN, _JUDGE, *_REFERENCES),
    columns=(*_SEARCHES, *_RETRIEVALS),
    metric="rank-1",
    decision=DECISION,
    same_training=False,
)

VERIFICATION = Table(
    name="aifr-verification",
    title="Age-invariant recognition: verification by pairs",
    caption="Pairs of one person and of two in equal numbers, also such as are 20 years or more apart. "
    "Accuracy with the threshold from the other nine folds; area under the curve; true accept rate at a "
    "false accept rate of 1%.",
    rows=(*_SYSTEMS, *_JMCNN[:1], _JMCNN[2], _JUDGE, *_REFERENCES[1:]),
    columns=_VERIFICATIONS,
    metric="accuracy",
    decision=DECISION,
    same_training=False,
    interval="the ten folds",
)

HALF = Table(
    name="aifr-half",
    title="Age-invariant recognition at half the side",
    caption="The system and its parts with faces of half the side and runs of half the length, which cost an "
    "eighth and so can be had with more seeds; in float32 on every machine. Attention without an age head is "
    "the decomposition as a larger network alone. JMCNN and what needs no training see the faces at full "
    "side.",
    rows=(*(Row(one.label, one.name) for one in (*HALVED, ATTENTION)), *_JMCNN, *_REFERENCES),
    columns=(*_SEARCHES, *(one for one in _VERIFICATIONS if one.metric != "TAR@FAR=0.01")),
    metric="rank-1",
    decision=DECISION,
    same_training=False,
    interval="the test's subjects, or the ten folds of pairs",
)

READINGS = Table(
    name="aifr-variants",
    title="What the supplement leaves open, and where the authors' code differs",
    caption="The system at half the side under other readings; the second to fourth rows have the printed "
    "optimizer, dropout and scale in place of the profile's.",
    rows=tuple(Row(one.label, one.name) for one in VARIANTS),
    columns=(*_SEARCHES, *(column for column in _VERIFICATIONS if column.metric == "AUC")),
    row_title="Reading",
    metric="rank-1",
    decision=DECISION,
    interval="the test's subjects, or the ten folds of pairs",
    least=2,
)

_RANKED = tuple(column.key for column in _SEARCHES)
_APART = ("fgnet-gap", "imfdb-pairs", "synthetic-gap")

_CLAIMS = (
    (
        "decomposition helps",
        "Attention decomposition with the age head recognises better across age than CosFace alone.",
        AGE_HEAD,
        COSFACE,
    ),
    (
        "reversal helps",
        "The reversed head, added to the decomposition, recognises better across age than without it.",
        MTLFACE,
        AGE_HEAD,
    ),
    (
        "reversal alone helps",
        "The reversed head without the decomposition recognises better across age than CosFace alone.",
        REVERSAL,
        COSFACE,
    ),
    (
        "the system helps",
        "Decomposition, age head and reversed head together recognise better across age than CosFace alone.",
        MTLFACE,
        COSFACE,
    ),
)
_SOURCE = "the method; B for its losses"


def _claims(
    systems: tuple[Experiment, ...], where: str = "", elsewhere: tuple[str, str] | None = None
) -> tuple[Claim, ...]:
    """Return the claims about four systems in the order of `SYSTEMS`.

    Args:
        systems: that are compared.
        where: ends the sentences.
        elsewhere: see `Claim`.
    """
    alike = {one.name: other.name for one, other in zip(SYSTEMS, systems, strict=True)}
    found = (
        _two_claims(name, sentence, alike[better.name], alike[worse.name], where, elsewhere)
        for name, sentence, better, worse in _CLAIMS
    )
    return tuple(claim for both in found for claim in both)


def _two_claims(
    name: str,
    sentence: str,
    better: str,
    worse: str,
    where: str = "",
    elsewhere: tuple[str, str] | None = None,
    source: str = _SOURCE,
) -> tuple[Claim, Claim]:
    """Return a claim about all searches and one about pairs decades apart."""
    options = {"decision": DECISION, "same_training": False, "elsewhere": elsewhere}
    name, said = f"{name}{where}", f"{sentence[:-1]}{where}"
    apart = f"{said}: pairs 10 (IMFDB) or 20 years apart and more, area under the curve (people: folds)."
    return (
        Claim(name, f"{said}.", source, better, worse, _RANKED, metric="rank-1", **options),
        Claim(f"{name}, decades apart", apart, source, better, worse, _APART, metric="AUC", **options),
    )


_HALF = ", at half the side"
CLAIMS = (
    *_claims(SYSTEMS, elsewhere=("cpu", "at half the side, where there is time for three seeds")),
    *_claims(HALVED, _HALF),
    *_two_claims(
        "the age head helps",
        "The decomposition with the age head recognises better across age than the same attention without.",
        BEFORE.name,
        ATTENTION.name,
        _HALF,
        source=ASKED_HERE,
    ),
)


PEOPLE = people_page(
    "fgnet-people",
    "FG-NET by people of odd and of even number",
    [(AIFR, ("fgnet-one-out",)), (HALF, ("fgnet-one-out",))],
)


def report() -> Report:
    """Return everything that is rendered of the paper."""
    return Report(
        paper="mtlface",
        title="When age-invariant face recognition meets face age synthesis (Huang, Zhang and Shan)",
        tables=(
            AIFR,
            VERIFICATION,
            HALF,
            films.TABLE,
            forgetting.TABLE,
            READINGS,
            *synthesis.TABLES,
            half.TABLE,
        ),
        plots=(*figa1.PLOTS, *forgetting.PLOTS),
        claims=(*CLAIMS, *films.CLAIMS, *forgetting.CLAIMS, *synthesis.CLAIMS, *half.CLAIMS),
        authors=AUTHORS,
        about=ABOUT,
        headlines=HEADLINES,
        coverage=COVERAGE,
        pages=(figa1.PAGE, groups.PAGE, sheets.PAGE, PEOPLE, facts.page((*synthesis.CLAIMS, *half.CLAIMS))),
    )
