"""Synthesis at half the side, with three seeds: its table and claims, as they are rendered from records."""

from __future__ import annotations

from common.evidence.tables import Row, Table
from reproductions.mtlface.synthesis.evaluate import DECISION, SECOND_ACCURACY
from reproductions.mtlface.synthesis.experiments import (
    HALF_MTLFACE,
    HALF_PARTS,
    HALF_READINGS,
    HALF_TABLE2,
    NO_IDENTITY,
    ON_COSFACE,
    ON_UNDIVIDED,
)
from reproductions.mtlface.synthesis.tables import claim, columns, comparisons

TABLE = Table(
    name="table2-half",
    title="Face-age synthesis at half the side",
    caption="The methods of Table 2 with faces of half the side, in half the steps of half the batch, which "
    "can be had with more seeds; encoders, guides and judges are of that side too, in float32 "
    "on every machine. The second judge of ages differs from the first in loss and seed. Identity of hits: "
    "mean cosine of those results alone that are of the age asked for, all methods at one age accuracy. "
    "Then MTLFace less what C says that it owes its numbers to: the age tasks in its "
    "encoder, the decomposition, and the identity loss. Last its readings: decoder and discriminator as the "
    "supplement prints them or as the authors' code has them, Adam as printed, and guided by the age head of "
    "the encoder's own people.",
    rows=tuple(Row(one.label, one.name) for one in (*HALF_TABLE2, *HALF_PARTS, *HALF_READINGS)),
    columns=columns(
        *("age accuracy", SECOND_ACCURACY, "identity", "identity of hits", "verified", "both"),
        *("diversity", "change"),
    ),
    metric="age accuracy",
    decision=DECISION,
    decided_by="the judges",
    same_training=False,
)

WHERE = ", at half the side"

_PARTS = (
    ("the age tasks help", "on an encoder of CosFace alone", ON_COSFACE),
    ("the decomposition helps", "on an encoder without decomposition", ON_UNDIVIDED),
)
_GAINS = (
    ("to age", "age accuracy", "More results are of the age asked for with MTLFace than"),
    ("to keep identity", "identity", "The person is kept better with MTLFace than"),
)

CLAIMS = (
    *comparisons(HALF_TABLE2[1:], WHERE),
    *(
        claim(f"{part} {aim}{WHERE}", f"{more} {less}{WHERE}.", other, metric, HALF_MTLFACE)
        for part, less, other in _PARTS
        for aim, metric, more in _GAINS
    ),
    claim(
        f"the identity loss keeps identity{WHERE}",
        f"The person is kept better with the identity loss, which weighs 0.002, than without{WHERE}.",
        NO_IDENTITY,
        "identity",
        HALF_MTLFACE,
        asked=True,
    ),
)
