"""The network of Fig. 2 and 3: one backbone, an identity head and an age head, tied by their cosine."""

from __future__ import annotations

from dataclasses import dataclass

import keras
from keras import layers

from common.layers import CosFaceHead, CosineRegularizer
from common.networks.convolutions import Convolutions, scaled_channels
from common.number_formats import wide

POOL_FEATURES = 1024
"""Size of F1, the shared features, at width 1 (2.1)."""

HIDDEN = 1024
"""Size of F2 and F3 (2.1)."""

OUTPUT = 768
"""Size of F4 and F5, the identity and the age features (2.1)."""


SMALLEST = 32
"""Side of the smallest images in pixels, for four halvings."""


@dataclass(frozen=True)
class Heads:
    """What stands on the backbone.

    Attributes:
        people: number of identities, C of Eq. 1.
        age_groups: G of Eq. 2; 0 leaves the age head out: the CNN baseline.
        weight: lambda of Eq. 4.
        form: of the regulariser, see `common.layers.CosineRegularizer`.
        margin, scale: of a CosFace head in place of the softmax of Eq. 1; a margin of None keeps the softmax.
        width: factor on `HIDDEN` and `OUTPUT`.
    """

    people: int
    age_groups: int = 0
    weight: float = 0.0
    form: str = "signed"
    margin: float | None = None
    scale: float = 32.0
    width: float = 1.0


def backbone(
    size: int = 128, width: float = 1.0, synchronized: bool = False, slope: float = 0.0
) -> keras.Model:
    """Build the CNN of Fig. 3 from (B, size, size, 3) images in [-1, 1] to F1, (B, 1024 * width).

    The figure's boxes are not in the text; what the text says (2.1) is kept, and the widths it leaves open
    are chosen here once. A 128 px image passes through

    ======= ============ ==========================================================
    layer   output       what
    ======= ============ ==========================================================
    stem    64x64x64     3x3/2 (32), 3x3 (32), 3x3 (64)
    pool1   32x32x64     3x3/2 max pooling
    unit1   32x32x64     residual: 3x3, 3x3
    conv2   32x32x192    3x3
    pool2   16x16x192    3x3/2 max pooling
    unit2   16x16x192    residual inception: 1x1 | 1x1, 1x7, 7x1; then 1x1
    conv3   16x16x512    3x3
    pool3   8x8x512      3x3/2 max pooling
    unit3   8x8x512      residual inception: 1x1 | 1x1, 1x3, 3x1; then 1x1
    conv4   8x8x1024     3x3
    F1      1024         average pooling
    ======= ============ ==========================================================

    "The ReLU activation function is adopted in all convolutional layers" (2.1); batch normalisation before
    each ReLU is this suite's addition.

    Args:
        size: side of the images in pixels, at least `SMALLEST`.
        width: factor on the channels, see `common.networks.scaled_channels`.
        synchronized: take batch statistics over all replicas.
        slope: of the activations where what they take is negative; 0 is the paper's ReLU.

    Reference: Yu and Jing, "A Joint Multi-Task CNN for Cross-Age Face Recognition", 2.1 and Fig. 3.
    """
    if size < SMALLEST:
        raise ValueError(f"size is at least {SMALLEST} pixels, for four halvings, not {size}")
    build = _Builder(width, synchronized, slope)
    images = keras.Input((size, size, 3), name="images")
    x = build.convolution(images, 32, 3, "conv1_a", stride=2)
    x = build.convolution(x, 32, 3, "conv1_b")
    x = build.convolution(x, 64, 3, "stem")
    x = layers.MaxPooling2D(3, 2, padding="same", name="pool1")(x)
    x = build.residual_unit(x, 64, "unit1")
    x = build.convolution(x, 192, 3, "conv2")
    x = layers.MaxPooling2D(3, 2, padding="same", name="pool2")(x)
    x = build.inception_unit(x, 192, 64, 7, "unit2")
    x = build.convolution(x, 512, 3, "conv3")
    x = layers.MaxPooling2D(3, 2, padding="same", name="pool3")(x)
    x = build.inception_unit(x, 512, 128, 3, "unit3")
    x = build.convolution(x, POOL_FEATURES, 3, "conv4")
    return keras.Model(images, layers.GlobalAveragePooling2D(name="F1")(x), name="backbone")


