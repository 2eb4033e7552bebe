"""Contact sheets that show what the renderer does: people by ages, and one person in many circumstances."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from common.files import atomic_write
from data_prep.synthetic.face import render
from data_prep.synthetic.latents import GENDERS, Latents, Nuisance, sample_identity, sample_nuisance

AGES = (1, 4, 9, 15, 25, 40, 55, 70, 85)

_CASES: dict[str, list[dict]] = {
    "yaw": [{"yaw": value} for value in (-18, -9, 0, 9, 18)],
    "pitch": [{"pitch": value} for value in (-9, -4.5, 0, 4.5, 9)],
    "light": [
        {"light_azimuth": value, "light_hardness": 0.7, "light_elevation": 25}
        for value in (-55, -28, 0, 28, 55)
    ],
    "expression": [
        {"smile": -0.5, "brow_raise": -0.9},
        {"smile": 0.3},
        {"smile": 1.0, "mouth_open": 0.5},
        {"mouth_open": 0.8, "brow_raise": 0.9},
        {"squint": 0.7, "gaze_x": 0.8},
    ],
    "camera": [
        {"roll": 10, "zoom": 1.1},
        {"blur": 1.1, "shift_x": 0.03},
        {"glasses": 1.0, "warmth": 0.9},
        {"tone": "grey", "noise": 5},
        {"tone": "sepia", "fading": 0.7, "noise": 4},
    ],
}


def _titled(rows: Sequence[np.ndarray], titles: Sequence[str], cell: int) -> np.ndarray:
    """Stack rows of cells under one line of column titles."""
    sheet = np.concatenate(rows)
    line = np.full((18, sheet.shape[1], 3), 255, np.uint8)
    for column, title in enumerate(titles):
        width = cv2.getTextSize(title, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)[0][0]
        place = (column * cell + (cell - width) // 2, 13)
        cv2.putText(line, title, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (60, 60, 60), 1, cv2.LINE_AA)
    return np.concatenate([line, sheet])


def sheet(identities: int = 6, ages: Sequence[float] = AGES, size: int = 96, seed: int = 1) -> np.ndarray:
    """Return an RGB sheet: one person a row, one age a column, women and men in turn.

    Pose, light and expression vary a little from picture to picture, as in an album.
    """
    rows = []
    for number in range(identities):
        rng = np.random.default_rng([seed, number])
        identity, gender = sample_identity(rng), GENDERS[number % 2]
        cells = []
        for age in ages:
            drawn = sample_nuisance(rng, age)
            circumstances = Nuisance(
                yaw=drawn.yaw * 0.5,
                pitch=drawn.pitch * 0.4,
                roll=drawn.roll * 0.4,
                light_azimuth=drawn.light_azimuth * 0.7,
                smile=max(drawn.smile, -0.1) * 0.8,
                seed=drawn.seed,
            )
            cells.append(render(Latents(identity, float(age), gender, circumstances), size).image)
        rows.append(np.concatenate(cells, axis=1))
    return _titled(rows, [f"{age:g}" for age in ages], size)


def nuisance_sheet(size: int = 96, seed: int = 1, age: float = 32.0, gender: str = "female") -> np.ndarray:
    """Return an RGB sheet of one person of one age: pose, light, expression and camera, a factor a row."""
    identity = sample_identity(np.random.default_rng([seed, 0]))
    rows = []
    for cases in _CASES.values():
        pictures = [
            render(Latents(identity, age, gender, Nuisance(seed=seed, **case)), size).image for case in cases
        ]
        rows.append(np.concatenate(pictures, axis=1))
    return np.concatenate(rows)


def save_png(path: Path, image: np.ndarray) -> None:
    """Write an RGB sheet as PNG, whole or not at all."""
    done, data = cv2.imencode(".png", image[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise OSError(f"OpenCV cannot encode {path} as PNG")
    with atomic_write(path, "wb") as file:
        file.write(data.tobytes())


def main() -> None:
    """Write the sheets of the documentation."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("results/synthetic"))
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    save_png(arguments.folder / "identities-by-ages.png", sheet(seed=arguments.seed))
    save_png(arguments.folder / "nuisance.png", nuisance_sheet(seed=arguments.seed))


if __name__ == "__main__":
    main()
