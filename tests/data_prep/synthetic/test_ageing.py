from dataclasses import replace

import numpy as np
import pytest

from data_prep.synthetic import IDENTITY_SIZE, Nuisance
from data_prep.synthetic.ageing import age_person
from data_prep.synthetic.colours import colour_person
from data_prep.synthetic.latents import sample_nuisance
from data_prep.synthetic.shape import plan
from data_prep.synthetic.styles import choose
from data_prep.synthetic.traits import Traits, texture_seed

AVERAGE = Traits.of(np.zeros(IDENTITY_SIZE))
AGES = np.linspace(0, 99.9, 101)


@pytest.mark.parametrize("gender", ["female", "male"])
@pytest.mark.parametrize(
    "name", ["wrinkles", "sag", "thinning", "spots", "dullness", "grey", "bald", "maturity"]
)
def test_what_comes_with_the_years_never_goes(name, gender):
    values = [getattr(age_person(AVERAGE, age, gender), name) for age in AGES]
    assert (np.diff(values) >= -1e-9).all()
    assert values[0] == pytest.approx(0, abs=0.02)
    assert (
        values[-1] > 0.5 or (name == "bald" and gender == "female") or (name == "bald" and values[-1] > 0.3)
    )


@pytest.mark.parametrize("name", ["infancy", "childhood"])
def test_childhood_goes(name):
    values = [getattr(age_person(AVERAGE, age, "male"), name) for age in AGES]
    assert values[0] == 1
    assert (np.diff(values) <= 0).all()
    assert values[30] < 0.05


def test_pace_spreads_people_of_one_age():
    slow, fast = (age_person(replace(AVERAGE, pace=pace), 60, "male").years for pace in (-1.0, 1.0))
    assert 3 < (fast - slow) / 2 < 7
    assert age_person(AVERAGE, 60, "male").years == pytest.approx(60)


def test_women_are_not_bald_and_grow_no_beard():
    ageing = age_person(replace(AVERAGE, balding=2.0), 80, "female")
    assert ageing.bald == ageing.beard == 0


def test_sexes_part_at_puberty():
    def jaw(age, gender):
        y, width = plan(AVERAGE, age_person(AVERAGE, age, gender), Nuisance()).outline
        return np.interp(0.72, y, width)

    assert jaw(3, "male") - jaw(3, "female") < 0.3 * (jaw(25, "male") - jaw(25, "female"))


def test_children_have_low_large_eyes():
    child, grown = (plan(AVERAGE, age_person(AVERAGE, age, "female"), Nuisance()) for age in (1, 30))
    assert child.eye_y > grown.eye_y + 0.08
    assert child.iris > grown.iris
    assert child.nose_width < grown.nose_width


def test_pigments_go_together():
    fair, dark = (
        colour_person(replace(AVERAGE, melanin=m), age_person(AVERAGE, 30, "male")) for m in (-1.5, 2.0)
    )
    for name in ("skin", "hair", "iris", "lips"):
        assert getattr(fair, name).sum() > getattr(dark, name).sum()


def test_a_haircut_grows_up():
    girl, woman, grandmother = (
        choose(AVERAGE, age_person(AVERAGE, age, "female"), "female") for age in (8, 30, 80)
    )
    assert woman.ends > grandmother.ends
    assert girl != woman


def test_traits_are_cut_and_named():
    identity = np.zeros(IDENTITY_SIZE)
    identity[0] = 99
    assert Traits.of(identity).face_width == 2.4
    assert texture_seed(identity) != texture_seed(np.zeros(IDENTITY_SIZE))


def test_circumstances_are_within_reason():
    rng = np.random.default_rng(0)
    drawn = [sample_nuisance(rng, 50.0, year) for year in (1940, 2015) for _ in range(300)]
    assert max(abs(n.yaw) for n in drawn) <= 18
    assert max(abs(n.roll) for n in drawn) <= 10
    old, new = drawn[:300], drawn[300:]
    assert sum(n.tone != "colour" for n in old) > 1.5 * sum(n.tone != "colour" for n in new)
    assert all(n.fading == 0 for n in new)