def jmcnn(
    heads: Heads,
    size: int = 128,
    width: float = 1.0,
    dropout: float = 0.0,
    synchronized: bool = False,
    slope: float = 0.0,
) -> keras.Model:
    """Build the network that is trained.

    Its inputs are "faces", (B, size, size, 3) uint8 RGB, which are scaled as the paper does, "subtracted by
    127.5 and divided by 128" (3.1), and with a CosFace head "identity", (B,) labels. Its outputs are the
    logits "identity", (B, people), and with an age head "age_group", (B, age_groups). The features are the
    layers F1 to F5; F4 is the one that recognises ("only identity sensitive features are used", 1).

    Args:
        heads: what stands on the backbone.
        size, width, synchronized, slope: of the backbone.
        dropout: share of F1's features dropped in training; none in the paper.
    """
    faces = keras.Input((size, size, 3), dtype="uint8", name="faces")
    x = layers.Rescaling(1 / 128, -127.5 / 128, name="normalise")(faces)
    features = backbone(size, width, synchronized, slope)(x)
    features = layers.Dropout(dropout, name="dropout")(features)
    sizes = scaled_channels(HIDDEN, heads.width), scaled_channels(OUTPUT, heads.width)
    identity = _features(features, "F2", "F4", sizes, synchronized)
    inputs = {"faces": faces}
    outputs = {}
    if heads.age_groups:
        age = _features(features, "F3", "F5", sizes, synchronized)
        identity, age = CosineRegularizer(heads.weight, heads.form, name="regulariser")([identity, age])
        outputs["age_group"] = layers.Dense(heads.age_groups, dtype=wide(), name="age_group_logits")(age)
    if heads.margin is None:
        outputs["identity"] = layers.Dense(heads.people, dtype=wide(), name="identity_logits")(identity)
    else:
        inputs["identity"] = keras.Input((), dtype="int32", name="identity")
        head = CosFaceHead(heads.people, heads.scale, heads.margin, name="identity_logits")
        outputs["identity"] = head([identity, inputs["identity"]])
    return keras.Model(inputs, outputs, name="jmcnn")


def embedder(model: keras.Model) -> keras.Model:
    """Return the part of a trained network that recognises: from uint8 faces to F4, (B, 768) at width 1."""
    return keras.Model(model.input["faces"], model.get_layer("F4").output, name="embedder")


def _features(x, hidden: str, output: str, sizes: tuple[int, int], synchronized: bool):
    """Two fully connected layers; the last has no ReLU, so that cosines of features can be negative."""
    x = layers.Dense(sizes[0], use_bias=False, kernel_initializer="he_normal", name=hidden)(x)
    x = layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, synchronized=synchronized, name=f"{hidden}_norm"
    )(x)
    x = layers.ReLU(name=f"{hidden}_relu")(x)
    return layers.Dense(sizes[1], kernel_initializer="he_normal", name=output)(x)


class _Builder:
    """The convolutions of one network, which share their options."""

    def __init__(self, width: float, synchronized: bool, slope: float) -> None:
        self.width = width
        self.slope = slope
        self.plain = Convolutions(synchronized, slope)

    def active(self, x, name: str):
        return layers.ReLU(negative_slope=self.slope, name=name)(x)

    def convolution(self, x, count: int, size, name: str, stride: int = 1):
        return self.active(self._normalised(x, count, size, f"{name}_conv", stride), name)

    def residual_unit(self, x, count: int, name: str):
        """He et al.'s plain unit: two 3x3 convolutions and a ReLU after the sum."""
        y = self.convolution(x, count, 3, f"{name}_a")
        y = self._normalised(y, count, 3, f"{name}_b")
        return self.active(layers.Add(name=f"{name}_sum")([x, y]), name)

    def inception_unit(self, x, count: int, branch: int, length: int, name: str):
        """A 1x1 branch and one of 1x1, 1xn and nx1, brought back to `count` channels by a linear 1x1."""
        short = self.convolution(x, branch, 1, f"{name}_short")
        long = self.convolution(x, branch, 1, f"{name}_reduce")
        long = self.convolution(long, branch, (1, length), f"{name}_1x{length}")
        long = self.convolution(long, branch, (length, 1), f"{name}_{length}x1")
        y = layers.Concatenate(name=f"{name}_both")([short, long])
        y = self._normalised(y, count, 1, f"{name}_expand")
        return self.active(layers.Add(name=f"{name}_sum")([x, y]), name)

    def _normalised(self, x, count: int, size, name: str, stride: int = 1):
        x = self.plain.convolution(x, scaled_channels(count, self.width), name, size, stride)
        return self.plain.normalised(x, name)
