"""Figures 2 and 3 from the model itself: every stage's convolutions and output, and the two heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from matplotlib.figure import Figure

from common.evidence.figures import Box, flow_chart
from common.evidence.formats import markdown_table
from common.evidence.plots import PlotData
from common.evidence.records import Record
from common.evidence.sealed import read_sealed, write_sealed

FILE = Path("data") / "network.json"
STAGES = ("stem", "pool1", "unit1", "conv2", "pool2", "unit2", "conv3", "pool3", "unit3", "conv4", "F1")
"""Layers at whose output a stage ends."""

_HEADS = (("F2", "F4", "identity_logits"), ("F3", "F5", "age_group_logits"))
_PEOPLE = 10575  # of CASIA-WebFace
_BRANCHES = ("_short", "_reduce", "_1x", "x1_", "_expand")
_FIRST_OF_BRANCH = ("_reduce", "_expand")


class Stage(TypedDict):
    """Layers that end at one of `STAGES`, and what comes out of them."""

    name: str
    what: str
    output: str
    parameters: int


class Part(TypedDict):
    """A dense layer of a head."""

    name: str
    units: int


class Network(TypedDict):
    """What the figure shows."""

    size: int
    stages: list[Stage]
    heads: list[list[Part]]


def store(folder: Path) -> None:
    """Read the network off the built model, store it in the paper's folder of results, and print it."""
    path = folder / FILE
    network = describe()
    write_sealed(path, network)
    header = ("Stage", "Convolutions and poolings", "Output", "Parameters")
    rows = [[one["name"], one["what"], one["output"], f"{one['parameters']:,}"] for one in network["stages"]]
    print("\n".join(markdown_table(header, rows, left=3)))


def describe(size: int = 128, width: float = 1.0) -> dict[str, Any]:
    """Return the network's stages and heads, read off the built model."""
    from reproductions.jmcnn.age_groups import GROUPS
    from reproductions.jmcnn.network import Heads, jmcnn

    model = jmcnn(Heads(_PEOPLE, len(GROUPS), weight=0.1), size, width)
    trunk = model.get_layer("backbone")
    stages, inside = [], []
    for layer in trunk.layers[1:]:
        inside.append(layer)
        if layer.name in STAGES:
            stages.append(_stage(layer, inside))
            inside = []
    heads = [
        [{"name": name.removesuffix("_logits"), "units": model.get_layer(name).units} for name in names]
        for names in _HEADS
    ]
    return {"size": size, "stages": stages, "heads": heads}


def data(records: Sequence[Record], root: Path) -> PlotData | None:
    """Return what the figure shows; None where the network was not read off yet."""
    path = Path(root) / "jmcnn" / FILE
    if not path.is_file():
        return None
    values = read_sealed(path, Network, "run make fig3-jmcnn")
    return PlotData(values, about="the model itself, no data")


_COLUMNS = 6
"""Boxes beside one another: as many as can be read in a page's width."""

_BRANCHED = " | "
"""In `Stage.what` between the two branches of an inception unit, and before what follows where they meet."""


def draw(network: dict[str, Any]) -> Figure:
    """Draw the stages line by line, there and back, then the two heads, and the inception units in full."""
    chart = _Chart([], [])
    last = chart.add(0, 0, "faces", f"{network['size']}x{network['size']}x3")
    branched = [stage for stage in network["stages"] if _BRANCHED in stage["what"]]
    for number, stage in enumerate(network["stages"], start=1):
        line, place = divmod(number, _COLUMNS)
        what = "two branches,\nsee below" if stage in branched else stage["what"].replace(", ", "\n")
        text = f"{what}\n→ {stage['output']}".replace(" max", "\nmax").replace("age pool", "age\npool")
        column = place if line % 2 == 0 else _COLUMNS - 1 - place
        last = chart.add(column, -1.3 * line, stage["name"], text, [last])
    lowest = -1.3 * (len(network["stages"]) // _COLUMNS)
    tied = []
    for row, head in enumerate(network["heads"]):
        previous = last
        for place, part in enumerate(head):
            name, units = part["name"].replace("_", " "), f"{part['units']:,}"
            previous = chart.add(1 + 2 * place, lowest - 1.1 - 0.9 * row, name, units, [previous])
            tied += [previous] * (place == 1)
    for number, stage in enumerate(branched):
        _unit(chart, lowest - 3.8 - 1.6 * number, stage)
    return flow_chart(chart.boxes, chart.arrows, ties=[(*tied, "cosine\nregulariser")])


class _Chart(NamedTuple):
    boxes: list[Box]
    arrows: list[tuple[int, int]]

    def add(self, column: float, row: float, title: str, text: str = "", after: Sequence[int] = ()) -> int:
        """Add a box with arrows from others, and return its number."""
        self.boxes.append(Box(column, row, title, text))
        number = len(self.boxes) - 1
        self.arrows.extend((one, number) for one in after)
        return number


def _unit(chart: _Chart, row: float, stage: Stage) -> None:
    """Draw an inception unit: two branches that meet, and the unit's input added to what comes of them."""
    short, long, joined = (part.split(", ") for part in stage["what"].split(_BRANCHED))
    start = chart.add(0, row, stage["name"], "input")
    ends = []
    for height, branch in ((0.95, short), (0.35, long)):
        previous = start
        for place, convolution in enumerate(branch, start=1):
            previous = chart.add(place, row + height, convolution, "", [previous])
        ends.append(previous)
    meeting = chart.add(4, row + 0.65, "joined", "\n".join(joined), ends)
    chart.add(5, row, "sum, ReLU", f"→ {stage['output']}", [start, meeting])


def _stage(last, layers: Sequence) -> dict[str, Any]:
    import keras

    parts = []
    for layer in sorted(layers, key=lambda one: _branch(one.name)):
        if isinstance(layer, keras.layers.Conv2D):
            mark = "| " if any(part in layer.name for part in _FIRST_OF_BRANCH) else ""
            parts.append(mark + _kernel(layer.kernel_size, layer.strides, layer.filters))
        elif isinstance(layer, keras.layers.MaxPooling2D):
            parts.append(f"{_kernel(layer.pool_size, layer.strides)} max pooling")
        elif isinstance(layer, keras.layers.GlobalAveragePooling2D):
            parts.append("average pooling")
    return {
        "name": last.name,
        "what": ", ".join(parts).replace(", |", " |"),
        "output": "x".join(str(side) for side in last.output.shape[1:]),
        "parameters": sum(layer.count_params() for layer in layers),
    }


def _branch(name: str) -> int:
    """The order of an inception unit's layers: branch by branch, not by their depth in the graph."""
    return next((place for place, part in enumerate(_BRANCHES) if part in name), 0)


def _kernel(size: tuple[int, int], strides: tuple[int, int], count: int | None = None) -> str:
    stride = f"/{strides[0]}" if strides[0] > 1 else ""
    return f"{size[0]}x{size[1]}{stride}" + (f" ({count})" if count else "")
