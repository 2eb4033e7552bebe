"""Do the age tasks help where ages are said and not guessed? The table of the networks that go on on films.

The ages of the identity set are estimates, which an encoder could learn from the very features that they were
estimated by. Of the actors of IMFDB the set says an age band a picture. One trained network goes on on those
who are not tested, without age heads and with both heads answering in bands.
"""

from __future__ import annotations

from common.evidence.claims import ASKED_HERE, Claim
from common.evidence.tables import Column, Row, Table
from data_prep.protocols.identification import YEAR_GAPS
from reproductions.mtlface.experiments import BEFORE, FILMS
from reproductions.mtlface.study import PROBE
from reproductions.shared.recognition.evaluation import DECISION
from reproductions.shared.recognition.probing import BAND_COLUMN

_FILMS = "IMFDB, tested actors"
_OTHERS = "Sets that nothing was trained on"
_RETRIEVED = tuple(f"imfdb-{gap.replace(' ', '-')}" for gap in YEAR_GAPS)
_SEARCHED = (
    ("imfdb-oldest", "IMFDB", "data-imfdb", "rank-1", "latest films among oldest", _FILMS),
    *(
        (key, f"IMFDB, {gap} years", "data-imfdb", "MAP", f"films {gap} years earlier", _FILMS)
        for key, gap in zip(_RETRIEVED, YEAR_GAPS, strict=True)
    ),
    ("imfdb-pairs", "IMFDB, ten years apart", "data-imfdb", "AUC", "10 years apart", _FILMS),
    ("fgnet-one-out", "FG-NET, one against all others", None, "rank-1", "one against all", _OTHERS),
    ("fgnet-gap", "FG-NET, 20 years apart", None, "AUC", "20 years apart", _OTHERS),
    ("cacd-vs", "CACD-VS", "data-cacd-vs", "AUC", "pairs", _OTHERS),
    ("synthetic-one-out", "Generated faces", None, "rank-1", "one against all", _OTHERS),
)
_PROBED = (
    (BAND_COLUMN, "IMFDB", "data-imfdb", "four bands, chance 25%"),
    ("fgnet-groups", "FG-NET", None, "seven groups, chance 14.3%"),
    ("synthetic-groups", "Generated faces", None, "seven groups, chance 14.3%"),
)
_PLAIN, _AGED = (one.name for one in FILMS)

TABLE = Table(
    name="aifr-films",
    title="Trained on with ages that are said: films",
    caption="The network with decomposition and age head at half the side, and what its first seed becomes "
    "in 4 epochs of films of other actors than the tested: without age heads, and with both of MTLFace's, "
    "which answer in the four bands that the set says. All seeds go on from that one network, so that "
    "intervals count no other. Age that is left: classes of age that a linear probe of the embedding tells "
    "rightly, each weighing the same.",
    rows=(Row("Not trained on films", BEFORE.name), *(Row(one.label, one.name) for one in FILMS)),
    columns=(
        *(
            Column(key, title, absent, metric=metric, decision=DECISION, short=short, part=part)
            for key, title, absent, metric, short, part in _SEARCHED
        ),
        *(
            Column(
                key,
                title,
                absent,
                metric="balanced accuracy",
                decision=PROBE,
                short=short,
                part="Age that is left",
            )
            for key, title, absent, short in _PROBED
        ),
    ),
    metric="rank-1",
    decision=DECISION,
    same_training=False,
    interval="the test's subjects, or the ten folds of pairs",
)


CLAIMS = (
    Claim(
        "age bands that are said help",
        "Both age heads, learning bands that the films say, recognise better across age than the same "
        "network trained on without.",
        ASKED_HERE,
        _AGED,
        _PLAIN,
        ("imfdb-oldest", "fgnet-one-out", "synthetic-one-out"),
        metric="rank-1",
        decision=DECISION,
    ),
    Claim(
        "age bands that are said help, by years between films",
        "The same by the years between films: mean average precision.",
        ASKED_HERE,
        _AGED,
        _PLAIN,
        _RETRIEVED,
        metric="MAP",
        decision=DECISION,
    ),
    Claim(
        "age bands that are said take age from x_id",
        "Both age heads, learning bands that the films say, leave a probe less age in the embedding than the "
        "same network trained on without.",
        ASKED_HERE,
        _PLAIN,
        _AGED,
        (BAND_COLUMN, "fgnet-groups", "synthetic-groups"),
        metric="balanced accuracy",
        decision=PROBE,
    ),
)
