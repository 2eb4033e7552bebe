"""What the card of a network that takes faces to other ages holds of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from common.evidence.formats import markdown_table
from common.metrics.bootstrap import bootstrap
from data_prep.datasets import get
from reproductions.shared.networks.published import PublishedSynthesis

HEADING = "a face at other ages"
MISUSE = (
    "to make a picture of anybody who has not agreed, to pass one off as a photograph, to look for a missing "
    "person, or to say how somebody will look. It changes what its judges read as age, and knows nothing of "
    "the person's future"
)

_HEADER = ("Asked for", "Faces", "Found there, %", "95% interval", "Identity", "Verified, %", "Change")


def introduction(published: PublishedSynthesis) -> str:
    """Return what it is, in a sentence or two."""
    return (
        f"It takes an aligned face to {len(published.groups)} age groups: {', '.join(published.groups)}. "
        "`make age-to PHOTO=me.jpg TO=61+` finds a face in a photograph, changes it and lays the change back."
    )


def decision(published: PublishedSynthesis) -> str:
    """Return, as lines of a list, how a picture follows from the outputs."""
    return (
        f"- **Photographs**: faces that {published.detector} finds are cut out at {published.input.size} px, "
        "and the difference of what comes out from what went in is enlarged and laid over the photograph. "
        "Nothing finer than these pixels is added: no wrinkle of a large portrait is."
    )


def body(published: PublishedSynthesis, answers: pd.DataFrame) -> Iterator[str]:
    """Yield the parts that tell what judges say."""
    yield "## What judges say of its faces"
    yield (
        "Every face is taken to the age groups that it is not of. *Found there*: the age judge finds the "
        "result in the group asked for. *Identity*: mean cosine of face and result under the identity judge. "
        "*Verified*: results that it takes for the person at the threshold at which 1% of pairs of two "
        "people pass. *Change*: mean absolute difference from the face in grey levels. The judges are "
        "networks of this suite with errors of their own, see "
        "[judges](../results/mtlface/judges.md); faces have no true age to be held against."
    )
    for column, part in answers.groupby("column", sort=False):
        yield f"## {get(str(column)).title}, people never seen"
        asked = part.groupby("to", sort=False)
        rows = [
            (str(group), *_line(asked.get_group(group)))
            for group in published.groups
            if group in asked.groups
        ]
        yield "\n".join(markdown_table(_HEADER, [*rows, ("all", *_line(part))]))


def _line(part: pd.DataFrame) -> tuple[str, ...]:
    hits = part["age accuracy"].to_numpy(float)
    found = bootstrap(hits, part["subject"] if part["subject"].notna().any() else None)
    return (
        f"{len(part):,}",
        f"{hits.mean():.1f}",
        f"{found.low:.1f} to {found.high:.1f}",
        f"{part['identity'].mean():.3f}",
        f"{part['verified'].mean():.1f}",
        f"{part['change'].mean():.1f}",
    )
