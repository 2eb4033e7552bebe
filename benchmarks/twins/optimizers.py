"""The optimizers of the recipes in PyTorch, whose own Muon takes no kernels of convolutions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import torch
from torch import nn

WARM_UP = 50
"""Steps over which the learning rate rises: noise teaches nothing, but must not make a network overflow."""

_NEWTON_SCHULZ = (3.4445, -4.775, 2.0315)
_STEPS, _MOMENTUM, _RATE = 5, 0.95, 0.2


class Optimizer:
    """A recipe's optimizer on a network, with a moving average of the weights where it has one.

    Args:
        network: what is trained.
        recipe: name ("muon", "adam", "adamw" or "sgd"), learning_rate, weight_decay, average (momentum or
            None), and of "muon" epsilon, ends (names of the layers that AdamW trains) and narrow (whether its
            products are in bfloat16).
    """

    def __init__(self, network: nn.Module, recipe: dict[str, Any]) -> None:
        self.network, self.taken = network, 0
        self.optimizers = made(network, recipe)
        self.rates = [[group["lr"] for group in one.param_groups] for one in self.optimizers]
        self.average = None
        if recipe["average"] is not None:
            averaging = torch.optim.swa_utils.get_ema_multi_avg_fn(recipe["average"])
            self.average = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=averaging)

    def step(self, loss: torch.Tensor) -> None:
        """Move the weights down the gradient of a loss."""
        self.taken += 1
        for one, rates in zip(self.optimizers, self.rates, strict=True):
            one.zero_grad(set_to_none=True)
            for group, rate in zip(one.param_groups, rates, strict=True):
                group["lr"] = rate * min(1.0, self.taken / WARM_UP)
        loss.backward()
        for one in self.optimizers:
            one.step()
        if self.average is not None:
            self.average.update_parameters(self.network)


def made(network: nn.Module, recipe: dict[str, Any]) -> list[torch.optim.Optimizer]:
    """Return the optimizers of a recipe: Muon leaves what is no matrix, and the ends, to AdamW."""
    rate, decay = recipe["learning_rate"], recipe["weight_decay"]
    named = dict(network.named_parameters())
    if recipe["name"] == "muon":
        inner = {name for name, one in named.items() if orthogonal(name, one, recipe["ends"])}
        kernels = [named[name] for name in inner]
        others = {name: one for name, one in named.items() if name not in inner}
        adam = torch.optim.AdamW(
            decayed(others, decay), rate / 2, eps=recipe["epsilon"], weight_decay=0.0, fused=True
        )
        return [ConvolutionalMuon(kernels, rate, decay, recipe["narrow"]), adam]
    groups = decayed(named, decay)
    match recipe["name"]:
        case "adam":
            return [torch.optim.Adam(groups, rate, fused=True)]
        case "adamw":
            return [torch.optim.AdamW(groups, rate, fused=True)]
        case "sgd":
            return [torch.optim.SGD(groups, rate, momentum=0.9, fused=True)]
    raise ValueError(f"no optimizer is called {recipe['name']}")


def orthogonal(name: str, parameter: torch.Tensor, ends: list[str]) -> bool:
    """Return whether Muon trains a parameter: a kernel of a layer that is no end."""
    return parameter.ndim in (2, 4) and not set(name.split(".")) & set(ends)


def decayed(named: dict[str, nn.Parameter], decay: float) -> list[dict[str, Any]]:
    """Return kernels, which decay, and what does not."""
    return [
        {"params": [one for one in named.values() if one.ndim > 1], "weight_decay": decay},
        {"params": [one for one in named.values() if one.ndim == 1], "weight_decay": 0.0},
    ]


class ConvolutionalMuon(torch.optim.Optimizer):
    """As `common.training.optimizers.ConvolutionalMuon`: kernels of one shape take their steps together."""

    def __init__(self, kernels: list[nn.Parameter], rate: float, decay: float, narrow: bool) -> None:
        super().__init__(kernels, {"lr": rate, "weight_decay": decay})
        self.narrow = narrow
        self.shaped = defaultdict(list)
        for kernel in kernels:
            self.shaped[tuple(kernel.shape)].append((kernel, torch.zeros_like(kernel)))

    @torch.no_grad()
    def step(self) -> None:
        (group,) = self.param_groups
        rate = group["lr"]
        for several in self.shaped.values():
            kernels, momenta = map(list, zip(*several, strict=True))
            gradients = [kernel.grad for kernel in kernels]
            torch._foreach_mul_(momenta, _MOMENTUM)
            torch._foreach_add_(momenta, gradients)
            directions = torch._foreach_add(gradients, momenta, alpha=_MOMENTUM)
            steps = self._orthogonalised(torch.stack([one.reshape(len(one), -1) for one in directions]))
            scale = _RATE * max(steps.shape[1:]) ** 0.5
            torch._foreach_mul_(kernels, 1 - rate * group["weight_decay"])
            for kernel, step in zip(kernels, steps, strict=True):
                kernel.sub_(step.view(directions[0].shape), alpha=rate * scale)

    def _orthogonalised(self, x: torch.Tensor) -> torch.Tensor:
        tall = x.shape[1] > x.shape[2]
        y = x.mT if tall else x
        y = y.bfloat16() if self.narrow else y
        y = y / (y.norm(dim=(1, 2), keepdim=True) + 1e-7)
        a, b, c = _NEWTON_SCHULZ
        for _ in range(_STEPS):
            square = y @ y.mT
            y = a * y + (b * square + c * square @ square) @ y
        return (y.mT if tall else y).to(x.dtype)
