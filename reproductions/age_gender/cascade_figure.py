"""Figures 1-3 from OpenCV's real cascade on a generated face: features, integral image, stages."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from common.evidence.figures import PALETTE, free_figure
from common.evidence.plots import PlotData
from common.evidence.records import Record
from common.evidence.sealed import read_sealed, write_sealed
from common.faces.alignment import to_grey
from common.faces.haar_cascade import Cascade, integral_image, read_cascade, rectangle_sum, scan
from common.faces.tracking import intersection_over_union
from common.faces.viola_jones import CASCADE, ViolaJones
from data_prep.synthetic import Latents, Nuisance, render, sample_identity

PAPER = "age-gender"
"""Whose results folder the figure lies in."""

NAME = "fig1-3"
"""Of the figure's files."""

FILE = Path("data") / "cascade.json"
_SIDE = 160
_FACE, _OTHER = PALETTE[2], PALETTE[1]


class Window(TypedDict):
    """A window of the picture, the stages that it passes, and each stage's sum less its threshold."""

    pixels: list[list[int]]
    box: list[float]
    passed: int
    margins: list[float]


class Feature(TypedDict):
    """A Haar feature of the first stage, with its values in the face and in the background."""

    rectangles: list[list[int]]
    weights: list[float]
    threshold: float
    values: list[float]


class Seen(TypedDict):
    """What the figure shows, as of `describe`."""

    cascade: str
    picture: str
    found: list[float]
    overlap: float
    face: Window
    background: Window
    features: list[Feature]
    trees: list[int]
    left: list[int]


def store(folder: Path) -> None:
    """Evaluate the cascade on a generated face, store what it did in the paper's folder, and print it."""
    path = folder / FILE
    seen = describe()
    write_sealed(path, seen)
    print("\n".join(told(seen)))


def data(records: Sequence[Record], root: Path) -> PlotData | None:
    """Return what the figure shows; None where the cascade was not evaluated yet."""
    path = Path(root) / PAPER / FILE
    if not path.is_file():
        return None
    values = read_sealed(path, Seen, "run make fig1-3-age-gender")
    return PlotData(values, about="OpenCV's cascade on a generated face")


def describe() -> dict[str, Any]:
    """Return what the cascade does to a generated picture: all that `draw` shows, JSON-able."""
    cascade = read_cascade()
    picture = _picture()
    grey = to_grey(picture)[..., 0]
    windows, boxes = (np.concatenate(parts) for parts in zip(*scan(grey, cascade.size), strict=True))
    passed = cascade.passed(windows)
    (face,) = ViolaJones(min_face=0.15).detect(picture)
    overlaps = intersection_over_union(boxes, np.array([face.box]))[:, 0]
    best = int(np.where(passed == len(cascade.stages), overlaps, -1).argmax())
    furthest = int(np.where(overlaps == 0, passed, -1).argmax())
    return {
        "cascade": CASCADE,
        "picture": _encoded(grey),
        "found": _rounded(face.box),
        "overlap": round(float(overlaps[best]), 3),
        "face": _window(cascade, windows[best], boxes[best], passed[best]),
        "background": _window(cascade, windows[furthest], boxes[furthest], passed[furthest]),
        "features": _first_features(cascade, windows[best], windows[furthest]),
        "trees": [len(stage.trees) for stage in cascade.stages],
        "left": [int((passed >= count).sum()) for count in range(len(cascade.stages) + 1)],
    }


def told(seen: dict[str, Any]) -> list[str]:
    """Return the lines that say in words what the figure shows."""
    count, left = len(seen["trees"]), seen["left"]
    return [
        f"{seen['cascade']}: {count} stages of {sum(seen['trees']):,} trees",
        f"of {left[0]:,} windows {left[1]:,} pass the first stage, {left[-1]:,} all of them; "
        f"OpenCV's box overlaps the best of these by {seen['overlap']:.0%}",
        f"the window of the face passes {seen['face']['passed']} stages, "
        f"the background that gets furthest {seen['background']['passed']}",
    ]


def draw(seen: dict[str, Any]) -> Figure:
    """Draw the picture, the first stage's features, the integral image and the stages' verdicts."""
    return free_figure(10, 7, lambda figure: _lay_out(figure, seen))


def _lay_out(figure: Figure, seen: dict[str, Any]) -> None:
    above, below = figure.subfigures(2, 1, height_ratios=(0.9, 1))
    first, *others = above.subplots(1, 4, width_ratios=(1.25, 1, 1, 1))
    _draw_picture(first, seen)
    for place, axes in enumerate(others):
        _draw_feature(axes, seen["features"][place], seen["face"]["pixels"], place)
    integral, sums, left = below.subplots(1, 3)
    _draw_integral(integral, seen)
    _draw_sums(sums, seen)
    _draw_left(left, seen)


def _picture() -> np.ndarray:
    identity = sample_identity(np.random.default_rng([2, 8]))
    person = Latents(identity, 23, "female", Nuisance(zoom=0.6, shift_x=-0.1, seed=8))
    return render(person, _SIDE).image


def _window(cascade: Cascade, window: np.ndarray, box: np.ndarray, passed: int) -> dict[str, Any]:
    sums = [float(cascade.sums(stage, window[None])[0]) for stage in range(len(cascade.stages))]
    margins = [total - stage.threshold for total, stage in zip(sums, cascade.stages, strict=True)]
    return {
        "pixels": window.tolist(),
        "box": _rounded(box),
        "passed": int(passed),
        "margins": [round(margin, 4) for margin in margins],
    }


