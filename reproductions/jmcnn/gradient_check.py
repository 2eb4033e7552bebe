"""Eq. 5 and 6 put to the proof: analytic gradients against automatic ones and central differences.

    make gradient-check

Everything is float64. Central differences have an error of their own, of the order of the step squared and
of the rounding over the step; two of them with halved steps are extrapolated (Richardson).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from common.evidence.formats import broken, markdown_table
from common.evidence.sealed import read_sealed, write_sealed

FILE = Path("data") / "gradient-check.json"
PAIRS = 1000
FEATURES = 768
_WHAT = 36
"""Characters in a line of what is checked."""

BOUND = 1e-7
"""Relative error that the largest must stay below."""

_CHECKED = 12
_STEP = 1e-3


@dataclass(frozen=True)
class Line:
    """One comparison: largest absolute and relative difference between two gradients of the same function."""

    what: str
    one: str
    other: str
    pairs: int
    absolute: float
    relative: float


@dataclass(frozen=True)
class _Stored:
    lines: tuple[Line, ...]


def store(folder: Path) -> None:
    """Measure, and store in the paper's folder of results."""
    path = folder / FILE
    write_sealed(path, {"lines": [asdict(line) for line in measure()]})


def page(folder: Path) -> str | None:
    """Return the table in Markdown; None where nothing was measured."""
    path = folder / FILE
    if not path.is_file():
        return None
    lines = read_sealed(path, _Stored, "run make gradient-check").lines
    header = (
        "Gradient",
        "of",
        "against",
        "Pairs",
        "Largest absolute difference",
        "Largest relative difference",
    )
    rows = [
        [
            broken(line.what, _WHAT),
            line.one,
            line.other,
            f"{line.pairs:,}",
            f"{line.absolute:.1e}",
            f"{line.relative:.1e}",
        ]
        for line in lines
    ]
    told = (
        "Analytic is `common.layers.cosine_similarity_gradient` (Eq. 5, Eq. 6 by symmetry), automatic is "
        f"TensorFlow's tape, numeric are central differences along {_CHECKED} random directions a pair. "
        f"Features have {FEATURES} components, all is float64. A relative difference is that of a pair's "
        "gradients, in norm, over the norm of the second, or for numeric ones of directional derivatives "
        f"over the norm of the gradient. The suite demands less than {BOUND:.0e}."
    )
    return "\n".join([told, "", *markdown_table(header, rows, left=3, narrow=True)]) + "\n"


def measure(pairs: int = PAIRS, seed: int = 0) -> list[Line]:
    """Compare the gradients on random pairs and on awkward ones."""
    rng = np.random.default_rng(seed)
    random = rng.normal(size=(2, pairs, FEATURES))
    lines = _cosine(f"Eq. 5 (f_I), {pairs:,} random pairs", *random, rng)
    lines += _cosine(f"Eq. 6 (f_A), {pairs:,} random pairs", *random[::-1], rng)
    for name, (f, g) in awkward(rng).items():
        lines += _cosine(f"Eq. 5 (f_I), {name}", f, g, rng)
    return lines + _joint_loss(min(pairs, 64), rng)


