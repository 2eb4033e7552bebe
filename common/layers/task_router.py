"""Channels of a shared layer given to tasks, so that neighbouring tasks share some of them."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from common.losses.labels import checked_one_hot


def router_masks(groups: int, units_per_group: int, overlap: float) -> np.ndarray:
    """Return which channels each group has, (groups, width) of 0 and 1.

    Group g has `units_per_group` channels from g * stride on, where stride is the number of units less those
    shared with the next group, `overlap` of them, rounded up. The width is what the last group reaches:
    every channel belongs to a group. (The authors' code computes the width from the unrounded stride: 819
    channels for 7 groups of 128 with an overlap of 0.1, of which the last, never masked in, is dead.)

    Args:
        groups: from 1 up.
        units_per_group: channels of each, from 1 up.
        overlap: share of a group's channels that the next group has too, from 0 to below 1.

    Raises:
        ValueError: an argument outside of these.
    """
    if groups < 1 or units_per_group < 1 or not 0 <= overlap < 1:
        raise ValueError(
            f"groups {groups} and units_per_group {units_per_group} are from 1 up, overlap {overlap} from 0 "
            "to below 1"
        )
    # Less a hair, so that 0.1 of 10 is one channel whatever the last bit says.
    shared = int(np.ceil(overlap * units_per_group - 1e-9))
    stride = max(1, units_per_group - shared)
    channels = np.arange((groups - 1) * stride + units_per_group)
    first = stride * np.arange(groups)[:, None]
    return ((channels >= first) & (channels < first + units_per_group)).astype(np.float32)


@keras.saving.register_keras_serializable(package="common")
class TaskRouter(keras.layers.Layer):
    """Multiplies the channels of each example by the fixed mask of its group.

    A convolution before and one behind the mask then hold a network for each group in one set of weights:
    neighbouring groups share the channels in which they overlap and so the weights between them.

    Args:
        groups, units_per_group, overlap: as of `router_masks`.
        name, dtype: as of `keras.layers.Layer`.

    Inputs: [x, group]: x (B, ..., width), and group (B,) whole numbers from 0 to `groups` - 1.

    Returns:
        x, zero in the channels that are not its group's.

    Raises:
        ValueError: x has another number of channels than `width`, or a group is no whole number or none
            of the groups. In a TensorFlow graph the last is an InvalidArgumentError; where neither can
            be raised (a JAX trace, XLA) what is returned of such an example is NaN.

    Example:

    >>> router = TaskRouter(groups=7, units_per_group=128, overlap=0.125)
    >>> router.width
    800
    >>> routed = router([keras.ops.ones((2, 7, 7, 800)), keras.ops.array([0, 6])])
    >>> float(routed[0, 0, 0, 0]), float(routed[1, 0, 0, 0])
    (1.0, 0.0)

    Reference: Strezoski, van Noord and Worring, "Many Task Learning with Task Routing", ICCV 2019; over age
    groups, Huang, Zhang and Shan, "When Age-Invariant Face Recognition Meets Face Age Synthesis", CVPR 2021.
    """

    def __init__(self, groups: int, units_per_group: int, overlap: float, **kwargs):
        super().__init__(**kwargs)
        self.groups = int(groups)
        self.units_per_group = int(units_per_group)
        self.overlap = float(overlap)
        self.masks = router_masks(self.groups, self.units_per_group, self.overlap)

    @property
    def width(self) -> int:
        """Channels of all groups together."""
        return self.masks.shape[1]

    def build(self, input_shape):
        shape = input_shape[0]
        if shape[-1] != self.width:
            raise ValueError(f"{self.groups} groups have {self.width} channels, not {shape[-1]}")

    def call(self, inputs):
        x, group = inputs
        # A product with the row of an invalid group, which is NaN, is NaN; 0 and 1 survive any number format.
        mask = ops.matmul(checked_one_hot(group, self.groups), self.masks)
        mask = ops.cast(mask, x.dtype)
        return x * ops.reshape(mask, (-1, *[1] * (len(x.shape) - 2), self.width))

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self):
        own = {
            "groups": self.groups,
            "units_per_group": self.units_per_group,
            "overlap": self.overlap,
        }
        return {**super().get_config(), **own}
