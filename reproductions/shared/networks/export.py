"""``python -m reproductions export NETWORK``: a network for another runtime, with a page on its use.

<out>/age.onnx, age.keras, age.tflite or saved_model/    the network: faces (N, size, size, 3) uint8 in
<out>/README.md                                          how faces are cut for it, in ten lines of NumPy
"""

from __future__ import annotations

import shutil
import string
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError, unknown
from common.files import atomic_path, require_writable_folder
from common.onnx_networks.packages import require
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import offered
from reproductions.shared.networks import manifest
from reproductions.shared.networks.example import example_face
from reproductions.shared.networks.published import PUBLISHED

FACES = 100
"""On which an export is compared with the network that it was made of."""

AGREEMENT = 1e-4
"""Largest difference of outputs, which are about 1 in size."""

_PART = 25
"""Faces that are asked at a time."""

PAGE = Path(__file__).with_name("export_readme.md")
Run = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Origin:
    """A network that is exported.

    Attributes:
        source: a Keras model whose input is called "faces", or a file for "onnx".
        ask: the network that `source` is.
        faces: (N, size, size, 3) uint8, on which both are asked.
        template: of the faces.
        gives: what the output is, in words that begin with its name ("older: ...").
        module: that has to be imported before Keras loads `source` from a file.
        told: what the network is called before the user.
    """

    source: Any
    ask: Run
    faces: np.ndarray
    template: str
    gives: str
    module: str
    told: str


