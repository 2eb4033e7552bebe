"""The paper's networks: LeNet for age, three convolutions for one task or for both."""

from __future__ import annotations

from collections.abc import Mapping

import keras
from keras import layers, ops

from common.layers import LocalResponseNormalization, TrainableSubsampling
from common.losses import TaskWeight
from common.networks import residual_age_network, scaled_channels
from common.number_formats import wide

FILTERS = ((7, 32, 2), (5, 64, 1), (3, 64, 1))
"""Side, number and stride of the filters of the three convolutions (III.C)."""

HIDDEN = (512, 100)
"""Neurons of FC6 and FC7 (III.C)."""

VARIANTS = ("text", "code", "plain")
"""The network as the text has it (III.C), as the authors' code has it, and the text's without LRN."""

_LENET_OUTPUT = 84
_SMALLEST = 32


def lenet(classes: int = 4, size: int = 128, shared: bool = True) -> keras.Model:
    """Build LeNet for one task, "age", from (B, size, size, channels) uint8.

    A face of 128 px passes through (III.B.2)

    ===== =========== ============================================= ==================
    layer output      what                                          parameters
    ===== =========== ============================================= ==================
    C1    124x124x6   5x5                                           156
    S2    62x62x6     2x2 sums, weight, bias, sigmoid               12
    C3    58x58x16    5x5                                           416
    S4    29x29x16    as S2                                         32
    C5    25x25x120   5x5, tanh                                     48,120
    F6    84          dense, tanh
    F7    4           dense
    ===== =========== ============================================= ==================

    C1 computes "a linear combination of all the pixel values" and has no function after it; nor has C3. The
    tanh of C5 and F6, and the 84 neurons of F6, are LeCun et al.'s: the text gives none.

    Args:
        classes: of the answer.
        size: side of the faces in pixels, at least 32.
        shared: C3 has the printed 416 parameters: a filter of 25 weights and a bias for each of its 16 maps,
            which all six maps of S2 share. Otherwise it has a filter for each pair of maps, 2,416 parameters.

    Reference: Kang, Jiang and Li, III.B.2; LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning
    Applied to Document Recognition", Proceedings of the IEEE 1998, II.B.
    """
    faces, x = _faces(size)
    x = layers.Conv2D(6, 5, name="C1")(x)
    x = TrainableSubsampling(2, name="S2")(x)
    if shared:
        x = _MapSum(name="S2_sum")(x)
    x = layers.Conv2D(16, 5, name="C3")(x)
    x = TrainableSubsampling(2, name="S4")(x)
    x = layers.Conv2D(120, 5, activation="tanh", name="C5")(x)
    x = layers.Flatten(name="maps")(x)
    x = layers.Dense(_LENET_OUTPUT, activation="tanh", name="F6")(x)
    return keras.Model(faces, {"age": _log_probabilities(x, "age", classes)}, name="lenet")


