"""What the twins are made of: normalised convolutions, heads and their losses, in PyTorch."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

CHANNELS = (64, 128, 256, 512)
"""Of the four stages at width 1."""


class Twin(nn.Module):
    """A network of the suite in PyTorch, with its losses.

    Layers have the names of the suite's, by which an optimizer tells the ends of a network from its middle.
    Where TensorFlow pads an even image on one side alone, PyTorch pads both: maps have the same sizes.

    Attributes:
        labels: name -> number of classes of each label that `forward` and `loss` take.
    """

    labels: dict[str, int]

    def forward(self, faces: torch.Tensor, labels: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Return the outputs, (B, classes) each, of (B, 3, S, S) uint8 faces in channels last."""
        raise NotImplementedError

    def loss(self, outputs: dict[str, torch.Tensor], labels: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the loss of a batch, one number."""
        raise NotImplementedError


def widened(count: int, width: float) -> int:
    """Return the channels of a layer, as `common.networks.scaled_channels` does."""
    wanted = count * width
    return 8 if wanted < 12 else max(16, int(wanted / 16 + 0.5) * 16)


def convolution(read: int, count: int, size: int | tuple[int, int] = 3, stride: int = 1) -> nn.Conv2d:
    """Return a convolution without bias that keeps the size of a map, but for its stride."""
    sides = (size, size) if isinstance(size, int) else size
    padding = tuple(side // 2 for side in sides)
    return nn.Conv2d(read, count, sides, stride, padding, bias=False)


def norm(count: int) -> nn.BatchNorm2d:
    """Return the normalisation of a map."""
    return nn.BatchNorm2d(count, eps=1e-5, momentum=0.1)


def flat_norm(count: int) -> nn.BatchNorm1d:
    """Return the normalisation of vectors."""
    return nn.BatchNorm1d(count, eps=1e-5, momentum=0.1)


class Subsampled(nn.Module):
    """A 1x1 convolution of every n-th pixel, normalised: a shortcut to a map of other channels."""

    def __init__(self, read: int, count: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.conv = convolution(read, count, 1)
        self.norm = norm(count)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.conv(every_nth(x, self.stride)))


def every_nth(x: torch.Tensor, stride: int) -> torch.Tensor:
    """Keep every n-th row and column of a map."""
    return x if stride == 1 else functional.avg_pool2d(x, 1, stride)


class CosFace(nn.Module):
    """Scaled cosines between an embedding and a direction for each person, less a margin for the true one."""

    def __init__(self, features: int, people: int, scale: float, margin: float) -> None:
        super().__init__()
        self.kernel = nn.Parameter(nn.init.xavier_normal_(torch.empty(people, features)))
        self.scale, self.margin = scale, margin

    def forward(self, embedding: torch.Tensor, identity: torch.Tensor) -> torch.Tensor:
        with in_float32():
            cosines = functional.normalize(embedding.float()) @ functional.normalize(self.kernel).T
            true = functional.one_hot(identity, cosines.shape[1]).to(cosines.dtype)
            return self.scale * (cosines - self.margin * true)


def in_float32() -> torch.autocast:
    """Return the context in which nothing is computed in a narrower format."""
    return torch.autocast("cpu", enabled=False)
