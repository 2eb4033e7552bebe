"""How real generated faces look: how far their features lie from real ones', and how streaky they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False)
class PairSums:
    """Kernels of pairs of faces, summed by the two people of a pair: what any draw of people is measured by.

    Attributes:
        people: (L,) who has a face in either sample, whole numbers from 0 up.
        made, real: (L,) float64, how many faces each has in the two samples.
        kernels: (3, L, L) float64, sums over made with made, real with real, and made with real faces; a
            person's with that person's own are 0, they are left out.
    """

    people: np.ndarray
    made: np.ndarray
    real: np.ndarray
    kernels: np.ndarray

    def distances(self, weights: ArrayLike) -> np.ndarray:
        """Return the kernel distance of each draw of people, (R,) float64; NaN where a draw lacks a pair.

        Args:
            weights: (R, P) how often each of all people is drawn.
        """
        drawn = np.asarray(weights, np.float64)[:, self.people]
        terms = []
        sides = ((self.made, self.made), (self.real, self.real), (self.made, self.real))
        for kernels, (first, second) in zip(self.kernels, sides, strict=True):
            pairs = (drawn @ first) * (drawn @ second) - np.square(drawn) @ (first * second)
            sums = ((drawn @ kernels) * drawn).sum(axis=1)
            terms.append(np.divide(sums, pairs, out=np.full(len(drawn), np.nan), where=pairs > 0))
        return terms[0] + terms[1] - 2 * terms[2]


def polynomial_kernel(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Return (x . y / D + 1)^3 of all pairs of features, (N, M) float64 (Binkowski et al. 2018, Eq. 5).

    Args:
        first, second: (N, D) and (M, D).
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    return (first @ second.T / first.shape[1] + 1) ** 3


def pair_sums(made: ArrayLike, real: ArrayLike, made_people: ArrayLike, real_people: ArrayLike) -> PairSums:
    """Return the kernels of two samples of features by the people of each pair.

    Args:
        made, real: (N, D) and (M, D) features of generated and of real faces.
        made_people, real_people: (N,) and (M,) whole numbers from 0 up, the same for one person in both.

    Raises:
        ValueError: features that are not finite or of two lengths, or not a person for each face.
    """
    made, real = np.asarray(made, np.float64), np.asarray(real, np.float64)
    if made.ndim != 2 or real.ndim != 2 or made.shape[1] != real.shape[1]:
        raise ValueError(f"features are (N, D) and (M, D), not {made.shape} and {real.shape}")
    if not (np.isfinite(made).all() and np.isfinite(real).all()):
        raise ValueError("features are not finite")
    of_made, of_real = np.asarray(made_people), np.asarray(real_people)
    if of_made.shape != (len(made),) or of_real.shape != (len(real),):
        raise ValueError(
            f"{len(made)} and {len(real)} faces but people of shapes {of_made.shape} and {of_real.shape}"
        )
    people, codes = np.unique(np.concatenate([of_made, of_real]), return_inverse=True)
    one_hot = np.eye(len(people))[codes]
    own_made, own_real = one_hot[: len(made)], one_hot[len(made) :]
    kernels = np.stack(
        [
            own_made.T @ polynomial_kernel(made, made) @ own_made,
            own_real.T @ polynomial_kernel(real, real) @ own_real,
            own_made.T @ polynomial_kernel(made, real) @ own_real,
        ]
    )
    kernels[:, np.arange(len(people)), np.arange(len(people))] = 0
    return PairSums(people, own_made.sum(axis=0), own_real.sum(axis=0), kernels)


def kernel_distance(
    made: ArrayLike, real: ArrayLike, made_people: ArrayLike, real_people: ArrayLike
) -> float:
    """Return the kernel inception distance of generated faces from real ones: about 0 where they are alike.

    The unbiased estimate of MMD^2 with a cubic kernel (Binkowski et al., ICLR 2018, Section 3), over pairs of
    two people: faces of one person are not drawn independently, and a recogniser's features of them are
    alike. Where everybody has one face it is the usual estimate. It may fall a little below 0.

    Args:
        made, real, made_people, real_people: as of `pair_sums`.

    Returns:
        The distance; NaN where a sample has no two people.

    Raises:
        ValueError: as of `pair_sums`.
    """
    sums = pair_sums(made, real, made_people, real_people)
    everybody = np.ones((1, int(sums.people.max(initial=0)) + 1))
    return float(sums.distances(everybody)[0])


def streak_shares(images: np.ndarray) -> np.ndarray:
    """Return which share of each face's contrast changes from one row of pixels to the next, (N,) float64.

    The filter (-1, 2, -1) / 4 along columns passes what alternates from row to row, horizontal streaks or a
    checkerboard, as it is (gain 1), a period of four rows at half its height, and what is even or a ramp
    not at all: its gain at w radians a row is sin^2(w / 2). The share is the mean square of what passes over
    the variance of the pixels, each channel about its own mean; 0 for a face of one colour.

    Args:
        images: (N, H, W, C) uint8, of three rows at least.

    Raises:
        ValueError: fewer rows.
    """
    if images.ndim != 4 or images.shape[1] < 3:
        raise ValueError(f"faces are (N, H, W, C) of three rows at least, not {images.shape}")
    shares = np.zeros(len(images))
    for row, image in enumerate(images):
        pixels = image.astype(np.float32)
        variance = pixels.var(axis=(0, 1), dtype=np.float64).mean()
        if variance > 0:
            passed = pixels[1:-1] - (pixels[:-2] + pixels[2:]) / 2
            shares[row] = np.square(passed / 2).mean(dtype=np.float64) / variance
    return shares


def relative_streaks(made: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return how streaky each generated face is beside real ones, (N,): their mean is 1 where as real.

    Above 1 are streaks, lattices and noise, below it what is blurred.

    Args:
        made: (N, H, W, C) uint8, generated.
        given: (M, H, W, C) uint8, the real faces; the mean of their shares is what counts as 1.

    Raises:
        ValueError: as of `streak_shares`, or nothing of the given faces changes from row to row.
    """
    whole = streak_shares(given).mean()
    if whole == 0:
        raise ValueError("the given faces are the same in all rows")
    return streak_shares(made) / whole
