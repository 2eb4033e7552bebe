"""The experiments say what the paper says, and differ from it in one thing each."""

import json

import keras
import numpy as np
import pytest

from reproductions.neighborhood_loss import experiments
from reproductions.neighborhood_loss.experiments import RECIPES
from reproductions.shared.age_estimation.experiments import Recipe
from reproductions.shared.age_estimation.model import build_network, compiled

ALL = {one.name: one for one in (*experiments.TABLE2["gpu"], *experiments.TABLE3, *experiments.ABLATIONS)}


def test_the_paper_profile_is_what_5_3_prints():
    recipe = RECIPES["paper"]
    assert (recipe.size, recipe.width, recipe.dropout) == (224, 1.0, 0.2)
    assert (recipe.optimizer, recipe.learning_rate, recipe.weight_decay) == ("adam", 0.1, 5e-4)
    assert (recipe.balance, recipe.prefers[0]) == (5000, "imdb-wiki")
    assert experiments.NEIGHBORHOOD_34.make_loss().sigma == 5.0
    assert experiments.NEIGHBORHOOD_34.make_loss().normalize is False


def test_every_ablation_changes_one_thing_of_the_papers_loss():
    ours = experiments.NEIGHBORHOOD_18
    for one in [row for row in experiments.ABLATIONS if row.trained]:
        assert one.loss == ours.loss
        changed = {key for key, value in one.options.items() if ours.options.get(key) != value}
        other_network = (one.network, one.depth) != (ours.network, ours.depth)
        assert len(changed) + bool(one.changes) + other_network <= 1 or one is ours


def test_one_answer_to_everybody_is_the_same_run_under_every_recipe():
    assert not experiments.CONSTANT.trained
    assert {json.dumps(experiments.CONSTANT.configuration(profile)) for profile in RECIPES} == {
        '{"loss": "constant"}'
    }


def test_both_losses_of_table_2_share_the_recipe():
    for profile in RECIPES:
        settings = [one.configuration(profile) for one in experiments.table2(profile) if one.trained]
        assert len({json.dumps(one["recipe"], sort_keys=True) for one in settings}) == 1


@pytest.mark.parametrize("name", sorted(ALL))
def test_configurations_are_plain_and_without_seed(name):
    configuration = ALL[name].configuration("cpu")
    plain = json.loads(json.dumps(configuration))
    assert json.loads(json.dumps(plain)) == plain
    if ALL[name].trained:
        assert plain["recipe"].keys() == configuration["recipe"].keys()
    assert "seed" not in json.dumps(configuration)


@pytest.mark.parametrize("name", ["neighborhood-18", "vgg-16", "l1-18", "ordinal-18", "printed-optimizer-18"])
def test_a_step_of_every_kind_of_experiment_is_finite(name):
    experiment = ALL[name]
    recipe = experiment.recipe("smoke")
    keras.utils.set_random_seed(0)
    model = compiled(build_network(experiment, recipe), experiment, recipe, steps=10)
    # One step is taken: to trace it would take longer.
    model.run_eagerly = True
    faces = np.random.default_rng(0).integers(0, 256, (8, recipe.size, recipe.size, 3), np.uint8)
    assert np.isfinite(model.train_on_batch(faces, np.arange(8) * 12))


def test_decay_reaches_the_kernels_and_nothing_else():
    recipe: Recipe = RECIPES["smoke"]
    experiment = experiments.NEIGHBORHOOD_18
    model = compiled(build_network(experiment, recipe), experiment, recipe, steps=10)
    for variable in model.trainable_variables:
        assert model.optimizer._use_weight_decay(variable) == (variable.name == "kernel"), variable.path


def test_pixels_and_answers_are_left_to_adamw_in_every_network():
    recipe = RECIPES["smoke"]
    for experiment in (experiments.NEIGHBORHOOD_18, experiments.VGG):
        model = compiled(build_network(experiment, recipe), experiment, recipe, steps=10)
        kernels = [variable for variable in model.trainable_variables if variable.name == "kernel"]
        by_adam = [kernel.path for kernel in kernels if model.optimizer._should_use_adamw(kernel)]
        assert by_adam == [kernels[0].path, kernels[-1].path]


def test_the_printed_decay_is_an_l2_term_on_the_kernels():
    experiment = experiments.PRINTED_OPTIMIZER
    recipe = experiment.recipe("smoke")
    model = compiled(build_network(experiment, recipe), experiment, recipe, steps=10)
    kernels = [v.numpy() for v in model.trainable_variables if v.name == "kernel"]
    expected = 5e-4 * sum(np.sum(kernel.astype(np.float64) ** 2) / 2 for kernel in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
