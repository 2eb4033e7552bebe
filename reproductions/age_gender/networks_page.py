"""The paper's figures of networks (its second Fig. 3 and Fig. 4, Fig. 5) as tables, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from common.evidence.formats import markdown_table
from common.evidence.render import Page
from common.evidence.sealed import read_sealed, write_sealed

FILE = Path("data") / "networks.json"
_SIZE = 128


class Layer(TypedDict):
    """A layer of a network that changes its input."""

    name: str
    output: str
    parameters: int


class Network(TypedDict):
    """A network as it was built."""

    name: str
    title: str
    layers: list[Layer]
    parameters: int


class Networks(TypedDict):
    """All networks, in the order of the paper."""

    size: int
    networks: list[Network]


def store(folder: Path) -> None:
    """Read the networks off the built models and store them in the paper's folder of results."""
    write_sealed(folder / FILE, describe())


def describe() -> dict[str, Any]:
    """Return every network of the paper at its own size, layer by layer."""
    from reproductions.age_gender.labels import CLASSES
    from reproductions.age_gender.networks import face_network, lenet

    built = {
        "gender": ("Gender alone (its Fig. 3, AlexNet)", face_network({"gender": CLASSES["gender"]})),
        "lenet": ("Age alone (its Fig. 4, LeNet)", lenet()),
        "lenet-whole": (
            "LeNet with a filter for each pair of maps in C3, as LeCun et al.",
            lenet(shared=False),
        ),
        "age": ("Age alone by three convolutions", face_network({"age": CLASSES["age"]})),
        "joint": ("Both together (its Fig. 5)", face_network(CLASSES)),
        "joint-code": ("Both together in the authors' code: one FC6", face_network(CLASSES, "code")),
    }
    networks = [{"name": name, "title": title, **_described(model)} for name, (title, model) in built.items()]
    return {"size": _SIZE, "networks": networks}


def stored(folder: Path) -> Networks | None:
    """Return the networks that were stored in the paper's folder of results; None where none were."""
    path = Path(folder) / FILE
    return read_sealed(path, Networks, "run make networks-age-gender") if path.is_file() else None


def page(folder: Path) -> str | None:
    """Return the page in Markdown, a table for each network; None where none was stored."""
    found = stored(folder)
    if found is None:
        return None
    parts = [_TOLD.format(size=found["size"])]
    for network in found["networks"]:
        rows = [[one["name"], one["output"], f"{one['parameters']:,}"] for one in network["layers"]]
        rows.append(["all", "", f"{network['parameters']:,}"])
        table = markdown_table(("Layer", "Output", "Parameters"), rows)
        parts += [f"## {network['title']}", "\n".join(table)]
    return "\n\n".join(parts) + "\n"


PAGE = Page("networks", "The networks, layer by layer", "the models themselves, no data", page)

_TOLD = (
    "The paper draws its three networks in figures that it numbers 3, 4 and 5 for the second time. Here they "
    "are read off the built models for grey faces of {size}x{size} px; layers without effect on size or "
    "parameters are left out. What each layer does stands with `reproductions.age_gender.networks`."
)


def _described(model) -> dict[str, Any]:
    layers: list[Mapping[str, Any]] = []
    before = tuple(model.input.shape[1:])
    for layer in model.layers[1:]:
        shape = tuple(layer.output.shape[1:])
        parameters = int(layer.count_params())
        if parameters or shape != before:
            output = "x".join(str(side) for side in shape)
            layers.append({"name": layer.name, "output": output, "parameters": parameters})
        before = shape
    return {"layers": layers, "parameters": int(model.count_params())}