def _first_features(cascade: Cascade, face: np.ndarray, other: np.ndarray) -> list[dict[str, Any]]:
    """Return the features at the roots of the first stage's trees, with their values in two windows."""
    rows = []
    for tree in cascade.stages[0].trees:
        _, _, place, threshold = tree.nodes[0]
        feature = cascade.features[place]
        rows.append(
            {
                "rectangles": [list(rectangle) for rectangle in feature.rectangles],
                "weights": list(feature.weights),
                "threshold": round(threshold, 5),
                "values": [
                    round(float(value), 5) for value in cascade.values(place, np.stack([face, other]))
                ],
            }
        )
    return rows


def _draw_picture(axes: Axes, seen: dict[str, Any]) -> None:
    axes.imshow(_decoded(seen["picture"]), cmap="gray", vmin=0, vmax=255)
    for box, colour, style in (
        (seen["found"], PALETTE[0], "--"),
        (seen["face"]["box"], _FACE, "-"),
        (seen["background"]["box"], _OTHER, "-"),
    ):
        x1, y1, x2, y2 = box
        axes.add_patch(
            Rectangle(
                (x1, y1), x2 - x1, y2 - y1, fill=False, edgecolor=colour, linestyle=style, linewidth=1.8
            )
        )
    below = "window of the face (green),\nof background (orange),\nOpenCV's box (dashed)"
    _bare(axes, "A generated picture", below)


def _draw_feature(axes: Axes, feature: dict[str, Any], pixels: list, place: int) -> None:
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, alpha=0.75)
    # A later rectangle lies on an earlier one and outweighs it: what stays black is subtracted.
    for (x, y, width, height), weight in zip(feature["rectangles"], feature["weights"], strict=True):
        axes.add_patch(
            Rectangle(
                (x - 0.5, y - 0.5),
                width,
                height,
                facecolor="white" if weight > 0 else "black",
                edgecolor=PALETTE[4],
                alpha=0.75,
            )
        )
    face, other = feature["values"]
    _bare(
        axes,
        f"Haar feature, tree {place + 1} of stage 1",
        f"white less black\nface {face:.4f}\nbackground {other:.4f}\nthreshold {feature['threshold']:.4f}",
    )


def _draw_integral(axes: Axes, seen: dict[str, Any]) -> None:
    integral = integral_image(np.array(seen["face"]["pixels"]))
    axes.imshow(integral, cmap="viridis")
    x, y, width, height = seen["features"][0]["rectangles"][-1]
    corners = {"A": (x, y), "B": (x + width, y), "C": (x, y + height), "D": (x + width, y + height)}
    axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor="white", linewidth=1.5))
    for name, corner in corners.items():
        axes.plot(*corner, "o", color="white", markersize=4)
        left = name in "AC"
        axes.annotate(
            name,
            corner,
            (-4 if left else 4, 4 if name in "AB" else -4),
            textcoords="offset points",
            ha="right" if left else "left",
            va="bottom" if name in "AB" else "top",
            color="white",
        )
    values = {name: int(integral[down, right]) for name, (right, down) in corners.items()}
    total = int(rectangle_sum(integral, x, y, width, height))
    _bare(
        axes,
        "Integral image of the face's window",
        "sum of the rectangle = D - B - C + A\n"
        f"= {values['D']:,} - {values['B']:,} - {values['C']:,} + {values['A']:,} = {total:,}",
    )


def _draw_sums(axes: Axes, seen: dict[str, Any]) -> None:
    stages = np.arange(1, len(seen["trees"]) + 1)
    for name, colour, marker in (("face", _FACE, "o"), ("background", _OTHER, "s")):
        window = seen[name]
        margins, asked = window["margins"], min(window["passed"] + 1, len(stages))
        axes.plot(
            stages[:asked],
            margins[:asked],
            color=colour,
            marker=marker,
            markersize=4,
            label=f"{name}: passes {window['passed']}",
        )
        if asked < len(stages):
            axes.plot(
                stages[asked - 1], margins[asked - 1], "x", color=colour, markersize=11, markeredgewidth=2
            )
    axes.axhline(0, color="black", linewidth=1)
    axes.set_xlabel("stage")
    axes.set_ylabel("sum of the trees less threshold")
    axes.set_title("A window ends below 0 (cross)")
    axes.set_ylim(top=1.4 * max(seen["face"]["margins"]))
    axes.legend(loc="upper right")


def _draw_left(axes: Axes, seen: dict[str, Any]) -> None:
    stages = np.arange(len(seen["left"]))
    axes.bar(stages, seen["left"], color=PALETTE[5])
    axes.set_yscale("log")
    axes.set_xlabel("stages passed")
    axes.set_ylabel("windows left")
    axes.set_title(f"{seen['left'][-1]} of {seen['left'][0]:,} windows pass all")


def _bare(axes: Axes, title: str, below: str) -> None:
    axes.set_title(title)
    axes.set_xlabel(below)
    axes.set_xticks([])
    axes.set_yticks([])


def _rounded(box: Sequence[float]) -> list[float]:
    return [round(float(value), 2) for value in box]


def _encoded(grey: np.ndarray) -> str:
    return base64.b64encode(cv2.imencode(".png", grey)[1].tobytes()).decode()


def _decoded(text: str) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_GRAYSCALE)
