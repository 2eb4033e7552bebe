"""``python -m reproductions export NAME``: a network for another runtime, with a page on its use.

<out>/age.onnx, age.keras, age.tflite or saved_model/    the network: faces (N, size, size, 3) uint8 in
<out>/README.md                                          how faces are cut for it, in ten lines of NumPy
"""

from __future__ import annotations

import importlib
import shutil
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from common.errors import UserError, unknown
from common.files import atomic_path
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.registry import offered
from reproductions.shared.networks import manifest
from reproductions.shared.networks.example import example_face
from reproductions.shared.networks.published import PUBLISHED

FACES = 100
"""On which an export is compared with the network that it was made of."""

AGREEMENT = 1e-4
"""Largest difference of outputs, which are at most 1 in size."""

PAGE = Path(__file__).with_name("export_readme.md")
Run = Callable[[np.ndarray], np.ndarray]


def export(
    options: Options,
    name: str,
    *,
    form: str = "onnx",
    out: Path | None = None,
    network: Path = manifest.NETWORKS,
) -> None:
    """Write a network in a format and print how far it is from the one that it was made of.

    Args:
        options: profile, seeds, data and folders: which trained network, for all formats but "onnx".
        name: of the network: "age", "gender", "recognition" or "synthesis".
        form: a name of `FORMATS`; "onnx" copies the published network.
        out: a new folder; None is runs/export/<name>-<format>.
        network: folder of published networks.

    Raises:
        UserError: name or format is unknown, the folder is there already, nothing is trained, a package is
            missing, or the export differs by more than `AGREEMENT`.
    """
    if form not in FORMATS:
        raise unknown("format", form, FORMATS)
    if name not in PUBLISHED:
        raise unknown("network to export", name, PUBLISHED)
    folder = out or options.runs_root / "export" / f"{name}-{form}"
    if folder.exists():
        raise UserError(f"{folder} is there already: remove it, or give another folder with --out (OUT=...).")
    if form == "onnx":
        published = manifest.published(network, PUBLISHED[name])
        gives = published.output
        given, ask = (published.input.size, published.input.template), manifest.load(network, published)
        faces = np.stack([example_face(*given, seed) for seed in range(FACES)])
        source: Any = network / published.file
    else:
        from reproductions.shared.networks.kinds import KINDS
        from reproductions.shared.networks.publish import joined

        kind = KINDS[name]
        candidate, gives = offered(kind.offer)[1](options), kind.gives
        source, faces = joined(candidate.members, kind), candidate.some_faces(FACES)
        given, ask = (candidate.size, candidate.template), lambda some: np.asarray(source(some))
    difference = write(source, ask, faces, folder, name, form, *given, gives)
    print(f"largest difference of {len(faces)} faces' outputs, 1 at most: {difference:.1e}\n{folder}")


def write(
    source: Any,
    ask: Run,
    faces: np.ndarray,
    folder: Path,
    name: str,
    form: str,
    size: int,
    template: str,
    gives: str,
) -> float:
    """Write a network and its page into a new folder, whole or not at all, and return its difference.

    Args:
        source: a Keras model whose input is called "faces", or a file for "onnx".
        ask: the network that `source` is.
        faces: (N, size, size, 3) uint8, on which both are asked.
        folder: that appears.
        name: of the network.
        form: a name of `FORMATS`.
        size, template: of the faces.
        gives: what the output is, in words that begin with its name ("older: ...").

    Raises:
        UserError: a package is missing, or outputs differ by more than `AGREEMENT`.
    """
    from common.faces.alignment import TEMPLATES

    with atomic_path(folder) as beside:
        beside.mkdir()
        file, again = FORMATS[form](source, beside, name, gives.partition(":")[0])
        difference = float(np.abs(again(faces) - ask(faces)).max())
        if not difference <= AGREEMENT:
            raise UserError(
                f"the network as {form} differs by {difference:.1e} from the one that it was made of, "
                f"{AGREEMENT:g} at most: nothing is written."
            )
        page = string.Template(PAGE.read_text("utf-8"))
        points = [list(map(float, point)) for point in np.round(TEMPLATES[template].points, 6)]
        numbers = {"size": size, "points": points, "difference": f"{difference:.1e}"}
        asked = string.Template(_ASKED[form].strip()).substitute(file=file, output=gives.partition(":")[0])
        text = page.substitute(name=name, file=file, gives=gives, asked=asked, **numbers)
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
    return path.name, lambda faces: np.asarray(again(faces))


def _saved_model(source: Any, folder: Path, name: str, output: str) -> tuple[str, Run]:
    import tensorflow as tf

    _archive(source, folder / "saved_model", output)
    again = tf.saved_model.load(str(folder / "saved_model"))
    return "saved_model", lambda faces: again.serve(tf.constant(faces))[output].numpy()


def _litert(source: Any, folder: Path, name: str, output: str) -> tuple[str, Run]:
    import tensorflow as tf

    try:
        litert = importlib.import_module("ai_edge_litert.interpreter")
    except ModuleNotFoundError as error:
        raise UserError(
            "writing LiteRT needs the packages of requirements-export.txt: install them with "
            ".venv/bin/pip install -r requirements-export.txt -c constraints.txt."
        ) from error
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
    import keras
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    archive.track(source)
    signature = [tf.TensorSpec(source.inputs[0].shape, source.inputs[0].dtype, name="faces")]
    archive.add_endpoint("serve", lambda faces: {output: source(faces, training=False)}, signature)
    archive.write_out(str(path), verbose=False)


_ASKED = {
    "onnx": """
import onnxruntime

outputs = onnxruntime.InferenceSession("$file").run(None, {"faces": faces})[0]
""",
    "keras": """
import keras
import common.layers  # of the suite that wrote this, to be installed: the network holds layers of it

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
