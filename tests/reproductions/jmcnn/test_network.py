"""The network of Fig. 2 and 3: the text's sizes, the heads, and that the loss is Eq. 4."""

import keras
import numpy as np
import pytest

from common.layers import cosine_similarity
from reproductions.jmcnn.fig3 import describe, draw
from reproductions.jmcnn.network import Heads, backbone, embedder, jmcnn

FACES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)


def small(heads: Heads) -> keras.Model:
    return jmcnn(heads, size=32, width=0.125)


def test_the_text_gives_these_sizes():
    network = describe()
    outputs = {stage["name"]: stage["output"] for stage in network["stages"]}
    assert outputs["F1"] == "1024"
    assert [[part["units"] for part in head] for head in network["heads"]] == [
        [1024, 768, 10575],
        [1024, 768, 9],
    ]
    what = {stage["name"]: stage["what"] for stage in network["stages"]}
    assert what["stem"].startswith("3x3/2 (32), 3x3 (32)")
    assert sum("max pooling" in text for text in what.values()) == 3
    assert [outputs[f"pool{n}"] == outputs[f"unit{n}"] for n in (1, 2, 3)] == [True] * 3
    assert "1x7 (64), 7x1 (64)" in what["unit2"]
    assert "1x3 (128), 3x1 (128)" in what["unit3"]
    assert "1x1" not in what["unit1"]


def test_a_quarter_of_the_width_is_a_quarter_of_the_channels():
    model = backbone(128, 0.25)
    assert model.output_shape == (None, 256)
    assert model.get_layer("conv3").output.shape[-1] == 128
    with pytest.raises(ValueError, match="at least 32 pixels"):
        backbone(16)


def test_the_baseline_has_no_age_head():
    model = small(Heads(people=5))
    assert set(model.output) == {"identity"}
    assert model.predict({"faces": FACES}, verbose=0)["identity"].shape == (4, 5)
    assert model.losses == []


def test_the_joint_loss_is_equation_4():
    weight = 0.3
    model = small(Heads(people=5, age_groups=9, weight=weight))
    model.compile(
        loss={k: keras.losses.SparseCategoricalCrossentropy(from_logits=True) for k in model.output}
    )
    labels = {"identity": np.array([0, 1, 2, 4]), "age_group": np.array([8, 0, 3, 3])}
    found = model.evaluate({"faces": FACES}, labels, verbose=0, return_dict=True)["loss"]
    parts = keras.Model(model.input, [model.get_layer("F4").output, model.get_layer("F5").output])
    cosine = np.mean(cosine_similarity(*parts.predict({"faces": FACES}, verbose=0)))
    logits = model.predict({"faces": FACES}, verbose=0)
    expected = weight * cosine
    for name, truth in labels.items():
        shifted = logits[name] - logits[name].max(axis=1, keepdims=True)
        expected += np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(4), truth])
    assert found == pytest.approx(expected, rel=1e-4)


def test_with_a_margin_the_labels_are_an_input():
    model = small(Heads(people=5, margin=0.35, scale=32.0))
    labels = np.array([0, 1, 2, 4])
    logits = model.predict({"faces": FACES, "identity": labels}, verbose=0)["identity"]
    features = embedder(model).predict(FACES, verbose=0)
    kernel = model.get_layer("identity_logits").get_weights()[0]
    cosines = features @ kernel / np.linalg.norm(features, axis=1)[:, None] / np.linalg.norm(kernel, axis=0)
    cosines[np.arange(4), labels] -= 0.35
    np.testing.assert_allclose(logits, 32 * cosines, rtol=1e-3, atol=1e-3)


def test_only_the_identity_features_recognise():
    model = small(Heads(people=5, age_groups=9, weight=0.1))
    part = embedder(model)
    assert part.output_shape == (None, 768)
    assert not {"F3", "F5", "age_group_logits"} & {layer.name for layer in part.layers}
    assert (part.predict(FACES, verbose=0) < 0).any()


def test_the_figure_draws_branches_as_branches_in_a_pages_width():
    figure = draw(describe())
    assert figure.get_figwidth() * 150 <= 1000, "pixels"
    texts = [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    assert not any("|" in text for text in texts)
    assert sum("1x7" in text for text in texts) == sum("1x3" in text for text in texts) == 1
