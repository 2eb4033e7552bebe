"""What the years do: curves over age, each with a pace of the person's own."""

from __future__ import annotations

import math
from dataclasses import dataclass

from data_prep.synthetic.traits import Traits


def _rise(age: float, start: float, end: float) -> float:
    """Return 0 before `start`, 1 after `end`, smooth between."""
    t = min(max((age - start) / (end - start), 0.0), 1.0)
    return t * t * (3 - 2 * t)


@dataclass(frozen=True)
class Ageing:
    """How far each change has come, 0 to 1 unless said otherwise."""

    years: float  # biological age: the calendar's age at the person's own pace
    infancy: float  # 1 at birth, gone at three
    childhood: float  # 1 at birth, 0.4 at eight, 0.07 at twenty
    maturity: float  # puberty: 0.5 at about fourteen
    masculinity: float  # -1 a woman to 1 a man; children are near 0
    wrinkles: float  # can exceed 1 in the very old
    sag: float  # jowls, lids, nose tip, ears
    thinning: float  # of lips and cheeks
    spots: float  # blotches and age spots
    dullness: float  # loss of the skin's glow
    grey: float  # share of grey hair
    bald: float  # 0 a boy's hairline to 1 a horseshoe
    sparse: float  # hair that lets the scalp through, in babies and the old
    beard: float  # how much beard can grow


def age_person(traits: Traits, age: float, gender: str) -> Ageing:
    """Return the state of a person of calendar age `age` (years, 0-100) and `gender`.

    The pace of ageing spreads with time as it does in people: one standard deviation is about 7% of the
    years, so that twins in age look about four years apart at sixty.
    """
    years = (
        age * (1 + 0.05 * traits.pace)
        if age < 20
        else 20 * (1 + 0.05 * traits.pace) + (age - 20) * (1 + 0.085 * traits.pace)
    )
    sign = 1.0 if gender == "male" else -1.0
    maturity = 1 / (1 + math.exp(-(years - 14.0 - 0.5 * sign) / 1.5))
    skin = years + 4.0 * traits.wrinkling
    hair = years + 7.0 * traits.greying + (1.0 if sign > 0 else -2.0)
    infancy = 1 - _rise(years, 0.0, 3.5)
    man = max(sign, 0.0)
    bald_tendency = 0.5 + 0.5 * math.tanh(0.9 * traits.balding - 0.15)
    return Ageing(
        years=years,
        infancy=infancy,
        childhood=math.exp(-((years / 8.5) ** 1.15)),
        maturity=maturity,
        masculinity=sign * (0.12 + 0.88 * maturity),
        wrinkles=0.62 * min(max((skin - 24) / 62, 0.0), 1.0) ** 1.25
        + 0.50 * _rise(skin, 58, 104)
        + 0.05 * _rise(skin, 18, 32),
        sag=_rise(years + 4 * traits.sagging, 36, 98),
        thinning=_rise(years + 2 * traits.sagging, 38, 96),
        spots=_rise(skin, 40, 96),
        dullness=_rise(years, 22, 82),
        grey=0.04 * _rise(hair, 28, 40) + 0.96 * _rise(hair, 38, 82),
        bald=man * _rise(years, 22, 68) * bald_tendency,
        sparse=max(0.9 * infancy, 0.55 * _rise(years, 55, 98)),
        beard=man * _rise(years, 15, 23),
    )
