"""What is kept of p and q, and when the training ends."""

import keras
import numpy as np
import pytest

from common.losses import NegativeScore
from reproductions.age_gender.labels import CLASSES
from reproductions.age_gender.networks import face_network
from reproductions.age_gender.watch import WeightWatch, validate

FACES = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 1), np.uint8)
LABELS = {task: np.random.default_rng(1).integers(0, k, 12) for task, k in CLASSES.items()}


def trained(form, rate, epochs=4):
    keras.utils.set_random_seed(0)
    network = face_network(CLASSES, weighting=form, size=32, width=0.25)
    losses = {task: NegativeScore(count) for task, count in CLASSES.items()}
    network.compile(keras.optimizers.SGD(rate), losses)
    watch = WeightWatch(steps=4 * epochs)
    network.fit(FACES, LABELS, batch_size=3, epochs=epochs, shuffle=False, verbose=0, callbacks=[watch])
    return network, watch


def test_the_trace_is_what_the_weights_were():
    network, watch = trained("code", 0.01)
    steps, p, q = (watch.history()[name] for name in ("step", "p", "q"))
    assert steps == list(range(17))
    assert (p[0], q[0]) == (1, 1)
    # Plain descent along the derivative -1 / p.
    np.testing.assert_allclose(p[1:3], [1.01, 1.01 + 0.01 / 1.01], rtol=1e-5)
    assert p[-1] == float(network.get_layer("age_weight").weight.numpy())


def test_as_in_the_text_it_ends_at_the_first_weight_below_zero():
    _, watch = trained("text", 0.3)
    steps, p, q = (watch.history()[name] for name in ("step", "p", "q"))
    assert steps[-1] < 16
    assert min(p[-1], q[-1]) <= 0 < min(p[-2], q[-2])


def test_constrained_the_trace_holds_what_scales_the_loss():
    network, watch = trained("constrained", 0.05)
    assert watch.trace[0] == [0, 1, 1]
    log_variance = float(network.get_layer("gender_weight").weight.numpy())
    assert watch.trace[-1][2] == pytest.approx(np.exp(-log_variance))


def test_its_state_goes_on():
    _, watch = trained("code", 0.01)
    other = WeightWatch(steps=16)
    other.set_state(watch.get_state())
    assert other.history() == watch.history()


def test_validation_is_the_share_of_right_answers():
    network = face_network(CLASSES, weighting="code", size=32, width=0.25)
    found = validate(FACES, LABELS)(network)
    scores = network.predict(FACES, verbose=0)
    for task, labels in LABELS.items():
        assert found[f"val_{task}_accuracy"] == pytest.approx(np.mean(scores[task].argmax(1) == labels))
    assert found["val_accuracy"] == pytest.approx(
        (found["val_age_accuracy"] + found["val_gender_accuracy"]) / 2
    )