def face_network(
    tasks: Mapping[str, int],
    variant: str = "text",
    weighting: str | None = None,
    size: int = 128,
    width: float = 1.0,
    dropout: float = 0.0,
    channels: int = 1,
) -> keras.Model:
    """Build the three convolutions with a head for each task, from (B, size, size, 1) uint8 faces.

    A face of 128 px passes through

    ===== =================== ================================================================
    layer output              what
    ===== =================== ================================================================
    conv1 64x64x32 -> 32x32   7x7/2, ReLU, 3x3/2 max pooling, local response normalisation
    conv2 32x32x64 -> 16x16   5x5, the same
    conv3 16x16x64 -> 8x8     3x3, the same; without the normalisation in the variant "code"
    FC6   512                 dense, ReLU, dropout; one a task, or one for all in "code"
    FC7   100                 dense, ReLU, dropout; one a task
    FC8   4 or 2              dense; one a task
    ===== =================== ================================================================

    The text gives all three convolutions "stride 2 and padding 2" but outputs of 64, 32 and 16 px, which
    hold with strides 2, 1 and 1 and a padding that keeps the size, as in the code. With a single task it is
    the network of III.B.1.

    Args:
        tasks: number of classes by task, as `reproductions.age_gender.labels.CLASSES` or a part of it.
        variant: a name of `VARIANTS`; "plain" has no local response normalisation.
        weighting: form of `common.losses.TaskWeight`; None gives every task the weight 1.
        size: side of the faces in pixels, at least 32.
        width: factor on filters and neurons, see `common.networks.scaled_channels`.
        dropout: share of FC6 and FC7 dropped in training.
        channels: of the faces, 1 grey as in the paper or 3 in colour.

    Returns:
        A model whose outputs are, by task, scores (B, classes) for `common.losses.NegativeScore`: log
        probabilities where `weighting` is None.

    Reference: Kang, Jiang and Li, III.C and Eq. 5 to 7.
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant is one of {', '.join(VARIANTS)}, not {variant!r}")
    faces, x = _faces(size, channels)
    for number, (side, count, stride) in enumerate(FILTERS, start=1):
        x = layers.Conv2D(
            scaled_channels(count, width),
            side,
            strides=stride,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
            name=f"conv{number}",
        )(x)
        steps = [layers.MaxPooling2D(3, 2, padding="same", name=f"pool{number}")]
        if variant == "text" or (variant == "code" and number < len(FILTERS)):
            steps.append(LocalResponseNormalization(name=f"norm{number}"))
        # The text pools and then normalises, the code the other way round.
        for layer in reversed(steps) if variant == "code" else steps:
            x = layer(x)
    x = layers.Flatten(name="maps")(x)
    counts = [scaled_channels(count, width) if width != 1 else count for count in HIDDEN]
    if variant == "code":
        x = _hidden(x, counts[0], dropout, "FC6")
    outputs = {}
    for task, classes in tasks.items():
        y = x if variant == "code" else _hidden(x, counts[0], dropout, f"{task}_FC6")
        y = _hidden(y, counts[1], dropout, f"{task}_FC7")
        outputs[task] = _log_probabilities(y, task, classes, weighting)
    return keras.Model(faces, outputs, name="face_network")


def residual_network(
    tasks: Mapping[str, int],
    weighting: str | None = None,
    size: int = 96,
    width: float = 1.0,
    dropout: float = 0.0,
    channels: int = 3,
) -> keras.Model:
    """Build the 18 residual layers of Kwak et al. with a dense head for each task.

    Args:
        tasks, weighting, size, dropout, channels: as of `face_network`.
        width: factor on the channels, as of `common.networks.residual_age_network`.

    Returns:
        A model with the outputs of `face_network`.
    """
    faces, x = _faces(size, channels)
    layers_of_ages = residual_age_network(18, 1, size, width, dropout, input_channels=channels)
    x = keras.Model(layers_of_ages.input, layers_of_ages.get_layer("dropout").output, name="residual")(x)
    outputs = {task: _log_probabilities(x, task, classes, weighting) for task, classes in tasks.items()}
    return keras.Model(faces, outputs, name="residual_network")


def probabilities(model: keras.Model) -> keras.Model:
    """Return the part of a network that answers: from uint8 faces to probabilities (B, classes) by task.

    They come from the logits, which a task's weight does not touch.
    """
    answers = {
        task: layers.Softmax(dtype=wide(), name=f"{task}_probabilities")(
            model.get_layer(f"{task}_logits").output
        )
        for task in model.output
    }
    return keras.Model(model.input, answers, name="classifier")


@keras.saving.register_keras_serializable(package="age_gender")
class _MapSum(layers.Layer):
    """Sums all maps into one: what is convolved next has one filter for all of them."""

    def call(self, inputs):
        return ops.sum(inputs, axis=-1, keepdims=True)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], 1)


def _faces(size: int, channels: int = 1):
    if size < _SMALLEST:
        raise ValueError(f"size is at least {_SMALLEST} pixels, not {size}")
    faces = keras.Input((size, size, channels), dtype="uint8", name="faces")
    return faces, layers.Rescaling(1 / 128, -127.5 / 128, name="normalise")(faces)


def _hidden(x, count: int, dropout: float, name: str):
    x = layers.Dense(count, activation="relu", kernel_initializer="he_normal", name=name)(x)
    return layers.Dropout(dropout, name=f"{name}_dropout")(x) if dropout else x


def _log_probabilities(x, task: str, classes: int, weighting: str | None = None):
    logits = layers.Dense(classes, dtype=wide(), name=f"{task}_logits")(x)
    if weighting is not None:
        return TaskWeight(weighting, name=f"{task}_weight")(logits)
    return layers.Activation("log_softmax", dtype=wide(), name=f"{task}_scores")(logits)
