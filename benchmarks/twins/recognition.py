"""The twin of `reproductions.mtlface.network`: a map divided by attention, and what is read of its parts."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from benchmarks.twins.layers import (
    CHANNELS,
    CosFace,
    Subsampled,
    Twin,
    convolution,
    every_nth,
    flat_norm,
    in_float32,
    norm,
    widened,
)

UNITS = {
    10: (1, 1, 1, 1),
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 14, 3),
    64: (3, 4, 10, 3),
    101: (3, 13, 30, 3),
}
EMBEDDING, HIDDEN, PYRAMID = 512, 512, (1, 2, 3)


class Unit(nn.Module):
    """BN, 3x3, BN, PReLU, 3x3 with the stride, BN, and nothing after the sum."""

    def __init__(self, read: int, count: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.inner = nn.Sequential(
            norm(read),
            convolution(read, count),
            norm(count),
            nn.PReLU(count),
            convolution(count, count, stride=stride),
            norm(count),
        )
        self.shortcut = Subsampled(read, count, stride) if read != count else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.inner(x)
        return y + (every_nth(x, self.stride) if self.shortcut is None else self.shortcut(x))


class Decomposition(nn.Module):
    """Two masks, of channels and of places, say how much of a map is age."""

    def __init__(self, channels: int, momentum: float) -> None:
        super().__init__()
        read = channels * sum(count**2 for count in PYRAMID)
        hidden = max(1, read // 16)
        self.squeeze = nn.Linear(read, hidden, bias=False)
        self.excite = nn.Linear(hidden, channels, bias=False)
        self.channel_norm = nn.BatchNorm1d(channels, momentum=1 - momentum)
        self.look = convolution(2, 1, 7)
        self.spatial_norm = nn.BatchNorm2d(1, momentum=1 - momentum)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        pooled = [
            (functional.adaptive_avg_pool2d(x, count) + functional.adaptive_max_pool2d(x, count)).flatten(1)
            for count in PYRAMID
        ]
        channel = self.excite(functional.relu(self.squeeze(torch.cat(pooled, 1))))
        channel = torch.sigmoid(self.channel_norm(channel))[:, :, None, None]
        seen = torch.stack([x.amax(1), x.mean(1)], 1)
        spatial = torch.sigmoid(self.spatial_norm(self.look(seen)))
        x_id = x - x * (channel + spatial) / 2
        return x_id, x - x_id


class AgeHead(nn.Module):
    """Ages and their groups from a map, in float32."""

    def __init__(self, channels: int, side: int, ages: int, groups: int) -> None:
        super().__init__()
        self.norm = norm(channels)
        self.hidden = nn.Linear(channels * side**2, HIDDEN)
        self.ages = nn.Linear(HIDDEN, ages)
        self.groups = nn.Linear(ages, groups)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        with in_float32():
            x = functional.relu(self.hidden(self.norm(x.float()).flatten(1)))
            ages = self.ages(x)
            return ages, self.groups(ages)


class Reversal(torch.autograd.Function):
    """Gives its input back, and on the way back the gradient times a negative factor."""

    @staticmethod
    def forward(context, x: torch.Tensor, factor: float) -> torch.Tensor:
        context.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(context, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return -context.factor * gradient, None


class Recogniser(Twin):
    """The recognition network of MTLFace, or its baseline.

    Args:
        depth, width, size: of the encoder and its faces.
        people, ages, age_groups: classes.
        decomposed: divide the map and read ages from the age's part.
        reversal: coefficient of the reversed age head; None leaves it out.
        dropout: share of the map dropped before the embedding.
        mask_momentum: share of their statistics that the masks keep a step.
        margin, scale: of the CosFace head.
        weights: output -> weight of its loss.
    """

    def __init__(
        self,
        depth: int,
        width: float,
        size: int,
        people: int,
        ages: int,
        age_groups: int,
        decomposed: bool,
        reversal: float | None,
        dropout: float,
        mask_momentum: float,
        margin: float,
        scale: float,
        weights: dict[str, float],
    ) -> None:
        super().__init__()
        self.labels = {"identity": people, "age": ages, "age_group": age_groups}
        self.reversal, self.dropout, self.weights = reversal, dropout, weights
        counts = [widened(count, width) for count in CHANNELS]
        self.stem_conv, self.stem_norm = convolution(3, counts[0]), norm(counts[0])
        self.stem = nn.PReLU(counts[0])
        units, read = [], counts[0]
        for number, count in zip(UNITS[depth], counts, strict=True):
            units += [Unit(read if one == 0 else count, count, 2 if one == 0 else 1) for one in range(number)]
            read, size = count, (size + 1) // 2
        self.units = nn.Sequential(*units)
        self.decomposition = Decomposition(read, mask_momentum) if decomposed else None
        self.age_head = AgeHead(read, size, ages, age_groups) if decomposed else None
        self.reversed_head = None if reversal is None else AgeHead(read, size, ages, age_groups)
        self.map_norm = norm(read)
        self.embedding_dense = nn.Linear(read * size**2, EMBEDDING)
        self.embedding = flat_norm(EMBEDDING)
        self.identity_logits = CosFace(EMBEDDING, people, scale, margin)

    def forward(self, faces: torch.Tensor, labels: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        x = faces.float() / 127.5 - 1
        x_id = self.units(self.stem(self.stem_norm(self.stem_conv(x))))
        outputs = {}
        if self.decomposition is not None:
            x_id, x_age = self.decomposition(x_id)
            outputs["age"], outputs["age_group"] = self.age_head(x_age)
        if self.reversed_head is not None:
            turned = Reversal.apply(x_id, self.reversal)
            outputs["reversed_age"], outputs["reversed_age_group"] = self.reversed_head(turned)
        x = functional.dropout(self.map_norm(x_id), self.dropout, self.training)
        embedding = self.embedding(self.embedding_dense(x.flatten(1)))
        return outputs | {"identity": self.identity_logits(embedding, labels["identity"])}

    def loss(self, outputs: dict[str, torch.Tensor], labels: dict[str, torch.Tensor]) -> torch.Tensor:
        return sum(
            self.weights[name] * self._of_output(name, logits, labels[name.removeprefix("reversed_")])
            for name, logits in outputs.items()
        )

    def _of_output(self, name: str, logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        if not name.endswith("age"):
            return functional.cross_entropy(logits, label)
        years = torch.arange(logits.shape[1], dtype=logits.dtype)
        return (((logits.softmax(1) * years).sum(1) - label) ** 2).mean()
