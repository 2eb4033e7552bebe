"""What a person is born with: the names of the coordinates of an identity vector."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields

import numpy as np

_LIMIT = 2.4


@dataclass(frozen=True)
class Traits:
    """One number a trait, standard normal over people; 0 is the average person.

    The renderer scales each where it uses it, so that an identity vector drawn from N(0, I) is a plausible
    person.
    """

    # The skull.
    face_width: float
    face_height: float
    jaw_width: float
    jaw_angle: float
    chin_width: float
    chin_height: float
    cheekbones: float
    fatness: float
    # The eyes and brows.
    eye_distance: float
    eye_height: float
    eye_width: float
    eye_opening: float
    eye_tilt: float
    eye_depth: float
    lid_fold: float
    iris_hue: float
    iris_shade: float
    brow_height: float
    brow_thickness: float
    brow_arch: float
    brow_tilt: float
    # The nose, the mouth, the ears.
    nose_width: float
    nose_length: float
    nose_bridge: float
    nose_tip: float
    mouth_width: float
    mouth_height: float
    lip_upper: float
    lip_lower: float
    lip_colour: float
    ear_size: float
    ear_angle: float
    # The skin.
    melanin: float
    undertone: float
    redness: float
    freckles: float
    mole_x: float
    mole_y: float
    mole_size: float
    # The hair.
    hair_shade: float
    hair_red: float
    hair_curl: float
    hair_style: float
    hair_volume: float
    hair_parting: float
    hairline: float
    beard_style: float
    # How the person ages.
    pace: float
    wrinkling: float
    greying: float
    balding: float
    sagging: float

    @classmethod
    def of(cls, identity: np.ndarray) -> Traits:
        """Read the identity vector `identity` (IDENTITY_SIZE,), cut to +-2.4 so that nobody is a monster.

        Raises:
            ValueError: the vector has another shape or a value that is not finite.
        """
        identity = np.asarray(identity, dtype=np.float64)
        if identity.shape != (IDENTITY_SIZE,) or not np.isfinite(identity).all():
            raise ValueError(
                f"an identity is {IDENTITY_SIZE} finite numbers, not an array of {identity.shape}"
            )
        return cls(*np.clip(identity, -_LIMIT, _LIMIT).tolist())


IDENTITY_SIZE = len(fields(Traits))


def texture_seed(identity: np.ndarray) -> int:
    """Return the seed of the patterns that are a person's own (freckles, age spots, hair strands)."""
    return zlib.crc32(np.asarray(identity, dtype="<f4").tobytes())
