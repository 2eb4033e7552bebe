"""The kinds of published networks, one file each: how they are chosen, measured and described."""

from reproductions.shared.networks.kinds import ages, genders, recognition, synthesis
from reproductions.shared.networks.kinds.kind import Described, Kind

__all__ = ["KINDS", "Described", "Kind"]

KINDS: dict[str, Kind] = {
    one.name: one for one in (ages.KIND, genders.KIND, recognition.KIND, synthesis.KIND)
}
"""By the name of the network."""
