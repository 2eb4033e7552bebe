"""The twins in PyTorch are the suite's networks: as many parameters, the same faces, recipes and losses."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from benchmarks.twins.recipes import TWINS, twin_recipe
from common.losses import NeighborhoodLoss
from reproductions.shared.harness.trainings import every_training

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="requirements-bench.txt is not installed"
)


@pytest.mark.parametrize("profile", ["smoke", "cpu", "gpu", "paper"])
def test_recipes_are_those_of_the_trainings(profile):
    trainings = every_training(profile)
    assert TWINS.keys() <= trainings.keys()
    for name in TWINS:
        recipe, training = twin_recipe(name, profile, "float32"), trainings[name]
        assert (recipe["size"], recipe["batch"]) == (training.size, training.batch)
        assert type(training.augmentation)(**recipe["augmentation"]) == training.augmentation


def test_other_networks_and_formats_have_no_twin():
    assert twin_recipe("age-gender/joint", "cpu", "float32") is None
    assert twin_recipe("neighborhood/neighborhood-18", "cpu", "float16") is None


@needs_torch
@pytest.mark.parametrize("name", TWINS)
def test_a_twin_has_as_many_parameters_and_learns(name):
    import torch

    from benchmarks.speed.twin import Noise, arithmetic, built, parameters
    from benchmarks.twins.optimizers import Optimizer

    model = every_training("smoke")[name].built("float32")
    recipe = twin_recipe(name, "smoke", "bfloat16") | {"batch": 4}
    twin = built(recipe)
    assert parameters(twin) == sum(int(np.prod(one.shape)) for one in model.trainable_variables)
    faces, labels = Noise(recipe, twin.labels)[0]
    before = {name: one.detach().clone() for name, one in twin.named_parameters()}
    optimizer = Optimizer(twin, recipe["optimizer"])
    for _ in range(2):
        with arithmetic("bfloat16"):
            outputs = twin(faces.permute(0, 3, 1, 2), labels)
            loss = twin.loss(outputs, labels)
        optimizer.step(loss)
        assert torch.isfinite(loss)
    kernels = {name: one for name, one in twin.named_parameters() if one.ndim > 1}
    assert all(torch.isfinite(one).all() and not one.equal(before[name]) for name, one in kernels.items())


@needs_torch
def test_the_neighborhood_loss_is_ours():
    import torch

    from benchmarks.speed.twin import built

    twin = built(twin_recipe("neighborhood/neighborhood-18", "smoke", "float32"))
    random = np.random.default_rng(0)
    logits, ages = random.normal(size=(5, 100)).astype(np.float32), random.integers(0, 100, 5)
    theirs = twin.loss({"age": torch.from_numpy(logits)}, {"age": torch.from_numpy(ages)})
    assert theirs.item() == pytest.approx(float(NeighborhoodLoss(sigma=5.0)(ages, logits)), rel=1e-5)


@needs_torch
def test_an_orthogonal_step_is_ours():
    import keras
    import torch

    from benchmarks.twins.optimizers import ConvolutionalMuon as Theirs
    from common.training.optimizers import ConvolutionalMuon

    random = np.random.default_rng(0)
    kernel, gradient = random.normal(size=(2, 3, 3, 4, 6)).astype(np.float32)
    ours = keras.Variable(kernel, name="kernel")
    optimizer = ConvolutionalMuon(0.1, weight_decay=0.2)
    theirs = torch.nn.Parameter(torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy()))
    other = Theirs([theirs], 0.1, 0.2, narrow=False)
    for _ in range(2):
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [ours])
        theirs.grad = torch.from_numpy(gradient.transpose(3, 2, 0, 1).copy())
        other.step()
    found = theirs.detach().numpy().transpose(2, 3, 1, 0)
    np.testing.assert_allclose(found, ours.numpy(), atol=2e-4)
