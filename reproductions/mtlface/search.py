"""Whom does a photograph show most likely: the nearest faces in a file of embeddings, with their cosines.

python -m reproductions mtlface search PHOTO --in faces.npz
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from common.errors import UserError
from common.evidence.formats import markdown_table
from common.files import expanded
from data_prep.datasets.samples import Sample
from data_prep.preparation.crop import Recipe, make_crop
from data_prep.preparation.sources import list_sources
from reproductions.mtlface.embed import Embedder
from reproductions.shared.photographs.embeddings import (
    COUNT,
    Embeddings,
    nearest,
    require_count,
    require_same,
)


def search(
    embedder: Embedder, photo: Path, embeddings: Embeddings, count: int = COUNT, detector: str = "auto"
) -> pd.DataFrame:
    """Return the faces most similar to the one in a photograph, the most similar first.

    A cosine near 1 is the same picture or nearly so; from where on two pictures show one person depends on
    the network and on how often one may err: `mtlface aifr` measures it.

    Args:
        embedder: the network by which the embeddings were made.
        photo: an image file; of several faces the largest and most central is taken.
        embeddings: as `reproductions.shared.photographs.embeddings.read` returns them.
        count: faces to return.
        detector: as of `data_prep.preparation.prepare.prepare`.

    Returns:
        columns name and cosine, `count` rows or as many as there are.

    Raises:
        UserError: the photograph cannot be used, the embeddings are another network's, or `count` is below 1.
    """
    require_count(count)
    require_same(embeddings.about, embedder.about())
    vector = embedder.vectors(_face(Path(photo), embedder, detector)[None])[0]
    best, cosines = nearest(embeddings, vector, count)
    return pd.DataFrame({"name": embeddings.names[best], "cosine": cosines})


def found_table(found: pd.DataFrame) -> str:
    """Return what `search` found as a table for a terminal."""
    rows = [[row.name, f"{row.cosine:.4f}"] for row in found.itertuples(index=False, name="Row")]
    return "\n".join(markdown_table(("Photograph", "Cosine"), rows))


def _face(photo: Path, embedder: Embedder, detector: str) -> np.ndarray:
    """Return the aligned face in a photograph, (S, S, 3) uint8 RGB, cut as `embed` cuts it."""
    listing = list_sources([Sample(expanded(photo), photo.name)])
    if listing.rejected:
        raise UserError(f"{photo} cannot be used: {listing.rejected[0].reason}.")
    crop = make_crop(listing.sources[0], Recipe(embedder.size, embedder.template, 0.0, detector))
    if isinstance(crop, str):
        raise UserError(f"{photo} cannot be used: {crop}.")
    pixels = cv2.imdecode(np.frombuffer(crop.jpeg, np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
