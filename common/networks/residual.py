"""The 18 and 34 layer residual networks that read an age from a face."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from common.networks.convolutions import Convolutions, logits_of, scaled_channels

UNITS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}
"""Residual units of conv2_x to conv5_x, by depth."""

CHANNELS = (64, 128, 256, 512)
"""Channels of conv2_x to conv5_x at width 1; conv1 has those of conv2_x."""

ORDERS = ("post", "pre")


def residual_age_network(
    depth: int = 18,
    outputs: int = 100,
    size: int | None = 224,
    width: float = 1.0,
    dropout: float = 0.2,
    order: str = "post",
    input_channels: int = 3,
    synchronized: bool = False,
    name: str | None = None,
    slope: float = 0.0,
    first_stride: int = 1,
) -> keras.Model:
    """Build the network of the paper's Table 1: conv1, pooling, four stages of residual units, dense.

    The text gives the first 3x3 convolution stride 1, the table 112 pixels after it: both hold when 112 is
    read after the 3x3/2 max pooling. A 224 px image then passes through

    ========= ============ ============================================ ===========
    layer     output       convolutions                                 units 18/34
    ========= ============ ============================================ ===========
    conv1_x   112x112x64   3x3/1, then 3x3/2 max pooling                1
    conv2_x   56x56x64     [3x3, 3x3]                                   2 / 3
    conv3_x   28x28x128    [3x3, 3x3]                                   2 / 4
    conv4_x   14x14x256    [3x3, 3x3]                                   2 / 6
    conv5_x   7x7x512      [3x3, 3x3]                                   2 / 3
    logits    100          average pooling, dropout, dense
    ========= ============ ============================================ ===========

    The *second* convolution of a stage's first unit has stride 2. Where a unit changes the shape its shortcut
    is a 1x1 projection of stride 2, elsewhere the identity. Every convolution is followed by batch
    normalisation (5.3) and so has no bias. Kernels start from He et al.'s normal distribution (5.3, "[20]").
    A layer named as in the table holds each stage's output.

    Args:
        depth: 18 or 34.
        outputs: numbers an image; a loss says how many it needs (`AgeLoss.outputs`).
        size: side of the square input in pixels, at least 32; None takes any, as a training on
            growing images needs.
        width: factor on the channels, see `scaled_channels`.
        dropout: probability of dropping a feature before the dense layer (the paper keeps 0.8).
        order: "post", convolution - normalisation - ReLU with a ReLU after the sum, or "pre", normalisation -
            ReLU - convolution and nothing after the sum. The paper's reference [4] is the pre-activation
            article, but its text normalises "in each convolutional layer" and draws plain units: "post" is
            the reading here, and "pre" the variant.
        input_channels: 3 for colour, 1 for grey.
        synchronized: take batch statistics over all replicas, so that 1 and N replicas train alike.
        name: the model's name, by default "residual_age_<depth>".
        slope: of the activations where what they take is negative; 0 is the paper's ReLU.
        first_stride: of conv1, 1 in the paper, "to preserve higher aging feature map resolution" (4.2).

    Returns:
        A functional model from images (B, size, size, input_channels), normalised to about [-1, 1], to
        logits (B, outputs). Under a half-precision policy the logits are float32 all the same.

    Raises:
        ValueError: an argument outside what is said above.

    Reference: Kwak, Om, Han and Kim, "Neighborhood Loss for Age Estimation from Face Image using
    Convolutional Neural Network", 4.2, Table 1 and 5.3.
    """
    if depth not in UNITS:
        raise ValueError(f"depth is one of {', '.join(map(str, UNITS))}, not {depth}")
    if order not in ORDERS:
        raise ValueError(f"order is one of {', '.join(ORDERS)}, not {order!r}")
    if size is not None and size < 32:
        raise ValueError(f"size is at least 32 pixels, for five halvings, not {size}")
    build = _Builder(order, synchronized, slope)
    channels = [scaled_channels(count, width) for count in CHANNELS]
    images = keras.Input((size, size, input_channels), name="images")
    x = build.convolution(images, channels[0], name="conv1", stride=first_stride)
    x = build.normalised_relu(x, "conv1")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="conv1_x")(x)
    for stage, (units, count) in enumerate(zip(UNITS[depth], channels, strict=True), start=2):
        for unit in range(1, units + 1):
            label = f"conv{stage}_{unit}"
            last = f"conv{stage}_x" if unit == units else f"{label}_out"
            x = build.unit(x, count, 2 if unit == 1 else 1, label, last)
    if order == "pre":
        x = build.normalised_relu(x, "final")
    return keras.Model(images, logits_of(x, outputs, dropout), name=name or f"residual_age_{depth}")


def decay_exclusions(model: keras.Model, decayed: Sequence[str] = ("kernel",)) -> list[keras.Variable]:
    """Return the trainable variables of `model` that weight decay spares: all but those named `decayed`.

    Decay shrinks the kernels; on biases and on the scales and offsets of batch normalisation it would pull
    the function itself towards zero without making it any smoother. For a decoupled decay, before the
    optimizer is built: `optimizer.exclude_from_weight_decay(var_list=decay_exclusions(model))`.
    """
    return [variable for variable in model.trainable_variables if variable.name not in decayed]


class _Builder(Convolutions):
    """The residual units of one network, which share their options."""

    def __init__(self, order: str, synchronized: bool, slope: float) -> None:
        super().__init__(synchronized, slope)
        self.order = order

    def unit(self, x, count: int, stride: int, label: str, last: str):
        unit = self._post_activation if self.order == "post" else self._pre_activation
        return unit(x, count, stride, label, last)

    def _post_activation(self, x, count: int, stride: int, label: str, last: str):
        shortcut = x
        if stride != 1 or x.shape[-1] != count:
            shortcut = self.convolution(x, count, f"{label}_shortcut", size=1, stride=stride)
            shortcut = self.normalised(shortcut, f"{label}_shortcut")
        x = self.convolution(x, count, f"{label}_a")
        x = self.normalised_relu(x, f"{label}_a")
        x = self.convolution(x, count, f"{label}_b", stride=stride)
        x = self.normalised(x, f"{label}_b")
        x = layers.Add(name=f"{label}_sum")([x, shortcut])
        return layers.ReLU(negative_slope=self.slope, name=last)(x)

    def _pre_activation(self, x, count: int, stride: int, label: str, last: str):
        shortcut = x
        x = self.normalised_relu(x, f"{label}_a")
        if stride != 1 or x.shape[-1] != count:
            shortcut = self.convolution(x, count, f"{label}_shortcut", size=1, stride=stride)
        x = self.convolution(x, count, f"{label}_a")
        x = self.normalised_relu(x, f"{label}_b")
        x = self.convolution(x, count, f"{label}_b", stride=stride)
        return layers.Add(name=last)([x, shortcut])