def awkward(rng: np.random.Generator, pairs: int = 20) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return pairs on which plain arithmetic loses digits."""
    f, g = rng.normal(size=(2, pairs, FEATURES))
    sparse = f * (rng.random(f.shape) < 0.01) + 1e-9 * f
    return {
        "nearly parallel": (f, f + 1e-4 * g),
        "nearly opposite": (f, 1e-4 * g - f),
        "orthogonal": (f, g - f * (np.sum(f * g, 1) / np.sum(f * f, 1))[:, None]),
        "norms of 1e-8": (1e-8 * f, 1e-8 * g),
        "norms of 1e100": (1e100 * f, 1e100 * g),
        "one norm a million times the other": (1e6 * f, g),
        "one feature in a hundred": (sparse, g),
    }


def _cosine(what: str, f: np.ndarray, g: np.ndarray, rng: np.random.Generator) -> list[Line]:
    import tensorflow as tf

    from common.layers import cosine_similarity, cosine_similarity_gradient

    analytic = np.asarray(cosine_similarity_gradient(f, g))
    at = tf.constant(f)
    with tf.GradientTape() as tape:
        tape.watch(at)
        total = tf.reduce_sum(cosine_similarity(at, g))
    automatic = tape.gradient(total, at).numpy()

    def cosines(moved: np.ndarray) -> np.ndarray:
        # Each vector by its own largest component first: 1e100 squared is still a number, its cube is not.
        moved, other = (x / np.abs(x).max(axis=1, keepdims=True) for x in (moved, g))
        return np.sum(moved * other, 1) / np.linalg.norm(moved, axis=1) / np.linalg.norm(other, axis=1)

    numeric = _Numeric(cosines, f, rng)
    return [
        _whole(what, "analytic", "automatic", analytic, automatic),
        numeric.against(what, "analytic", analytic),
        numeric.against(what, "automatic", automatic),
    ]


def _joint_loss(pairs: int, rng: np.random.Generator) -> list[Line]:
    """Eq. 4 whole, two softmax losses and the regulariser, with respect to F4 and to F5."""
    import tensorflow as tf

    from common.layers import cosine_similarity, cosine_similarity_gradient

    people, groups, weight = 50, 9, 0.1
    identity, age = rng.normal(size=(2, pairs, FEATURES))
    heads = [rng.normal(size=(FEATURES, count)) / 28 for count in (people, groups)]
    labels = [rng.integers(0, count, pairs) for count in (people, groups)]

    def head_loss(features, which: int, xp=np):
        logits = features @ heads[which]
        shifted = logits - logits.max(axis=1, keepdims=True)
        return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(pairs), labels[which]]

    def loss(f: np.ndarray, g: np.ndarray) -> np.ndarray:
        cosine = np.sum(f * g, 1) / np.linalg.norm(f, axis=1) / np.linalg.norm(g, axis=1)
        return head_loss(f, 0) + head_loss(g, 1) + weight * cosine

    def written_out(features: np.ndarray, which: int, other: np.ndarray) -> np.ndarray:
        logits = features @ heads[which]
        softmax = np.exp(logits - logits.max(axis=1, keepdims=True))
        delta = softmax / softmax.sum(axis=1, keepdims=True)
        delta[np.arange(pairs), labels[which]] -= 1
        return delta @ heads[which].T + weight * np.asarray(cosine_similarity_gradient(features, other))

    at = [tf.constant(identity), tf.constant(age)]
    with tf.GradientTape() as tape:
        tape.watch(at)
        softmax_losses = [
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels[i], at[i] @ heads[i]) for i in (0, 1)
        ]
        total = tf.reduce_sum(softmax_losses[0] + softmax_losses[1] + weight * cosine_similarity(*at))
    automatic = [gradient.numpy() for gradient in tape.gradient(total, at)]
    lines = []
    for which, name in ((0, "F4"), (1, "F5")):
        features, other = (identity, age) if which == 0 else (age, identity)
        analytic = written_out(features, which, other)

        def moved(x: np.ndarray, which: int = which) -> np.ndarray:
            return loss(x, age) if which == 0 else loss(identity, x)

        numeric = _Numeric(moved, features, rng)
        what = f"Eq. 4 whole, at {name}"
        lines += [
            _whole(what, "analytic", "automatic", analytic, automatic[which]),
            numeric.against(what, "analytic", analytic),
            numeric.against(what, "automatic", automatic[which]),
        ]
    return lines


class _Numeric:
    """Derivatives of rows along random directions by central differences, extrapolated to step 0."""

    def __init__(
        self, function: Callable[[np.ndarray], np.ndarray], at: np.ndarray, rng: np.random.Generator
    ):
        size = np.linalg.norm(at, axis=1, keepdims=True)
        directions = rng.normal(size=(_CHECKED, *at.shape))
        self.directions = directions / np.linalg.norm(directions, axis=2, keepdims=True)
        self.size = size[:, 0]

        def central(direction: np.ndarray, step: float) -> np.ndarray:
            offset = step * size * direction
            return (function(at + offset) - function(at - offset)) / (2 * step * self.size)

        self.derivatives = np.stack(
            [(4 * central(d, _STEP / 2) - central(d, _STEP)) / 3 for d in self.directions]
        )

    def against(self, what: str, name: str, gradient: np.ndarray) -> Line:
        norm = np.linalg.norm(gradient, axis=1)
        # Times the features' norm: gradients of 1e-100 have no digits left in a sum of squares.
        scaled = gradient * self.size[:, None]
        along = np.einsum("knd,nd->kn", self.directions, scaled)
        difference = np.abs(along - self.derivatives * self.size)
        absolute = float((difference / self.size).max())
        relative = float((difference / np.linalg.norm(scaled, axis=1)).max())
        return Line(what, name, "numeric", len(norm), absolute, relative)


def _whole(what: str, one: str, other: str, first: np.ndarray, second: np.ndarray) -> Line:
    scale = np.abs(second).max(axis=1, keepdims=True)
    relative = np.linalg.norm((first - second) / scale, axis=1) / np.linalg.norm(second / scale, axis=1)
    return Line(what, one, other, len(first), float(np.abs(first - second).max()), float(relative.max()))
