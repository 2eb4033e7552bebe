"""Everything a picture follows from: who, how old, and what differs from one photograph to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from data_prep.synthetic.traits import IDENTITY_SIZE

GENDERS = ("female", "male")
TONES = ("colour", "grey", "sepia")
OLDEST = 100.0


@dataclass(frozen=True)
class Nuisance:
    """What differs between two photographs of the same person at the same age.

    The defaults are a passport picture: frontal, soft light from above, neutral, sharp. Angles are in
    degrees.
    """

    yaw: float = 0.0  # positive: the face turns to the right of the image
    pitch: float = 0.0  # positive: the face looks up
    roll: float = 0.0  # positive: the head leans clockwise
    light_azimuth: float = -25.0  # negative: light from the left of the image
    light_elevation: float = 35.0
    light_hardness: float = 0.45  # 0 an overcast sky, 1 a bare bulb
    warmth: float = 0.0  # -1 bluish to 1 yellowish
    exposure: float = 1.0
    smile: float = 0.0  # -1 sad to 1 a broad smile
    mouth_open: float = 0.0  # 0 to 1
    squint: float = 0.0  # -1 wide open to 1 nearly shut
    brow_raise: float = 0.0  # -1 frown to 1 astonished
    gaze_x: float = 0.0  # -1 to 1
    gaze_y: float = 0.0
    glasses: float = 0.0  # 0 without, 1 with; between: fainter rims
    zoom: float = 1.0
    shift_x: float = 0.0  # of the face in the picture, in picture widths
    shift_y: float = 0.0
    blur: float = 0.0  # sigma in pixels of a 128 px picture
    noise: float = 0.0  # sigma of the sensor's noise, in grey levels
    fading: float = 0.0  # 0 fresh to 1 an old print with little contrast
    tone: str = "colour"
    seed: int = 0  # of background, clothes, stray hair and grain


@dataclass(frozen=True)
class Latents:
    """All that `render` needs: the same latents give the same picture byte for byte."""

    identity: np.ndarray  # (IDENTITY_SIZE,), see Traits
    age: float  # years, 0 <= age < 100
    gender: str  # "male" or "female"
    nuisance: Nuisance = field(default_factory=Nuisance)

    def __post_init__(self) -> None:
        if not 0 <= self.age < OLDEST:
            raise ValueError(f"age is in [0, {OLDEST:g}), not {self.age}")
        if self.gender not in GENDERS:
            raise ValueError(f"gender is one of {GENDERS}, not {self.gender!r}")
        if self.nuisance.tone not in TONES:
            raise ValueError(f"tone is one of {TONES}, not {self.nuisance.tone!r}")


def sample_identity(rng: np.random.Generator) -> np.ndarray:
    """Draw a person: (IDENTITY_SIZE,) float64 of N(0, I)."""
    return rng.standard_normal(IDENTITY_SIZE)


def sample_nuisance(rng: np.random.Generator, age: float = 30.0, year: int = 2010) -> Nuisance:
    """Draw the circumstances of one photograph taken in `year` of somebody `age` years old.

    Old photographs are somewhat more often grey, faded, soft and grainy, and glasses come with age: as in
    family albums, but too little to tell the age by.
    """
    old = np.clip((1985 - year) / 45.0, 0.0, 1.0)
    grey = rng.random() < 0.08 + 0.22 * old
    tone = ("sepia" if rng.random() < 0.4 else "grey") if grey else "colour"
    smile = rng.normal(0.35, 0.4)

    def normal(sigma: float, limit: float) -> float:
        return float(np.clip(rng.normal(0.0, sigma), -limit, limit))

    return Nuisance(
        yaw=normal(8.0, 18.0),
        pitch=normal(4.0, 9.0),
        roll=normal(4.0, 10.0),
        light_azimuth=float(rng.uniform(-55, 55)),
        light_elevation=float(rng.uniform(10, 55)),
        light_hardness=float(rng.uniform(0.2, 0.75)),
        warmth=normal(0.35, 1.0),
        exposure=float(np.exp(normal(0.12, 0.25))),
        smile=float(np.clip(smile, -0.5, 1.0)),
        mouth_open=float(np.clip(rng.normal(-0.20, 0.35) + 0.30 * max(smile, 0), 0.0, 0.8)),
        squint=normal(0.25, 0.6),
        brow_raise=normal(0.35, 0.9),
        gaze_x=normal(0.3, 0.8),
        gaze_y=normal(0.2, 0.5),
        glasses=float(rng.random() < 0.02 + 0.22 * np.clip((age - 12) / 50, 0, 1)),
        zoom=float(np.exp(normal(0.05, 0.11))),
        shift_x=normal(0.015, 0.035),
        shift_y=normal(0.015, 0.035),
        blur=float(abs(normal(0.3, 0.8)) + 0.35 * old * rng.random()),
        noise=float(abs(normal(1.5, 4.0)) + 1.5 * old * rng.random()),
        fading=float(old * rng.uniform(0.0, 0.5)),
        tone=tone,
        seed=int(rng.integers(2**31)),
    )
