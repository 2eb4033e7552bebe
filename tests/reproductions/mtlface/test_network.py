"""The network's parts, its loss against NumPy, and that the reversed head turns the encoder around."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import softmax

from reproductions.mtlface.experiments import AGE_HEAD, ATTENTION, COSFACE, MTLFACE, RECIPES, REVERSAL
from reproductions.mtlface.model import recognition_network, untrained_network
from reproductions.mtlface.network import age_head, embedder
from reproductions.mtlface.train import load_recogniser

RANDOM = np.random.default_rng(0)
FACES = RANDOM.integers(0, 256, (4, 32, 32, 3), np.uint8)
PEOPLE = np.array([0, 1, 2, 4])
YEARS = np.array([3, 25, 61, 100])
GROUPS = np.array([0, 2, 6, 6])
RECIPE = dataclasses.replace(RECIPES["smoke"], size=32, crop=32, dropout=0.0)
INPUTS = {"faces": FACES, "identity": PEOPLE}
AGES = {"age": YEARS, "age_group": GROUPS, "reversed_age": YEARS, "reversed_age_group": GROUPS}


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return recognition_network(MTLFACE, RECIPE, people=5, steps=10)


@pytest.mark.parametrize(
    ("experiment", "outputs"),
    [
        (COSFACE, {"identity"}),
        (AGE_HEAD, {"identity", "age", "age_group"}),
        (ATTENTION, {"identity"}),
        (REVERSAL, {"identity", "reversed_age", "reversed_age_group"}),
        (MTLFACE, {"identity", *AGES}),
    ],
)
def test_each_experiment_has_its_heads(experiment, outputs):
    model = untrained_network(experiment, RECIPE, people=5)
    assert set(model.output) == outputs
    assert {
        "identity",
        *(f"{head}{age}" for head in experiment.heads for age in ("age", "age_group")),
    } == outputs
    assert experiment.aged == bool(experiment.heads)
    assert ("decomposition" in {layer.name for layer in model.layers}) == experiment.decomposed


def test_a_head_has_the_papers_sizes():
    head = age_head((7, 7, 512), "age_head")
    assert [output.shape for output in head.output] == [(None, 101), (None, 7)]
    counted = 4 * 512 + 25088 * 512 + 512 + 512 * 101 + 101 + 101 * 7 + 7
    assert head.count_params() == counted


def test_the_loss_is_the_papers(network):
    targets = {"identity": PEOPLE, **AGES}
    found = network.evaluate(INPUTS, targets, verbose=0, return_dict=True)["loss"]
    logits = network.predict(INPUTS, verbose=0)
    expected = _entropy(logits["identity"], PEOPLE)
    for head, weight in (("", 0.001), ("reversed_", 0.002)):
        mean = softmax(logits[f"{head}age"].astype(float), axis=1) @ np.arange(101)
        squared = np.mean((mean - YEARS) ** 2)
        expected += weight * (squared + _entropy(logits[f"{head}age_group"], GROUPS))
    assert found == pytest.approx(expected, rel=1e-4)


def _entropy(logits, labels):
    return -np.mean(np.log(softmax(logits.astype(float), axis=1)[np.arange(4), labels]))


def test_the_margin_and_the_scale_are_the_recipes(network):
    embedding = embedder(network).predict(FACES, verbose=0)
    assert embedding.shape == (4, 512)
    kernel = network.get_layer("identity_logits").get_weights()[0]
    cosines = embedding @ kernel / np.linalg.norm(embedding, axis=1)[:, None] / np.linalg.norm(kernel, axis=0)
    cosines[np.arange(4), PEOPLE] -= 0.35
    logits = network.predict(INPUTS, verbose=0)["identity"]
    np.testing.assert_allclose(logits, RECIPE.scale * cosines, rtol=1e-3, atol=2e-3)


def test_the_reversed_head_learns_what_the_encoder_unlearns(network):
    """The encoder's gradient falls by the same amount for each unit of the coefficient; the head's stays."""
    reversal = network.get_layer("reversal")
    kernel = network.get_layer("encoder").get_layer("stem_conv").kernel
    hidden = network.get_layer("reversed_head").get_layer("hidden").kernel
    before, encoder, head = reversal.coefficient, [], []
    try:
        for coefficient in (0.0, 100.0, 200.0):
            reversal.coefficient = coefficient
            with tf.GradientTape() as tape:
                outputs = network(INPUTS, training=False)
                loss = network.compute_loss(y={"identity": PEOPLE, **AGES}, y_pred=outputs)
            gradients = tape.gradient(loss, [kernel.value, hidden.value])
            encoder.append(gradients[0].numpy())
            head.append(gradients[1].numpy())
    finally:
        reversal.coefficient = before
    step = encoder[1] - encoder[0]
    assert np.abs(step).max() > 1e-4
    np.testing.assert_allclose(encoder[2] - encoder[1], step, rtol=1e-2, atol=1e-2 * np.abs(step).max())
    np.testing.assert_allclose(head[1], head[0], rtol=1e-5, atol=1e-8)


def test_a_saved_network_recognises_as_before(network, tmp_path):
    keras.Model(network.input, network.output).save(tmp_path / "recogniser.keras")
    again = load_recogniser(tmp_path / "recogniser.keras")
    np.testing.assert_allclose(
        embedder(again).predict(FACES, verbose=0), embedder(network).predict(FACES, verbose=0), rtol=1e-5
    )
    x_id, x_age = again.get_layer("decomposition").output
    assert x_id.shape == x_age.shape == (None, 2, 2, 64)
