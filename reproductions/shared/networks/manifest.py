"""What is known of each published network: `networks/manifest.json`.

networks/manifest.json             all that is below
networks/age.onnx                  the network
networks/age.predictions.csv.gz    what it says of the pictures that it was measured on, by name
networks/age.md                    its card, made of the two above
networks/retinaface-mobilenet.*    a detector that others have trained, with a page that holds its licence
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from common.errors import UserError, unknown
from common.evidence.sealed import read_sealed, write_sealed
from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.networks.published import (
    Published,
    PublishedAges,
    PublishedGenders,
    PublishedRecognition,
    PublishedSynthesis,
    Shipped,
)

NETWORKS = Path(__file__).resolve().parents[3] / "networks"
"""Where the published networks lie: in the checkout."""

MANIFEST = "manifest.json"

P = TypeVar("P", bound=Published)


@dataclass(frozen=True)
class Manifest:
    """All networks of a folder, and the detectors of others that lie there, by name."""

    networks: dict[str, PublishedAges | PublishedGenders | PublishedRecognition | PublishedSynthesis]
    detectors: dict[str, Shipped] = dataclasses.field(default_factory=dict)


def read(folder: Path) -> Manifest:
    """Read the manifest of a folder of published networks.

    Raises:
        UserError: there is none, or it was edited.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise UserError(
            f"{folder} holds no published networks: name a folder that make publish-networks has made "
            "(NETWORK=...), or leave it out for the ones that come with the suite."
        )
    return read_sealed(path, Manifest, "run make publish-networks")


def standing(folder: Path) -> Manifest:
    """Return the manifest of a folder, or an empty one where there is none yet."""
    return read(folder) if (folder / MANIFEST).exists() else Manifest({}, {})


def write(folder: Path, content: Manifest) -> Path:
    """Write the manifest of a folder and return its path."""
    path = folder / MANIFEST
    write_sealed(path, dataclasses.asdict(content))
    return path


def published(folder: Path, kind: type[P]) -> P:
    """Return what is known of the network of a kind, which bears the kind's name.

    Raises:
        UserError: there is no manifest, or no such network in it.
    """
    networks = read(folder).networks
    if kind.KIND not in networks:
        raise unknown(f"network in {folder}", kind.KIND, networks)
    found = networks[kind.KIND]
    if not isinstance(found, kind):
        raise UserError(f"the network {kind.KIND} of {folder} is of another kind: {found.kind}.")
    return found


def load(folder: Path, one: Published) -> OnnxNetwork:
    """Return a network, ready to run.

    Raises:
        UserError: its file is not there, or another than was published.
    """
    return OnnxNetwork(folder / one.file, one.sha256)
