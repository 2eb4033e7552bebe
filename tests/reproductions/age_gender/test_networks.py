"""The networks against the sizes and counts that the paper prints."""

import keras
import numpy as np
import pytest

from common.losses import NegativeScore
from common.networks import residual_age_network
from reproductions.age_gender.labels import CLASSES
from reproductions.age_gender.networks import face_network, lenet, probabilities, residual_network

FACES = np.random.default_rng(0).integers(0, 256, (4, 48, 48, 1), np.uint8)


def test_lenet_has_the_printed_counts():
    network = lenet()
    first = network.get_layer("C1")
    assert first.count_params() == 156
    # "Also, we can compute the number of links we have in this layer which is 2398656" (III.B.2).
    assert 156 * 124 * 124 == first.count_params() * np.prod(first.output.shape[1:3]) == 2_398_656
    counts = {name: network.get_layer(name).count_params() for name in ("S2", "C3", "S4")}
    assert counts == {"S2": 12, "C3": 416, "S4": 32}
    shapes = {name: network.get_layer(name).output.shape[1:] for name in ("C1", "S2", "C3", "S4", "C5")}
    assert shapes == {
        "C1": (124, 124, 6),
        "S2": (62, 62, 6),
        "C3": (58, 58, 16),
        "S4": (29, 29, 16),
        "C5": (25, 25, 120),
    }
    assert lenet(shared=False).get_layer("C3").count_params() == 2416


def test_a_shared_filter_is_the_same_filter_for_every_map():
    """The 416 parameters are a whole convolution whose six kernels are equal."""
    shared, whole = lenet(size=48), lenet(size=48, shared=False)
    for layer in shared.layers:
        if layer.weights and layer.name != "C3":
            whole.get_layer(layer.name).set_weights(layer.get_weights())
    kernel, bias = shared.get_layer("C3").get_weights()
    whole.get_layer("C3").set_weights([np.repeat(kernel, 6, axis=2), bias])
    np.testing.assert_allclose(
        whole.predict(FACES, verbose=0)["age"], shared.predict(FACES, verbose=0)["age"], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("variant", ["text", "code"])
def test_the_printed_sizes_of_the_three_convolutions(variant):
    network = face_network(CLASSES, variant)
    shapes = {
        name: network.get_layer(name).output.shape[1:] for n in (1, 2, 3) for name in (f"conv{n}", f"pool{n}")
    }
    assert shapes == {
        "conv1": (64, 64, 32),
        "pool1": (32, 32, 32),
        "conv2": (32, 32, 64),
        "pool2": (16, 16, 64),
        "conv3": (16, 16, 64),
        "pool3": (8, 8, 64),
    }
    assert {name: tuple(output.shape) for name, output in network.output.items()} == {
        "age": (None, 4),
        "gender": (None, 2),
    }


def test_text_and_code_differ_in_the_third_normalisation_and_in_what_is_shared():
    text, code = (face_network(CLASSES, variant) for variant in ("text", "code"))
    names = {"text": {one.name for one in text.layers}, "code": {one.name for one in code.layers}}
    assert names["text"] - names["code"] == {"norm3", "age_FC6", "gender_FC6"}
    assert names["code"] - names["text"] == {"FC6"}
    order = [[one.name for one in network.layers] for network in (text, code)]
    assert [one.index("pool1") < one.index("norm1") for one in order] == [True, False]
    assert code.get_layer("FC6").count_params() == 4096 * 512 + 512
    assert text.get_layer("age_FC6").count_params() == text.get_layer("gender_FC6").count_params()
    assert text.get_layer("age_FC7").count_params() == 512 * 100 + 100


def test_a_single_task_is_the_same_network_with_one_head():
    joint, single = face_network(CLASSES), face_network({"gender": 2})
    assert {one.name for one in single.layers} < {one.name for one in joint.layers}
    assert set(single.output) == {"gender"}


@pytest.mark.parametrize("weighting", [None, "text", "code", "constrained"])
def test_at_the_start_the_loss_is_the_sum_of_the_tasks_cross_entropies(weighting):
    network = face_network(CLASSES, weighting=weighting, size=48, width=0.25)
    network.compile(loss={task: NegativeScore(count) for task, count in CLASSES.items()})
    labels = {"age": np.array([0, 3, 1, 2]), "gender": np.array([0, 1, 1, 0])}
    found = network.evaluate(FACES, labels, verbose=0, return_dict=True)["loss"]
    answers = probabilities(network).predict(FACES, verbose=0)
    expected = sum(-np.mean(np.log(answers[task][np.arange(4), labels[task]])) for task in labels)
    assert found == pytest.approx(expected, rel=1e-4)


def test_answers_are_probabilities_that_no_weight_touches():
    network = face_network(CLASSES, weighting="text", size=48, width=0.25)
    before = probabilities(network).predict(FACES, verbose=0)
    network.get_layer("age_weight").weight.assign(-3.0)
    after = probabilities(network).predict(FACES, verbose=0)
    np.testing.assert_allclose(before["age"].sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(before["age"], after["age"])


def test_half_precision_answers_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = face_network(CLASSES, weighting="constrained", size=48, width=0.25, dropout=0.5)
        answers = probabilities(network).predict(FACES, verbose=0)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {answer.dtype for answer in answers.values()} == {np.dtype("float32")}


def test_a_network_is_saved_and_loaded(tmp_path):
    for network in (lenet(size=48), face_network(CLASSES, weighting="code", size=48, width=0.25)):
        network.save(tmp_path / "network.keras")
        loaded = keras.saving.load_model(tmp_path / "network.keras")
        np.testing.assert_allclose(
            loaded.predict(FACES, verbose=0)["age"], network.predict(FACES, verbose=0)["age"], rtol=1e-5
        )


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="variant is one of text, code, plain, not 'paper'"):
        face_network(CLASSES, "paper")
    with pytest.raises(ValueError, match="size is at least 32 pixels, not 16"):
        lenet(size=16)


def test_residual_layers_are_those_of_the_ages_with_a_head_for_each_task():
    """At width 1 the 18 layers without their dense layer, and 512 weights and a bias for each class."""
    network = residual_network(CLASSES, "code", 64)
    of_ages = residual_age_network(18, 100, 64).count_params() - 513 * 100
    # A weight of the loss for each task.
    assert network.count_params() == of_ages + 513 * sum(CLASSES.values()) + len(CLASSES)
    answers = probabilities(network).predict(np.zeros((4, 64, 64, 3), np.uint8), verbose=0)
    assert {task: one.shape for task, one in answers.items()} == {"age": (4, 4), "gender": (4, 2)}


def test_the_plain_network_is_the_text_s_without_local_response_normalisation():
    kinds = {
        variant: [type(layer).__name__ for layer in face_network(CLASSES, variant, size=48).layers]
        for variant in ("text", "plain")
    }
    assert [kind for kind in kinds["text"] if kind != "LocalResponseNormalization"] == kinds["plain"]
    assert kinds["text"].count("LocalResponseNormalization") == 3
