"""Every network as the papers print it: its shapes, its number formats, its memory, and that it learns."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from common.training.adversarial import AdversarialModel
from common.training.memory import training_bytes
from reproductions.shared.harness.registry import papers
from reproductions.shared.harness.setups import every_setup
from reproductions.shared.harness.trainings import Training, every_training

TRAININGS = every_training("paper")
REPLICAS = {study: setup.replicas for study, setup in every_setup(papers()).values()}
SMALLEST_GPU = 11 * 2**30
"""Bytes of the GTX 2080Ti of MTLFace's authors; the Titan XP has one GiB more."""


@pytest.fixture(autouse=True)
def _without_what_was_built_before():
    keras.backend.clear_session()


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("name", TRAININGS)
def test_a_network_of_full_size_has_its_shapes_and_fits_the_papers_gpus(name):
    training = TRAININGS[name]
    model = training.built("bfloat16")
    assert {variable.dtype for variable in model.trainable_variables} == {"float32"}
    assert "bfloat16" in {layer.compute_dtype for layer in model._flatten_layers(include_self=False)}
    if training.outputs is None:
        assert isinstance(model, AdversarialModel)
        assert model.generator.output.shape == (None, training.size, training.size, 3)
    else:
        outputs = model.output if isinstance(model.output, dict) else {"logits": model.output}
        assert {name: output.shape[1:] for name, output in outputs.items()} == training.outputs
    replicas = REPLICAS.get(name.partition("/")[0], 1)
    assert training_bytes(model, training.batch // replicas) < SMALLEST_GPU


@pytest.mark.full_size
@pytest.mark.parametrize("name", [name for name, training in TRAININGS.items() if training.outputs])
def test_the_answers_of_a_network_of_full_size_are_float32_whatever_it_computes_in(name):
    inputs = TRAININGS[name].example(2, np.random.default_rng(0))[0]
    answers = TRAININGS[name].built("bfloat16")(inputs)
    assert {answer.dtype.name for answer in keras.tree.flatten(answers)} == {"float32"}


@pytest.mark.full_size
@pytest.mark.parametrize("name", TRAININGS)
def test_a_network_of_full_size_makes_a_step_on_two_faces(name):
    model, before, after = stepped(TRAININGS[name])
    assert all(np.isfinite(weight).all() for weight in after)
    moved = [np.any(a != b) for a, b in zip(before, after, strict=True)]
    assert np.mean(moved) > 0.9, [
        v.path for v, m in zip(model.trainable_variables, moved, strict=True) if not m
    ]


def stepped(training: Training) -> tuple[keras.Model, list[np.ndarray], list[np.ndarray]]:
    """Return a network after a step on two faces, and its trainable weights before and after."""
    keras.utils.set_random_seed(0)
    model = training.built("float32")
    before = [variable.numpy() for variable in model.trainable_variables]
    model.train_on_batch(*training.example(2, np.random.default_rng(0)))
    return model, before, [variable.numpy() for variable in model.trainable_variables]
