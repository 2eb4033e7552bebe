"""The twin of `common.networks.residual`: an age from a face, with the neighborhood loss."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from benchmarks.twins.layers import CHANNELS, Subsampled, Twin, convolution, in_float32, norm, widened

UNITS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}


class Unit(nn.Module):
    """Two 3x3 convolutions, of which the second halves the map where asked, and a ReLU after the sum."""

    def __init__(self, read: int, count: int, stride: int) -> None:
        super().__init__()
        self.a, self.a_norm = convolution(read, count), norm(count)
        self.b, self.b_norm = convolution(count, count, stride=stride), norm(count)
        changes = stride != 1 or read != count
        self.shortcut = Subsampled(read, count, stride) if changes else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu(self.a_norm(self.a(x)), inplace=True)
        return functional.relu(self.b_norm(self.b(y)) + self.shortcut(x), inplace=True)


class AgeNetwork(Twin):
    """The residual network that says ages.

    Args:
        depth: 18 or 34.
        width: factor on the channels.
        classes: ages from 0.
        sigma: margin of the neighborhood loss in years.
        dropout: share of the features dropped before the last layer.
    """

    def __init__(self, depth: int, width: float, classes: int, sigma: float, dropout: float) -> None:
        super().__init__()
        self.labels = {"age": classes}
        self.sigma, self.dropout = sigma, dropout
        counts = [widened(count, width) for count in CHANNELS]
        self.conv1, self.conv1_norm = convolution(3, counts[0]), norm(counts[0])
        units, read = [], counts[0]
        for number, count in zip(UNITS[depth], counts, strict=True):
            units += [Unit(read if one == 0 else count, count, 2 if one == 0 else 1) for one in range(number)]
            read = count
        self.units = nn.Sequential(*units)
        self.logits = nn.Linear(read, classes)

    def forward(self, faces: torch.Tensor, labels: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        x = (faces.float() - 127.5) / 128
        x = functional.relu(self.conv1_norm(self.conv1(x)), inplace=True)
        x = functional.max_pool2d(x, 3, 2, 1)
        x = self.units(x).mean((2, 3))
        x = functional.dropout(x, self.dropout, self.training)
        with in_float32():
            return {"age": self.logits(x.float())}

    def loss(self, outputs: dict[str, torch.Tensor], labels: dict[str, torch.Tensor]) -> torch.Tensor:
        logits = outputs["age"]
        years = torch.arange(logits.shape[1], dtype=logits.dtype)
        targets = torch.exp(-(((years - labels["age"][:, None]) / self.sigma) ** 2))
        return -(targets * functional.log_softmax(logits, 1)).sum(1).mean()
