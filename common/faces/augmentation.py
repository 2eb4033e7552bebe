"""Random variations of aligned face crops: what cameras, prints and scanners do to a face of a given age.

Written with OpenCV on whole uint8 batches. On a CPU the input pipeline shares its cores with the training,
and the same operations as TensorFlow ops cost several times as much.
"""

from __future__ import annotations

import dataclasses
import functools

import cv2
import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114])
_NOISE_PIXELS = 1 << 18


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """Ranges from which every image draws its own variation; all zero leaves the images as they are.

    Args:
        flip: probability of mirroring left to right.
        rotate: largest rotation, in degrees either way.
        scale: largest relative change of size.
        shift: largest displacement, as a share of the side.
        stretch: largest relative change of the aspect ratio.
        blur: probability that the image is shrunk and enlarged again.
        blur_factor: strongest shrinking, as a factor of at least 1.
        grey: probability of losing all colour; the others draw a saturation in [0.3, 1.3].
        cast: probability of a colour cast, as a faded print has it.
        cast_gain: largest relative change of a colour channel under a cast.
        cast_offset: largest lift of a colour channel under a cast, as a share of the full range.
        brightness: largest shift of all channels, as a share of the full range.
        contrast: largest change of the contrast, as the logarithm of its factor.
        noise: probability of grain.
        noise_level: strongest grain, a standard deviation in grey levels of 255.
    """

    flip: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    stretch: float = 0.0
    blur: float = 0.0
    blur_factor: float = 1.0
    grey: float = 0.0
    cast: float = 0.0
    cast_gain: float = 0.0
    cast_offset: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    noise: float = 0.0
    noise_level: float = 0.0

    def __call__(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Vary a batch.

        Args:
            images: (B, S, S, 3) uint8 RGB, left as it is.
            rng: the only source of chance; the same generator state gives the same batch.

        Returns:
            (B, S, S, 3) uint8 RGB.
        """
        count, size = images.shape[:2]
        warps = self._warps(count, size, rng)
        shrunk = self._shrunk_sides(count, size, rng)
        colours = self._colours(count, rng)
        grain = np.where(rng.random(count) < self.noise, rng.uniform(0, self.noise_level, count), 0.0)
        offsets = rng.integers(0, _NOISE_PIXELS, count)
        varied = np.empty_like(images)
        for i, image in enumerate(images):
            if self._moves:
                image = cv2.warpAffine(
                    image, warps[i], (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
                )
            if shrunk[i] < size:
                small = cv2.resize(image, (shrunk[i], shrunk[i]), interpolation=cv2.INTER_AREA)
                image = cv2.resize(small, (size, size), interpolation=cv2.INTER_LINEAR)
            image = cv2.transform(image, colours[i])
            if grain[i] > 0:
                image = _add_grain(image, grain[i], offsets[i])
            varied[i] = image
        return varied

    @property
    def _moves(self) -> bool:
        return any((self.flip, self.rotate, self.scale, self.shift, self.stretch))

    def _warps(self, count: int, size: int, rng: np.random.Generator) -> np.ndarray:
        """Draw (B, 2, 3) affine maps about the image's centre."""
        angle = np.radians(rng.uniform(-self.rotate, self.rotate, count))
        zoom = 1 + rng.uniform(-self.scale, self.scale, count)
        stretch = 1 + rng.uniform(-self.stretch, self.stretch, count)
        mirror = np.where(rng.random(count) < self.flip, -1.0, 1.0)
        shift = rng.uniform(-self.shift, self.shift, (count, 2)) * size
        cosine, sine = zoom * np.cos(angle), zoom * np.sin(angle)
        linear = np.stack([mirror * cosine, -sine * stretch, mirror * sine, cosine * stretch], axis=-1)
        linear = linear.reshape(count, 2, 2)
        centre = np.full(2, (size - 1) / 2)
        translation = centre + shift - linear @ centre
        return np.concatenate([linear, translation[:, :, None]], axis=2)

    def _shrunk_sides(self, count: int, size: int, rng: np.random.Generator) -> np.ndarray:
        """Draw the side to which each image is shrunk before it is enlarged again; `size` for none."""
        factor = rng.uniform(1, self.blur_factor, count)
        return np.where(rng.random(count) < self.blur, np.round(size / factor), size).astype(int)

    def _colours(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw (B, 3, 4) colour maps: saturation, contrast about mid-grey, cast and brightness in one."""
        saturated = rng.uniform(0.3, 1.3, count) if self.grey or self.cast else np.ones(count)
        saturation = np.where(rng.random(count) < self.grey, 0.0, saturated)[:, None, None]
        contrast = np.exp(rng.uniform(-self.contrast, self.contrast, count))[:, None]
        cast = rng.random(count)[:, None] < self.cast
        gain = 1 + np.where(cast, rng.uniform(-self.cast_gain, self.cast_gain, (count, 3)), 0.0)
        lift = np.where(cast, rng.uniform(-self.cast_offset, self.cast_offset, (count, 3)), 0.0)
        lift = lift + rng.uniform(-self.brightness, self.brightness, (count, 1))
        mixed = saturation * np.eye(3) + (1 - saturation) * _LUMA
        linear = mixed * (gain * contrast)[:, :, None]
        constant = 127.5 * (1 - gain * contrast) + 255 * lift
        return np.concatenate([linear, constant[:, :, None]], axis=2)


SNAPSHOTS = Augmentation(
    flip=0.5,
    rotate=10,
    scale=0.1,
    shift=0.05,
    stretch=0.06,
    blur=0.4,
    blur_factor=4.0,
    grey=0.3,
    cast=0.4,
    cast_gain=0.25,
    cast_offset=0.1,
    brightness=0.08,
    contrast=0.25,
    noise=0.3,
    noise_level=14,
)
"""For learning who somebody is from a few thousand photographs: hand cameras, old prints and bad crops."""


@functools.cache
def _noise_bank() -> np.ndarray:
    """A fixed sheet of standard normal grain: to draw it anew would cost more than all the rest."""
    return np.random.default_rng(0).standard_normal(2 * _NOISE_PIXELS).astype(np.float32)


def _add_grain(image: np.ndarray, level: float, offset: int) -> np.ndarray:
    height, width = image.shape[:2]
    sheet = _noise_bank()
    grain = np.resize(sheet[offset : offset + min(height * width, _NOISE_PIXELS)], (height, width))
    grain = cv2.merge([grain] * 3)
    return cv2.add(image, grain * level, dtype=cv2.CV_8U)