def export(
    options: Options,
    name: str,
    *,
    form: str = "onnx",
    trained: bool = False,
    out: Path | None = None,
    network: Path = manifest.NETWORKS,
) -> None:
    """Write a network in a format and print how far it is from the one that it was made of.

    Args:
        options: folders, and which trained network: profile, seeds and data.
        name: of the network: "age", "gender", "recognition" or "synthesis".
        form: a name of `FORMATS`; "onnx" copies the published network.
        trained: export the network that was trained here in place of the published one.
        out: a new folder; None is runs/export/<name>-<format>.
        network: folder of published networks.

    Raises:
        UserError: name or format is unknown, the folder is there already, nothing is trained, a trained
            network is wanted as ONNX, a package is missing, its folder cannot be written into, or the export
            differs by more than `AGREEMENT`.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    if name not in PUBLISHED:
        raise unknown("network to export", name, PUBLISHED)
    if trained and form == "onnx":
        raise UserError(
            "a trained network becomes ONNX by make publish-networks (OUT=...): ask here for another format "
            "with --format (FORMAT=...), or leave --trained (TRAINED=yes) out."
        )
    folder = out or options.runs_root / "export" / f"{name}-{form}"
    if folder.exists():
        raise UserError(f"{folder} is there already: remove it, or give another folder with --out (OUT=...).")
    origin = _trained(options, name) if trained else _published(network, name, form)
    require_writable_folder(folder.parent, "another folder with --out (OUT=...)")
    difference = write(origin, folder, name, form)
    print(
        f"largest difference of {len(origin.faces)} faces' outputs, about 1 in size, from those of "
        f"{origin.told}: {difference:.1e}\n{folder}"
    )


def _published(network: Path, name: str, form: str) -> Origin:
    one = manifest.published(network, PUBLISHED[name])
    source: Any = network / one.file
    ask = manifest.load(network, one)
    if form != "onnx":
        from common.onnx_networks.reading import read_onnx

        source = read_onnx(source)
    faces = np.stack([example_face(one.input.size, one.input.template, seed) for seed in range(FACES)])
    module = "common.onnx_networks.graph"
    return Origin(source, ask, faces, one.input.template, one.output, module, f"the published {one.file}")


def _trained(options: Options, name: str) -> Origin:
    from reproductions.shared.networks.kinds import KINDS
    from reproductions.shared.networks.publish import joined

    kind = KINDS[name]
    candidate = offered(kind.offer)[1](options)
    source = joined(candidate.members, kind)
    faces = candidate.some_faces(FACES)
    ask = lambda some: np.asarray(source(some))  # noqa: E731
    return Origin(source, ask, faces, candidate.template, kind.gives, "common.layers", "the trained network")


def write(origin: Origin, folder: Path, name: str, form: str) -> float:
    """Write a network and its page into a new folder, whole or not at all, and return its difference.

    Args:
        origin: the network.
        folder: that appears.
        name: of the network.
        form: a name of `FORMATS`.

    Raises:
        UserError: a package is missing, or outputs differ by more than `AGREEMENT`.
    """
    from common.faces.alignment import TEMPLATES

    output = origin.gives.partition(":")[0]
    with atomic_path(folder) as beside:
        beside.mkdir()
        file, again = FORMATS[form](origin.source, beside, name, output)
        parts = np.array_split(origin.faces, -(-len(origin.faces) // _PART))
        difference = float(max(np.abs(again(part) - origin.ask(part)).max() for part in parts))
        if not difference <= AGREEMENT:
            raise UserError(
                f"the network as {form} differs by {difference:.1e} from the one that it was made of, "
                f"{AGREEMENT:g} at most: nothing is written."
            )
        page = string.Template(PAGE.read_text("utf-8"))
        points = [list(map(float, point)) for point in np.round(TEMPLATES[origin.template].points, 6)]
        numbers = {"size": origin.faces.shape[1], "points": points, "difference": f"{difference:.1e}"}
        asked = string.Template(_ASKED[form].strip()).substitute(
            file=file, output=output, module=origin.module
        )
        text = page.substitute(name=name, file=file, gives=origin.gives, asked=asked, **numbers)
        (beside / "README.md").write_text(text, "utf-8")
    return difference


def _onnx(source: Path, folder: Path, name: str, output: str) -> tuple[str, Run]:
    from common.onnx_networks.running import OnnxNetwork

    path = folder / f"{name}.onnx"
    shutil.copyfile(source, path)
    return path.name, OnnxNetwork(path)


def _keras(source: Any, folder: Path, name: str, output: str) -> tuple[str, Run]:
    import keras

    path = folder / f"{name}.keras"
    source.save(path)
    again = keras.models.load_model(path, compile=False)
    return path.name, lambda faces: again.predict(faces, verbose=0)


def _saved_model(source: Any, folder: Path, name: str, output: str) -> tuple[str, Run]:
    import tensorflow as tf

    _archive(source, folder / "saved_model", output)
    again = tf.saved_model.load(str(folder / "saved_model"))
    return "saved_model", lambda faces: again.serve(tf.constant(faces))[output].numpy()


def _litert(source: Any, folder: Path, name: str, output: str) -> tuple[str, Run]:
    import tensorflow as tf

    litert = require("ai_edge_litert.interpreter", "writing LiteRT")
    _archive(source, folder / "saved_model", output)
    path = folder / f"{name}.tflite"
    path.write_bytes(
        tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved_model"), ["serve"]).convert()
    )
    shutil.rmtree(folder / "saved_model")
    ask = litert.Interpreter(str(path)).get_signature_runner("serve")
    return path.name, lambda faces: np.concatenate([ask(faces=one[None])[output] for one in faces])


def _archive(source: Any, path: Path, output: str) -> None:
    """Write a model as a SavedModel whose input is called "faces" and whose output `output`."""
    import tensorflow as tf

    faces = tf.TensorSpec(source.inputs[0].shape, source.inputs[0].dtype, name="faces")
    module = tf.Module()
    # Keras' own archive stores every weight twice.
    module.weights = [one.value for one in source.variables]
    module.serve = tf.function(lambda faces: {output: source(faces, training=False)}, [faces])
    tf.saved_model.save(module, str(path), {"serve": module.serve, "serving_default": module.serve})


_ASKED = {
    "onnx": """
import onnxruntime

outputs = onnxruntime.InferenceSession("$file").run(None, {"faces": faces})[0]
""",
    "keras": """
import keras
import $module  # of the suite that wrote this, to be installed: the network holds layers of it

outputs = keras.saving.load_model("$file", compile=False).predict(faces)
""",
    "savedmodel": """
import tensorflow as tf

network = tf.saved_model.load("$file")
outputs = network.serve(faces)["$output"].numpy()
""",
    "litert": """
import numpy as np
from ai_edge_litert.interpreter import Interpreter

ask = Interpreter("$file").get_signature_runner("serve")
outputs = np.concatenate([ask(faces=face[None])["$output"] for face in faces])
""",
}
"""By format, the lines of Python that ask a network in a file."""

FORMATS: dict[str, Callable[[Any, Path, str, str], tuple[str, Run]]] = {
    "onnx": _onnx,
    "keras": _keras,
    "savedmodel": _saved_model,
    "litert": _litert,
}
