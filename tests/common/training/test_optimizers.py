"""The steps of ConvolutionalMuon against the orthogonal factor that SciPy finds, and against Adam."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import linalg

from common.training.optimizers import Adam, ConvolutionalMuon, muon
from common.training.strategy import make_strategy
from tests.support import forked

RANDOM = np.random.default_rng(0)


def step(shape: tuple[int, ...], path: str = "hidden", **options) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient of a first step from zero and what it subtracts, divided by the learning rate."""
    gradient = RANDOM.normal(size=shape).astype("float32")
    variable = keras.Variable(np.zeros(shape, "float32"), name=path)
    optimizer = ConvolutionalMuon(0.5, weight_decay=None, adam_weight_decay=None, **options)
    optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
    return gradient, -variable.numpy() / 0.5


@pytest.mark.parametrize("dtype", [None, "bfloat16"])
@pytest.mark.parametrize("shape", [(3, 3, 8, 16), (1, 7, 16, 8), (40, 20), (20, 40)])
def test_a_matrix_moves_along_the_nearest_orthogonal_one(shape, dtype):
    gradient, moved = step(shape, ns_steps=5, orthogonal_dtype=dtype)
    matrix = gradient.reshape(-1, shape[-1])
    orthogonal, _ = linalg.polar(matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T)
    if matrix.shape[0] < matrix.shape[1]:
        orthogonal = orthogonal.T
    scale = 0.2 * np.sqrt(max(matrix.shape))
    found = moved.reshape(matrix.shape) / scale
    # Five steps of this quintic bring singular values near 1, within about 0.3, and keep their vectors.
    values = np.linalg.svd(found, compute_uv=False)
    assert values.min() > 0.6
    assert values.max() < 1.3
    cosine = np.sum(found * orthogonal) / np.linalg.norm(found) / np.linalg.norm(orthogonal)
    assert cosine > 0.97


def test_a_convolution_moves_as_its_matrix_does():
    kernel = RANDOM.normal(size=(3, 3, 4, 6)).astype("float32")
    moved = []
    for shape in (kernel.shape, (36, 6)):
        variable = keras.Variable(np.ones(shape, "float32"), name="hidden")
        optimizer = ConvolutionalMuon(0.1)
        for sign in (1, -0.5, 2):
            optimizer.apply([keras.ops.convert_to_tensor(sign * kernel.reshape(shape))], [variable])
        moved.append(variable.numpy().ravel())
    np.testing.assert_allclose(*moved, rtol=1e-5)


@pytest.mark.parametrize(("shape", "path"), [((7,), "hidden"), ((6, 5), "logits"), ((3, 3, 3, 8), "conv1")])
def test_the_rest_moves_as_by_adam(shape, path):
    gradient, moved = step(shape, path, exclude_layers=["logits", "conv1"])
    variable = keras.Variable(np.zeros(shape, "float32"))
    keras.optimizers.Adam(0.5, epsilon=1e-7).apply([keras.ops.convert_to_tensor(gradient)], [variable])
    np.testing.assert_allclose(moved, -variable.numpy() / 0.5, rtol=1e-3)


class OneByOne(ConvolutionalMuon):
    """Goes from variable to variable as Keras does."""

    _backend_update_step = keras.optimizers.Muon._backend_update_step
    _apply_weight_decay = keras.optimizers.Muon._apply_weight_decay
    _update_model_variables_moving_average = keras.optimizers.Muon._update_model_variables_moving_average


def test_all_variables_together_move_as_one_by_one():
    shapes = [(3, 3, 4, 6), (6,), (3, 3, 4, 6), (5, 8), (8,), (5, 8), (3, 3, 4, 6)]
    start = [RANDOM.normal(size=shape).astype("float32") for shape in shapes]
    gradients = [[RANDOM.normal(size=shape).astype("float32") for shape in shapes] for _ in range(3)]
    states = []
    for kind in (ConvolutionalMuon, OneByOne):
        variables = [keras.Variable(value, name=f"v{place}") for place, value in enumerate(start)]
        rates = keras.optimizers.schedules.CosineDecay(0.1, 5)
        settings = {"weight_decay": 0.2, "adam_weight_decay": 0.1, "use_ema": True, "ema_momentum": 0.9}
        optimizer = kind(rates, exclude_layers=["v3"], **settings)
        optimizer.exclude_from_weight_decay(var_list=variables[1:2])
        for one in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(value) for value in one], variables)
        states.append([one.numpy() for one in (*variables, *optimizer.variables)])
    for together, one_by_one in zip(*states, strict=True):
        np.testing.assert_allclose(together, one_by_one, rtol=2e-5, atol=1e-6)


