"""Table 1 out of the networks themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

from common.evidence.formats import markdown_table
from common.evidence.render import Page
from common.evidence.sealed import read_sealed, write_sealed

FILE = Path("data") / "table1.json"
STAGES = ("conv1_x", "conv2_x", "conv3_x", "conv4_x", "conv5_x")
PRINTED = {"conv1_x": 112, "conv2_x": 56, "conv3_x": 28, "conv4_x": 14, "conv5_x": 7}
"""Output sizes as the paper prints them, in pixels."""


class Stage(TypedDict):
    """A stage as built."""

    name: str
    side: int
    units: dict[str, int]
    channels: int


class Networks(TypedDict):
    """Both networks; units and parameters by depth."""

    stages: list[Stage]
    parameters: dict[str, int]


def store(folder: Path) -> None:
    """Read both networks off the built models, and store them in the paper's results."""
    path = folder / FILE
    write_sealed(path, describe())


def describe() -> dict[str, Any]:
    """Return the stages of the networks of 18 and 34 layers, read off the built models.

    Raises:
        ValueError: a stage's output is not of the same size in both.
    """
    from common.networks.residual import CHANNELS, UNITS, residual_age_network

    networks = {depth: residual_age_network(depth) for depth in UNITS}
    stages = []
    for number, name in enumerate(STAGES):
        (side,) = {network.get_layer(name).output.shape[1] for network in networks.values()}
        units = {str(depth): UNITS[depth][number - 1] if number else 1 for depth in UNITS}
        stages.append({"name": name, "side": side, "units": units, "channels": CHANNELS[max(number - 1, 0)]})
    parameters = {str(depth): network.count_params() for depth, network in networks.items()}
    return {"stages": stages, "parameters": parameters}


def stored(folder: Path) -> Networks | None:
    """Return what was stored in the paper's folder of results; None where nothing was."""
    path = Path(folder) / FILE
    return read_sealed(path, Networks, "run make table1-neighborhood") if path.is_file() else None


def page(folder: Path) -> str | None:
    """Return Table 1 in Markdown, as built, beside the sizes that the paper prints; None without networks."""
    found = stored(folder)
    if found is None:
        return None
    rows = [_row(stage, list(found["parameters"])) for stage in found["stages"]]
    rows.append(["", "1×1", "1×1", "average pooling, 100-d FC, softmax", "the same"])
    counts = [f"{count:,}" for count in found["parameters"].values()]
    rows.append(["parameters", "–", "–", *counts])
    header = (
        "Layer",
        "Output (paper)",
        "Output (built)",
        *(f"{depth} layers" for depth in found["parameters"]),
    )
    return "\n".join([_TOLD, "", *markdown_table(header, rows, narrow=True)]) + "\n"


PAGE = Page("table1", "Table 1. The networks, stage by stage", "the models themselves, no data", page)

_TOLD = (
    "Faces of 224 px. The size of conv1_x is that after its 3×3 max pooling, which the paper counts to "
    "conv2_x: the convolution itself has stride 1 (4.2) and keeps 224 px."
)


def _row(stage: Stage, depths: list[str]) -> list[str]:
    name, side = stage["name"], stage["side"]
    sizes = [name, f"{PRINTED[name]}×{PRINTED[name]}", f"{side}×{side}"]
    if name == "conv1_x":
        return [*sizes, f"[3×3, {stage['channels']}] × 1, 3×3 max pooling, S2", "the same"]
    block = f"[3×3, {stage['channels']}; 3×3, {stage['channels']}]"
    return [*sizes, *(f"{block} × {stage['units'][depth]}" for depth in depths)]
