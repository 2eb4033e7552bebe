"""The colours a person has: skin, lips, irises and hair, in linear light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_prep.synthetic.ageing import Ageing
from data_prep.synthetic.paint import linear, mix
from data_prep.synthetic.traits import Traits

_SKIN = [
    (238, 202, 180),
    (232, 188, 160),
    (224, 172, 138),
    (196, 140, 104),
    (158, 106, 76),
    (116, 76, 54),
    (86, 57, 43),
]
_HAIR = [(28, 22, 20), (45, 31, 24), (74, 49, 33), (112, 78, 48), (160, 122, 76), (205, 172, 118)]
_IRIS = [(58, 36, 22), (96, 62, 34), (112, 98, 52), (92, 112, 92), (88, 122, 150), (128, 150, 165)]
_SCLERA, _OLD_SCLERA = linear(222, 214, 208), linear(205, 188, 160)
_GREY, _WHITE = linear(124, 121, 118), linear(182, 179, 174)


@dataclass(frozen=True)
class Colours:
    """Linear RGB, each (3,) float32."""

    skin: np.ndarray
    lips: np.ndarray
    iris: np.ndarray
    sclera: np.ndarray  # the white of the eye
    hair: np.ndarray  # before greying
    grey: np.ndarray  # what its grey strands look like
    brows: np.ndarray
    beard: np.ndarray


def _scale(anchors: list[tuple[int, int, int]], position: float) -> np.ndarray:
    """Return the colour at `position` 0..1 of a scale of sRGB colours."""
    position = float(np.clip(position, 0, 1)) * (len(anchors) - 1)
    index = min(int(position), len(anchors) - 2)
    return mix(linear(*anchors[index]), linear(*anchors[index + 1]), position - index)


def darkness(t: Traits) -> float:
    """Return the share of pigment in the skin, 0 to 1."""
    return float(np.clip(0.34 + 0.24 * t.melanin, 0.02, 0.88))


def colour_person(t: Traits, a: Ageing) -> Colours:
    """Return the colours of a person of that age.

    Pigments go together: dark skin comes with dark hair and dark eyes, as it mostly does. Children are a
    little fairer, the old are duller and greyer.
    """
    dark = darkness(t)
    skin = _scale(_SKIN, dark) * np.array([1, 1 - 0.02 * t.undertone, 1 - 0.06 * t.undertone], np.float32)
    skin = skin * np.array([1 + 0.03 * t.redness, 1 - 0.015 * t.redness, 1 - 0.01 * t.redness], np.float32)
    luma = np.float32(skin @ np.array([0.3, 0.59, 0.11], np.float32))
    skin = mix(skin, np.array([luma * 1.12, luma, luma * 0.82], np.float32), 0.30 * a.dullness)
    skin *= np.float32(1 - 0.05 * a.dullness + 0.06 * a.childhood)
    pink = skin * np.array([0.80, 0.40, 0.42], np.float32)
    lips = mix(pink, skin, 0.25 * a.thinning + 0.10 * max(a.masculinity, 0))
    lips *= np.array([1 + 0.05 * t.lip_colour, 1 - 0.09 * t.lip_colour, 1 - 0.06 * t.lip_colour], np.float32)
    lips *= 1 - max(-a.masculinity, 0) * np.array([0.02, 0.16, 0.10], np.float32)
    fair = np.clip(0.42 + 0.28 * t.hair_shade - 1.15 * (dark - 0.30), 0, 1)
    hair = _scale(_HAIR, float(np.clip(fair + 0.14 * a.childhood * fair, 0, 1)))
    red = np.clip(t.hair_red - 1.1, 0, 1) * (fair > 0.2)
    hair = mix(hair, hair * np.array([1.6, 0.75, 0.45], np.float32), float(red))
    grey = mix(_GREY, _WHITE, float(np.clip((a.grey - 0.25) * 1.2, 0, 1) * (1.1 - dark)))
    iris = _scale(_IRIS, float(np.clip(0.35 + 0.32 * t.iris_hue - 0.8 * (dark - 0.30), 0, 1)))
    iris = iris * np.float32(np.clip(1 + 0.15 * t.iris_shade, 0.6, 1.4))
    own = mix(hair * np.float32(0.7), linear(38, 27, 21), 0.35)
    return Colours(
        skin=np.clip(skin, 0.005, 0.95).astype(np.float32),
        lips=np.clip(lips, 0.004, 0.9).astype(np.float32),
        iris=iris.astype(np.float32),
        sclera=mix(_SCLERA, _OLD_SCLERA, 0.6 * a.dullness) * np.float32(1.05 - 0.40 * dark),
        hair=np.clip(hair, 0.004, 0.9).astype(np.float32),
        grey=grey,
        brows=mix(own, grey * np.float32(0.75), (0.8 - 0.45 * dark) * a.grey),
        beard=mix(own, grey * np.float32(0.8), a.grey),
    )
