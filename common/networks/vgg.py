"""The plain convolutions of VGG-16, to read an age from a face: what the residual units are held against."""

from __future__ import annotations

import keras
from keras import layers

from common.networks.convolutions import Convolutions, logits_of, scaled_channels

STAGES = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
"""Convolutions and channels of each stage at width 1: configuration D of Simonyan and Zisserman, Table 1."""


def vgg_age_network(
    outputs: int = 100,
    size: int | None = 224,
    width: float = 1.0,
    dropout: float = 0.2,
    input_channels: int = 3,
    synchronized: bool = False,
    name: str = "vgg_age_16",
    slope: float = 0.0,
) -> keras.Model:
    """Build VGG-16's thirteen 3x3 convolutions, 2x2 max pooling after each stage, and a dense layer.

    Kwak et al. take residual units "because they show better performance compared to VGGNet" (4.2) and say
    no more of it. So that nothing but the units differs from `residual_age_network`, every convolution is
    batch-normalised (5.3), and the mean of the last map and one dense layer take the place of VGG's three
    dense layers, which hold nine tenths of its weights. At the same width it has 1.3 times the parameters of
    the 18 residual layers.

    Args:
        outputs, width, dropout, input_channels, synchronized, slope: as of `residual_age_network`.
        size: side of the square input in pixels, at least 32; None takes any.
        name: the model's name.

    Returns:
        A functional model from images (B, size, size, input_channels), normalised to about [-1, 1], to
        logits (B, outputs), float32 under a half-precision policy too.

    Raises:
        ValueError: `size` is too small for five halvings.

    Reference: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    ICLR 2015, Table 1, D.
    """
    if size is not None and size < 32:
        raise ValueError(f"size is at least 32 pixels, for five halvings, not {size}")
    build = Convolutions(synchronized, slope)
    images = keras.Input((size, size, input_channels), name="images")
    x = images
    for stage, (convolutions, count) in enumerate(STAGES, start=1):
        for place in range(1, convolutions + 1):
            label = f"conv{stage}_{place}"
            x = build.convolution(x, scaled_channels(count, width), label)
            x = build.normalised_relu(x, label)
        x = layers.MaxPooling2D(2, name=f"pool{stage}")(x)
    return keras.Model(images, logits_of(x, outputs, dropout), name=name)
