"""The twin of `reproductions.jmcnn.network`: who somebody is and how old, tied by the cosine of features."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional

from benchmarks.twins.layers import CosFace, Twin, convolution, flat_norm, in_float32, norm, widened

SHARED, HIDDEN, OUTPUT = 1024, 1024, 768
"""Features of the backbone and of the layers of a head, at width 1."""


def normalised(name: str, read: int, count: int, size: int | tuple[int, int] = 3, stride: int = 1) -> dict:
    """Return a convolution and its normalisation under the names that the suite gives them."""
    return {f"{name}_conv": convolution(read, count, size, stride), f"{name}_norm": norm(count)}


def activated(
    slope: float, name: str, read: int, count: int, size: int | tuple[int, int] = 3, stride: int = 1
) -> dict:
    """Return the same with an activation behind."""
    return {**normalised(name, read, count, size, stride), f"{name}_active": active(slope)}


def active(slope: float) -> nn.Module:
    """Return an activation with a slope below zero, which for 0 is a ReLU."""
    return nn.LeakyReLU(slope, inplace=True) if slope else nn.ReLU(inplace=True)


def chain(*parts: dict) -> nn.Sequential:
    """Return named layers one after the other."""
    return nn.Sequential(OrderedDict(item for part in parts for item in part.items()))


class Residual(nn.Module):
    """Two 3x3 convolutions and an activation after the sum."""

    def __init__(self, slope: float, count: int) -> None:
        super().__init__()
        self.inner = chain(activated(slope, "a", count, count), normalised("b", count, count))
        self.active = active(slope)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.active(x + self.inner(x))


class Inception(nn.Module):
    """A 1x1 branch and one of 1x1, 1xn and nx1, brought back to the map's channels by a 1x1."""

    def __init__(self, slope: float, count: int, branch: int, length: int) -> None:
        super().__init__()
        self.short = chain(activated(slope, "short", count, branch, 1))
        self.long = chain(
            activated(slope, "reduce", count, branch, 1),
            activated(slope, "wide", branch, branch, (1, length)),
            activated(slope, "high", branch, branch, (length, 1)),
        )
        self.active = active(slope)
        self.expand = chain(normalised("expand", 2 * branch, count, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.active(x + self.expand(torch.cat([self.short(x), self.long(x)], 1)))


def backbone(width: float, slope: float) -> nn.Sequential:
    """Return the layers from faces to the last map, which has 1024 channels at width 1."""
    w32, w64, w128, w192, w512, w1024 = (widened(count, width) for count in (32, 64, 128, 192, 512, 1024))
    return chain(
        activated(slope, "conv1_a", 3, w32, stride=2),
        activated(slope, "conv1_b", w32, w32),
        activated(slope, "stem", w32, w64),
        {"pool1": nn.MaxPool2d(3, 2, 1), "unit1": Residual(slope, w64)},
        activated(slope, "conv2", w64, w192),
        {"pool2": nn.MaxPool2d(3, 2, 1), "unit2": Inception(slope, w192, w64, 7)},
        activated(slope, "conv3", w192, w512),
        {"pool3": nn.MaxPool2d(3, 2, 1), "unit3": Inception(slope, w512, w128, 3)},
        activated(slope, "conv4", w512, w1024),
    )


class JointNetwork(Twin):
    """JMCNN, or its baseline.

    Args:
        width: factor on the backbone's channels.
        head_width: factor on the sizes of the features of both heads.
        slope: of the backbone's activations below zero.
        people: identities.
        age_groups: classes of the age head; 0 leaves it out.
        weight: of the cosine that ties the features of both heads.
        margin, scale: of a CosFace head; a margin of None is a softmax.
        dropout: share of the shared features dropped.
    """

    def __init__(
        self,
        width: float,
        head_width: float,
        slope: float,
        people: int,
        age_groups: int,
        weight: float,
        margin: float | None,
        scale: float,
        dropout: float,
    ) -> None:
        super().__init__()
        self.labels = {"identity": people} | ({"age_group": age_groups} if age_groups else {})
        self.weight, self.dropout = weight, dropout
        self.backbone = backbone(width, slope)
        sizes = widened(SHARED, width), widened(HIDDEN, head_width), widened(OUTPUT, head_width)
        self.identity = features(*sizes, "F2", "F4")
        if age_groups:
            self.age = features(*sizes, "F3", "F5")
            self.age_group_logits = nn.Linear(sizes[-1], age_groups)
        self.with_margin = margin is not None
        head = nn.Linear(sizes[-1], people) if margin is None else CosFace(sizes[-1], people, scale, margin)
        self.identity_logits = head

    def forward(self, faces: torch.Tensor, labels: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        x = self.backbone((faces.float() - 127.5) / 128).mean((2, 3))
        x = functional.dropout(x, self.dropout, self.training)
        identity = self.identity(x).float()
        outputs = {}
        if "age_group" in self.labels:
            age = self.age(x).float()
            outputs["cosine"] = functional.cosine_similarity(identity, age)
            with in_float32():
                outputs["age_group"] = self.age_group_logits(age)
        with in_float32():
            given = (identity, labels["identity"]) if self.with_margin else (identity,)
            return outputs | {"identity": self.identity_logits(*given)}

    def loss(self, outputs: dict[str, torch.Tensor], labels: dict[str, torch.Tensor]) -> torch.Tensor:
        loss = sum(functional.cross_entropy(outputs[name], labels[name]) for name in self.labels)
        return loss + self.weight * outputs["cosine"].mean() if "cosine" in outputs else loss


def features(shared: int, inner: int, outer: int, hidden: str, output: str) -> nn.Sequential:
    """Return two fully connected layers, the last without a ReLU."""
    return chain(
        {
            hidden: nn.Linear(shared, inner, bias=False),
            f"{hidden}_norm": flat_norm(inner),
            f"{hidden}_relu": nn.ReLU(inplace=True),
            output: nn.Linear(inner, outer),
        }
    )
