"""The printed numbers, the length of runs, and what sets experiments apart."""

import dataclasses

import numpy as np
import pytest

from reproductions.mtlface.experiments import (
    CODE,
    COSFACE,
    HALVED,
    LCAF,
    LITERAL,
    LITERAL_STEPS,
    MTLFACE,
    PRINTED,
    RECIPES,
    SCAF,
    SYSTEMS,
    VARIANTS,
    variants,
)
from reproductions.mtlface.model import WEIGHTS, step_decay


def test_the_paper_profile_is_what_is_printed():
    recipe = RECIPES["paper"]
    assert (recipe.batch, recipe.iterations, recipe.size, recipe.depth) == (512, 36_000, 112, 50)
    assert (recipe.optimizer, recipe.learning_rate, recipe.margin, recipe.scale) == ("sgd", 0.1, 0.35, 64.0)
    assert (WEIGHTS["age"], WEIGHTS["reversed_age_group"]) == (0.001, 0.002)


@pytest.mark.parametrize(
    ("steps", "rates"),
    [
        (SCAF, {500: 0.05, 1_000: 0.1, 19_999: 0.1, 20_000: 0.01, 23_000: 0.001, 35_999: 0.001}),
        (LCAF, {2_500: 0.05, 5_000: 0.1, 69_999: 0.1, 70_000: 0.01, 90_000: 0.001, 109_999: 0.001}),
        (LITERAL, {500: 0.05, 1_000: 0.01, 20_000: 0.001, 23_000: 1e-4, 35_999: 1e-4}),
    ],
)
@pytest.mark.parametrize("share", [1.0, 0.1])
def test_the_schedule_keeps_its_shape_at_any_length(steps, rates, share):
    schedule = step_decay(0.1, steps, round(share * steps.iterations))
    found = [float(schedule(int(np.ceil(step * share)))) for step in rates if step + 1 not in rates]
    expected = [rate for step, rate in rates.items() if step + 1 not in rates]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(("batches", "epochs"), [(1_000, 36), (50_000, 1), (7, 5143)])
def test_iterations_become_whole_epochs(batches, epochs):
    assert RECIPES["paper"].length(batches) == epochs
    assert RECIPES["cpu"].length(batches) == RECIPES["cpu"].epochs


@pytest.mark.parametrize("profile", RECIPES)
def test_every_experiment_is_another(profile):
    experiments = {one.name: one for one in (*SYSTEMS, *HALVED, *VARIANTS)}
    assert len(experiments) == 2 * len(SYSTEMS) + len(VARIANTS) - 1
    configurations = [one.configuration(profile) for one in experiments.values()]
    different = [one for number, one in enumerate(configurations) if one not in configurations[:number]]
    # What the paper and the gpu profile do anyway is no other reading there.
    assert len(different) == len(experiments) - {"paper": 2, "gpu": 1}.get(profile, 0)
    run = [one.configuration(profile) for one in variants(profile)]
    assert all(run.count(one) == 1 for one in run)
    assert len(run) == len(different) - 2 * len(SYSTEMS) + 1


@pytest.mark.parametrize("profile", RECIPES)
def test_half_the_side_and_the_length_and_nothing_else(profile):
    for whole, half in zip(SYSTEMS, HALVED, strict=True):
        assert (half.decomposed, half.reversal) == (whole.decomposed, whole.reversal)
        long, short = whole.recipe(profile), half.recipe(profile)
        assert short.size * 2 == long.size and short.length(100) * 2 == long.length(100)
        kept = {"size": long.size, "epochs": long.epochs, "iterations": long.iterations}
        assert dataclasses.replace(short, **kept, precision=long.precision) == long
        assert short.precision == "float32"


def test_the_configuration_says_what_the_reading_changes():
    assert COSFACE.configuration("cpu")["reversal"] is None
    assert "steps" not in MTLFACE.configuration("cpu")["recipe"]
    assert LITERAL_STEPS.configuration("cpu")["recipe"]["steps"]["drops"] == (1_000, 20_000, 23_000)
    code = CODE.configuration("cpu")["recipe"]
    assert (code["decay_divisor"], code["decay_slopes"], code["mask_momentum"]) == (65536, True, 0.99)
    assert not {"decay_slopes", "mask_momentum"} & MTLFACE.configuration("cpu")["recipe"].keys()
    assert PRINTED.configuration("cpu")["recipe"]["decay_divisor"] == 1
    assert "epsilon" not in PRINTED.configuration("cpu")["recipe"]
