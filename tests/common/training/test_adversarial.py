"""Two players: the step against NumPy, one and three replicas, and a kill in the middle."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.errors import UserError
from common.training.adversarial import SIDES, AdversarialModel
from common.training.fit import fit
from common.training.precision import precision_policy
from common.training.resume import state_variables
from common.training.schedules import StepDecay
from tests.support import forked
from tests.support.training_runs import Death

RANDOM = np.random.default_rng(0)
EPOCHS, STEPS, BATCH = 3, 4, 8
SIGKILL = -9


class Game(AdversarialModel):
    """A dense generator and a dense discriminator, both with batch statistics."""

    def __init__(self, norm: bool = True):
        layers = keras.layers
        between = [layers.BatchNormalization(synchronized=True)] if norm else []
        # A bias before batch statistics has no gradient but rounding, of which Adam would make whole steps.
        first = layers.Dense(4, use_bias=not norm)
        self_made = keras.Sequential([keras.Input((3,)), first, *between, layers.Dense(3)])
        critic = keras.Sequential(
            [keras.Input((3,)), layers.SpectralNormalization(layers.Dense(4)), layers.ReLU(), layers.Dense(1)]
            if norm
            else [keras.Input((3,)), layers.Dense(1)]
        )
        super().__init__(
            [self_made], [critic], {"generator": ("fool", "near"), "discriminator": ("real", "made")}
        )
        self.made, self.critic = self_made, critic

    def call(self, inputs, training=False):
        return self.made(inputs, training=training)

    def make(self, x):
        return self.made(x, training=True)

    def discriminator_losses(self, x, made):
        return {
            "real": tf.square(self.critic(x, training=True)[:, 0] - 1),
            "made": tf.square(self.critic(made, training=True)[:, 0]),
        }

    def generator_losses(self, x, made):
        fooled = tf.square(self.critic(made, training=False)[:, 0] - 1)
        return {"fool": fooled, "near": 0.5 * tf.reduce_mean(tf.square(made - x), axis=1)}


def compiled(norm=True, make=None):
    make = make or (lambda rate: keras.optimizers.Adam(StepDecay(rate, EPOCHS * STEPS, (0.5,)), beta_1=0.5))
    game = Game(norm)
    game.compile(make(1e-2), make(3e-2))
    return game


def source(epoch, skip):
    rows = np.random.default_rng((3, epoch)).normal(size=(STEPS * BATCH - 2, 3)).astype("float32")
    return tf.data.Dataset.from_tensor_slices((rows, rows[:, 0])).batch(BATCH).skip(skip)


def train(folder, replicas=1, die_after=None):
    """Train in `folder` and leave the weights, then all else that is trained, and the history there."""
    fitted = fit(
        compiled,
        source,
        epochs=EPOCHS,
        steps_per_epoch=STEPS,
        batch_size=BATCH,
        run_dir=folder,
        config_hash="game",
        seed=5,
        replicas=replicas,
        checkpoint_seconds=0.0,
        callbacks=[Death(die_after)],
    )
    everything = [copies[0].numpy() for copies in state_variables(fitted.model)]
    np.savez(folder / "outcome.npz", *everything)
    facts = {"history": fitted.history, "weights": len(fitted.model.variables)}
    (folder / "outcome.json").write_text(json.dumps(facts))


def outcome(folder):
    with np.load(folder / "outcome.npz") as stored:
        return [stored[name] for name in stored.files], json.loads((folder / "outcome.json").read_text())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    forked.run(train, folder)
    return outcome(folder)


def test_three_replicas_train_the_players_that_one_trains(tmp_path, undisturbed):
    """Which cannot share the eight examples of a batch evenly."""
    forked.run(train, tmp_path, 3)
    (one, facts), (three, facts_of_three) = undisturbed, outcome(tmp_path)
    history, history_of_three = facts["history"], facts_of_three["history"]
    assert history.keys() == history_of_three.keys()
    for side in SIDES:
        norms = (found[f"{side}_gradient_norm"] for found in (history, history_of_three))
        np.testing.assert_allclose(*norms, rtol=1e-3)
    assert facts["weights"] < len(one)
    for ours, theirs in zip(one[: facts["weights"]], three[: facts["weights"]], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_the_same_game_gives_the_same_bits_twice(tmp_path, undisturbed):
    forked.run(train, tmp_path)
    (one, facts), (again, facts_again) = undisturbed, outcome(tmp_path)
    assert facts == facts_again
    for ours, theirs in zip(one, again, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("after", [STEPS + 2])
def test_a_killed_run_ends_as_an_undisturbed_one(tmp_path, undisturbed, after):
    """Both optimizers' slots and step counts among what is compared."""
    process = forked.start(train, tmp_path, 1, after)
    process.join()
    assert process.exitcode == SIGKILL
    forked.run(train, tmp_path)
    (weights, facts), (expected, expected_facts) = outcome(tmp_path), undisturbed
    assert facts == expected_facts
    for ours, theirs in zip(weights, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_each_side_is_logged_apart(undisturbed):
    history = undisturbed[1]["history"]
    columns = {"loss", "learning_rate"}
    for side, terms in (("generator", ("fool", "near")), ("discriminator", ("real", "made"))):
        columns |= {f"{side}_{what}" for what in ("loss", "gradient_norm", "learning_rate", *terms)}
        np.testing.assert_allclose(
            history[f"{side}_loss"], np.add(*(history[f"{side}_{term}"] for term in terms)), rtol=1e-5
        )
    assert set(history) == columns
    np.testing.assert_allclose(
        history["loss"], np.add(history["generator_loss"], history["discriminator_loss"]), rtol=1e-5
    )
    # Halfway, after six of twelve steps, the rate falls to a tenth: two steps of the second epoch before it.
    np.testing.assert_allclose(history["generator_learning_rate"], [1e-2, 5.5e-3, 1e-3], rtol=1e-5)
    np.testing.assert_allclose(history["discriminator_learning_rate"], [3e-2, 1.65e-2, 3e-3], rtol=1e-5)


def test_a_step_is_the_discriminators_and_then_the_generators():
    """With plain gradient descent and no batch statistics, against NumPy."""
    game = compiled(False, keras.optimizers.SGD)
    (w1, b1, w2, b2), (v, c) = (
        [np.asarray(variable, np.float64) for variable in game.variables_of(side)] for side in SIDES
    )
    x = RANDOM.normal(size=(6, 3))
    hidden = x @ w1 + b1
    made = hidden @ w2 + b2
    steps = [np.zeros_like(v), np.zeros_like(c)]
    for examples, wanted in ((x, 1), (made, 0)):
        error = 2 * (examples @ np.asarray(v) + c - wanted) / 6
        steps[0] += 3e-2 * examples.T @ error
        steps[1] += 3e-2 * error.sum(axis=0)
    v_new, c_new = v - steps[0], c - steps[1]
    of_made = (2 * (made @ v_new + c_new - 1) / 6) @ v_new.T + 0.5 * 2 * (made - x) / 3 / 6
    logs = game.train_step((tf.constant(x, tf.float32), tf.zeros(6)))
    found = {side: [np.asarray(one) for one in game.variables_of(side)] for side in SIDES}
    np.testing.assert_allclose(found["discriminator"][0], v_new, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found["discriminator"][1], c_new, rtol=1e-4, atol=1e-6)
    gradients = [
        x.T @ (of_made @ w2.T),
        (of_made @ w2.T).sum(axis=0),
        hidden.T @ of_made,
        of_made.sum(axis=0),
    ]
    for new, old, gradient in zip(found["generator"], (w1, b1, w2, b2), gradients, strict=True):
        np.testing.assert_allclose(new, old - 1e-2 * gradient, rtol=1e-4, atol=1e-6)
    norm = np.sqrt(sum(np.square(gradient).sum() for gradient in gradients))
    assert float(logs["generator_gradient_norm"]) == pytest.approx(norm, rel=1e-4)


def test_float16_is_refused():
    with precision_policy("float16"):
        game = Game(False)
    with pytest.raises(UserError, match="cannot compute in float16"):
        game.compile(keras.optimizers.SGD(), keras.optimizers.SGD())
