"""What `python -m reproductions mtlface embed` and `search` do, for photographs of one's own."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import keras
import numpy as np

from reproductions.mtlface.embed import Embedder, embed_folder
from reproductions.mtlface.experiments import MTLFACE
from reproductions.mtlface.network import embedder
from reproductions.mtlface.photographs import open_photo
from reproductions.mtlface.search import found_table
from reproductions.mtlface.search import search as search_among
from reproductions.mtlface.train import RECOGNISER, load_recogniser
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import find_trained
from reproductions.shared.photographs.embeddings import COUNT, read, require_count, require_paths
from reproductions.shared.recognition.evaluation import network_features
from reproductions.shared.recognition.identity_sets import TEMPLATE


def embed(options: Options, folder: Path, *, out: Path, mirror: bool | None = None) -> None:
    """Embed the photographs below a folder and tell where the array lies.

    Args:
        options: of the network.
        folder: of the photographs.
        out: the array's file.
        mirror: whether the features of each face's mirror image are added; None leaves it to the profile.
    """
    require_paths(folder, out)
    network = trained(options, mirror)
    made = embed_folder(network, folder, out, options.prepared_root)
    print(f"{len(made.names):,} photographs embedded by {network.run}, {made.vectors.shape[1]} numbers each")
    for what in ("index", "rejected"):
        print(out.with_name(f"{out.stem}.{what}.csv"))
    print(out)


def search(options: Options, photo: Path, **given: Any) -> None:
    """Print the nearest faces of a photograph.

    Args:
        options: of the network.
        photo: whose face is looked for.
        given: "in", the file of embeddings, and "count", how many faces to show.
    """
    require_count(given.get("count", COUNT))
    embeddings = read(given["in"], "embed-mtlface")
    open_photo(photo)
    network = trained(options, embeddings.about.get("mirrored"))
    print(found_table(search_among(network, photo, embeddings, given.get("count", COUNT))))


def trained(options: Options, mirrored: bool | None = None) -> Embedder:
    """Return the trained recogniser of the first seed of `options` under its profile.

    Args:
        options: of the network.
        mirrored: whether the features of each face's mirror image are added; None as the profile tests.

    Raises:
        UserError: none has been trained here; the sentence names the target that trains it.
    """
    configuration = MTLFACE.configuration(options.profile)
    found = find_trained(
        options,
        "mtlface",
        MTLFACE.name,
        configuration,
        what="recogniser",
        target="aifr-mtlface",
        file=RECOGNISER,
    )
    recipe = MTLFACE.recipe(options.profile)
    network = embedder(load_recogniser(found.weights, found.stated))
    both = recipe.mirrored if mirrored is None else mirrored
    features = network_features(network, both)
    return Embedder(features, found.record.run, fingerprint_of(network), recipe.size, TEMPLATE, both)


def fingerprint_of(network: keras.Model) -> str:
    """Return the SHA-256 of a network's weights: a file of them holds the day that it was written too."""
    digest = hashlib.sha256()
    for weight in network.weights:
        digest.update(np.ascontiguousarray(weight, np.float32).tobytes())
    return digest.hexdigest()
