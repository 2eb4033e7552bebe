"""Contact sheets of what a detector found, missed and misplaced, to look at; never a part of the results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from common.faces.alignment import align
from common.faces.drawing import GREEN, RED, contact_sheet, draw_box, draw_landmarks
from common.metrics.detection import Judgement
from data_prep.datasets.samples import Sample
from data_prep.formats.images import decode, read_bytes
from data_prep.synthetic.sheets import save_png

_FOUND, _WORST, _MISSED = 120, 40, 60
_TILE, _LARGE_TILE = 112, 280


def write(folder: Path, name: str, samples: Sequence[Sample], judgements: Sequence[Judgement]) -> list[Path]:
    """Write up to three sheets of detector `name` into `folder` and return their paths.

    <name>-found.png: faces drawn by lot, aligned (or cut out, where there are no landmarks);
    <name>-missed.png: marked points in green, what was detected instead in red; <name>-worst.png: the same of
    the largest eye errors. An older sheet for which there is nothing to show is removed.
    """
    pairs = list(zip(samples, judgements, strict=True))
    found = [pair for pair in pairs if pair[1].found]
    order = np.random.default_rng(0).permutation(len(found))[:_FOUND]
    missed = [pair for pair in pairs if not pair[1].found][:_MISSED]
    placed = [pair for pair in found if pair[1].eye_error is not None]
    worst = sorted(placed, key=lambda pair: -pair[1].eye_error)[:_WORST]
    sheets = {
        "found": [(_cut_out(*found[index]), _file(found[index][0])) for index in sorted(order)],
        "missed": [(_marked(*pair), _file(pair[0])) for pair in missed],
        "worst": [(_marked(*pair), f"{100 * pair[1].eye_error:.0f}% {_file(pair[0])}") for pair in worst],
    }
    files = []
    for kind, tiles in sheets.items():
        path = folder / f"{name}-{kind}.png"
        path.unlink(missing_ok=True)
        if tiles:
            images, captions = zip(*tiles, strict=True)
            columns, tile = (10, _TILE) if kind == "found" else (6, _LARGE_TILE)
            save_png(path, contact_sheet(images, columns, captions, tile))
            files.append(path)
    return files


def read(sample: Sample) -> np.ndarray:
    """Return an image as (H, W, 3) uint8 RGB; raises `BadImage` where it is none."""
    return decode(read_bytes(sample.path))


def _file(sample: Sample) -> str:
    return sample.name.rpartition("/")[2]


def _cut_out(sample: Sample, judgement: Judgement) -> np.ndarray:
    image = read(sample)
    if judgement.found.landmarks is not None:
        return align(image, judgement.found.landmarks, "arcface", _TILE)
    height, width = image.shape[:2]
    x1, y1, x2, y2 = np.clip(judgement.found.box, 0, (width, height, width, height)).astype(int)
    return image[y1 : y2 + 1, x1 : x2 + 1]


def _marked(sample: Sample, judgement: Judgement) -> np.ndarray:
    image = read(sample)
    # Drawn at the size of the tile, or shrinking would wipe the points away.
    scale = _LARGE_TILE / max(image.shape[:2])
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for face in judgement.faces[:5]:
        draw_box(image, scale * np.array(face.box), RED, f"{face.score:.2f}")
        if face.landmarks is not None:
            draw_landmarks(image, scale * face.landmarks, RED)
    draw_landmarks(image, scale * np.array(sample.landmarks), GREEN)
    return image
