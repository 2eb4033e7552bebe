"""Synthesis at half the side: sizes that fit, encoders of other rows, and claims about rows that are run."""

import keras
import numpy as np
import pytest

from reproductions.mtlface import experiments as recognition
from reproductions.mtlface.model import untrained_network
from reproductions.mtlface.network import embedder
from reproductions.mtlface.synthesis import half, judges, recipes
from reproductions.mtlface.synthesis.discriminator import patch_discriminator
from reproductions.mtlface.synthesis.experiments import (
    HALF_MTLFACE,
    HALF_TABLE2,
    HALVED,
    MTLFACE,
    ON_COSFACE,
    ON_UNDIVIDED,
    TABLE2,
)
from reproductions.mtlface.synthesis.features import frozen_features, with_age_head
from reproductions.mtlface.synthesis.train import synthesiser


def test_half_the_side_is_one_that_generators_can_double_to():
    sides = {name: (recipe.size, recipe.half().size) for name, recipe in recipes.RECIPES.items()}
    assert sides == {"smoke": (48, 32), "cpu": (64, 32), "gpu": (112, 64), "paper": (112, 64)}
    assert all(recipe.half().iterations == recipe.iterations / 2 for recipe in recipes.RECIPES.values())


@pytest.mark.parametrize(("profile", "side"), [("smoke", 4), ("cpu", 4), ("gpu", 5)])
def test_the_discriminator_ends_in_a_map_like_that_of_the_full_side(profile, side):
    recipe = recipes.RECIPES[profile].half()
    critic = patch_discriminator(recipe.size, 0.125, recipe.reading, halvings=recipe.halvings)
    assert critic.output.shape[1:3] == (side, side)
    # At 112 px, of which the article speaks, with its four.
    assert patch_discriminator(112, 0.125, "code").output.shape[1:3] == (5, 5)


def test_the_identity_judge_reads_maps_of_four_by_four_at_both_sides():
    for recipe in (recipes.RECIPES["cpu"], recipes.RECIPES["cpu"].half()):
        trunk = judges.identity_judge(recipe.judges, recipe.size, people=3).get_layer("trunk")
        assert trunk.output.shape[1:3] == (4, 4)


@pytest.mark.parametrize("profile", recipes.RECIPES)
def test_every_encoder_is_of_the_side_of_what_is_made(profile):
    for row in (*TABLE2, *HALVED):
        encoder = row.encoder(profile)
        assert encoder.recipe(profile).size == row.recipe(profile).size
        assert encoder.recipe(profile).crop == row.recipe(profile).crop
    names = [row.encoder(profile).name for row in (MTLFACE, HALF_MTLFACE, ON_COSFACE, ON_UNDIVIDED)]
    assert names == [
        "fas-encoder",
        "fas-encoder-half",
        "fas-encoder-cosface-half",
        "fas-encoder-reversal-half",
    ]


@pytest.mark.parametrize("row", [HALF_MTLFACE, ON_COSFACE, ON_UNDIVIDED], ids=lambda row: row.name)
def test_an_encoder_without_parts_gives_its_whole_map_as_both(row):
    encoder = row.encoder("smoke")
    recogniser = untrained_network(encoder, encoder.recipe("smoke"), people=3)
    guided = with_age_head(recogniser)
    assert (guided is recogniser) == (row is HALF_MTLFACE)
    faces = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    np.testing.assert_array_equal(embedder(recogniser)(faces), embedder(guided)(faces))
    features = frozen_features(guided)(faces / 127.5 - 1)
    assert features["groups"].shape == (2, 7)
    whole = guided.get_layer("encoder")(faces / 127.5 - 1)
    same = [np.allclose(features[name], whole, atol=1e-5) for name in ("x_id", "x_age")]
    assert same == [row is not HALF_MTLFACE] * 2


@pytest.mark.parametrize("row", [ON_COSFACE, HALF_TABLE2[2]], ids=lambda row: row.name)
def test_a_method_learns_on_an_encoder_that_reads_no_age(row):
    encoder = row.encoder("smoke")
    features = frozen_features(with_age_head(untrained_network(encoder, encoder.recipe("smoke"), people=3)))
    model = synthesiser(row, row.recipe("smoke"), features)
    random = np.random.default_rng(0)
    group = np.arange(4, dtype=np.int32)
    faces = random.integers(0, 256, (4, 32, 32, 3), np.uint8)
    batch = {
        "faces": faces,
        "group": group,
        "target": np.roll(group, 1),
        "prior": np.zeros((4, 50), np.float32),
    }
    losses = model.train_on_batch(batch, group, return_dict=True)
    assert all(np.isfinite(one) for one in losses.values())
    assert keras.ops.shape(model({"faces": faces, "group": group})) == (4, 32, 32, 3)


def test_every_claim_is_about_rows_of_the_table():
    rows = {row.experiment for row in half.TABLE.rows}
    assert rows == {one.name for one in HALVED}
    assert {name for one in half.CLAIMS for name in (one.better, one.worse)} <= rows
    assert len({one.name for one in half.CLAIMS}) == len(half.CLAIMS) == 14


def test_the_rows_of_the_encoder_are_those_of_recognition_at_half_the_side():
    halved = {one.name: one for one in recognition.HALVED}
    for row, name in ((HALF_MTLFACE, "mtlface"), (ON_COSFACE, "cosface"), (ON_UNDIVIDED, "reversal")):
        ours, theirs = row.encoder("cpu"), halved[f"aifr-{name}-half"]
        assert (ours.decomposed, ours.reversal) == (theirs.decomposed, theirs.reversal)
        assert ours.recipe("cpu").epochs == theirs.recipe("cpu").epochs