def test_adam_moves_as_keras_adam_does():
    shapes = [(4, 3), (3,), (2, 2, 3, 5)]
    start = [RANDOM.normal(size=shape).astype("float32") for shape in shapes]
    gradients = [[RANDOM.normal(size=shape).astype("float32") for shape in shapes] for _ in range(3)]
    states = []
    for kind in (Adam, keras.optimizers.Adam):
        variables = [keras.Variable(value, name=f"v{place}") for place, value in enumerate(start)]
        optimizer = kind(0.1, 0.5, 0.99, 1e-8)
        for one in gradients:
            optimizer.apply([keras.ops.convert_to_tensor(value) for value in one], variables)
        states.append([one.numpy() for one in (*variables, *optimizer.variables)])
    for own, other in zip(*states, strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-7)


def moved_by_replicas(strategy: tf.distribute.Strategy, kind, settings: dict) -> tuple[list, int]:
    """Return all that steps of an optimizer leave where each replica has its part of the gradients.

    Beside it, how many operations a step has.
    """
    random = np.random.default_rng(1)
    shapes = [(3, 3, 4, 6), (6,), (3, 3, 4, 6), (5, 8), (8,)]
    with strategy.scope():
        variables = [keras.Variable(random.normal(size=shape), dtype="float32") for shape in shapes]
        optimizer = kind(0.1, use_ema=True, ema_momentum=0.9, **settings)
        optimizer.build(variables)

    @tf.function
    def step(gradients):
        def of_replica():
            context = tf.distribute.get_replica_context()
            # The parts of replicas 0, 1, 2 are 1/6, 2/6 and 3/6: what is not their sum is another step.
            count = context.num_replicas_in_sync
            part = (tf.cast(context.replica_id_in_sync_group, tf.float32) + 1) * 2 / (count * (count + 1))
            optimizer.apply([gradient * part for gradient in gradients], variables)

        strategy.run(of_replica)

    for _ in range(3):
        step([tf.constant(random.normal(size=shape), tf.float32) for shape in shapes])
    operations = len(
        step.get_concrete_function([tf.TensorSpec(shape) for shape in shapes]).graph.as_graph_def().node
    )
    return [one.numpy() for one in (*variables, *optimizer.variables)], operations


def compare_replicas(kind, settings: dict, base) -> None:
    strategies = make_strategy(3), tf.distribute.OneDeviceStrategy("CPU:0")
    (three, operations), (one, _) = (moved_by_replicas(strategy, kind, settings) for strategy in strategies)
    for own, other in zip(three, one, strict=True):
        np.testing.assert_allclose(own, other, rtol=2e-4, atol=1e-5)
    _, by_keras = moved_by_replicas(strategies[0], base, settings)
    assert operations < by_keras


@pytest.mark.parametrize(
    ("kind", "base", "settings"),
    [
        (Adam, keras.optimizers.Adam, {"beta_1": 0.5}),
        (ConvolutionalMuon, OneByOne, {"weight_decay": 0.2, "adam_weight_decay": 0.1}),
    ],
)
def test_replicas_move_as_one_does_in_fewer_operations_than_by_keras(kind, base, settings):
    forked.run(compare_replicas, kind, settings, base)


def test_it_is_rebuilt_from_its_configuration():
    options = {"exclude_layers": ["logits"], "adam_lr_ratio": 0.5, "orthogonal_dtype": "bfloat16"}
    optimizer = ConvolutionalMuon(0.01, **options)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(again, ConvolutionalMuon)
    assert {name: getattr(again, name) for name in options} == options


def stepped(scale: float, epsilon: float) -> np.ndarray:
    """Return how far one step moves the kernel of an answer whose loss weighs `scale`."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(3, name="answer")])
    optimizer = muon(model, 0.01, 100, weight_decay=0.0, average=None, ends=("answer",), epsilon=epsilon)
    model.compile(optimizer, "mse", loss_weights=[scale])
    before = model.get_layer("answer").kernel.numpy()
    x = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)
    model.fit(x, x[:, :3], batch_size=8, epochs=2, verbose=0)
    return model.get_layer("answer").kernel.numpy() - before


def test_a_loss_of_small_weight_is_learnt_as_fast_where_epsilon_is_smaller_than_its_gradients():
    whole = stepped(1.0, 1e-12)
    np.testing.assert_allclose(stepped(1e-6, 1e-12), whole, rtol=1e-3)
    assert np.abs(stepped(1e-6, 1e-7)).max() < 0.95 * np.abs(whole).max(), "with Keras' own it is slower"
