"""Networks written in other formats answer as they did, and their page cuts faces as the suite does."""

from __future__ import annotations

import importlib.util
import re
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from common.errors import UserError
from common.faces.alignment import align
from common.onnx_networks.running import OnnxNetwork
from reproductions.shared.harness.options import Options
from reproductions.shared.networks import export as exporting
from reproductions.shared.networks.export import Origin, export, write
from reproductions.shared.networks.manifest import NETWORKS, read

FACES = np.random.default_rng(1).integers(0, 256, (6, 8, 8, 3), np.uint8)
NETWORKS_HELD = read(NETWORKS).networks
GIVES = "older: (N, 5), float32"
LITERT = pytest.mark.skipif(
    importlib.util.find_spec("ai_edge_litert") is None, reason="ai-edge-litert is not installed"
)


@pytest.fixture
def model():
    keras.utils.set_random_seed(1)
    faces = keras.Input((8, 8, 3), dtype="uint8", name="faces")
    hidden = keras.layers.Conv2D(4, 3)(keras.layers.Rescaling(1 / 255)(faces))
    return keras.Model(faces, keras.layers.Dense(5, "sigmoid")(keras.layers.Flatten()(hidden)))


def blocks(folder):
    """Return the code of an export's page: how it is asked, how faces are cut, OpenVINO."""
    return re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)


def answers_by_the_page(folder, monkeypatch, faces=FACES):
    """Return what the first lines of the page give beside the file."""
    monkeypatch.chdir(folder)
    names: dict = {"faces": faces}
    exec(blocks(folder)[0], names)
    return names["outputs"]


def origin_of(model, apart=0.0):
    ask = lambda some: np.asarray(model(some)) + apart  # noqa: E731
    return Origin(model, ask, FACES, "utkface", GIVES, "common.layers", "the trained network")


@pytest.mark.parametrize("form", ["keras", "savedmodel", pytest.param("litert", marks=LITERT)])
def test_what_is_written_answers_as_the_model(tmp_path, model, form, monkeypatch):
    folder = tmp_path / "export"
    assert write(origin_of(model), folder, "age", form) <= 1e-5
    assert len(list(folder.iterdir())) == 2 and "older" in (folder / "README.md").read_text()
    np.testing.assert_allclose(answers_by_the_page(folder, monkeypatch), np.asarray(model(FACES)), atol=1e-5)


def test_what_answers_otherwise_is_not_written(tmp_path, model):
    with pytest.raises(UserError, match="nothing is written"):
        write(origin_of(model, apart=0.01), tmp_path / "e", "age", "keras")
    assert list(tmp_path.iterdir()) == []


def test_a_saved_model_holds_every_weight_once(tmp_path, model):
    write(origin_of(model), tmp_path / "export", "age", "savedmodel")
    (stored,) = (tmp_path / "export").rglob("variables.data*")
    assert stored.stat().st_size < 4 * model.count_params() + 4000


@pytest.mark.parametrize("form", ["keras", "savedmodel", pytest.param("litert", marks=LITERT)])
@pytest.mark.parametrize("name", NETWORKS_HELD)
def test_published_networks_are_written_in_every_format(tmp_path, capsys, monkeypatch, name, form):
    pytest.importorskip("onnx", reason="requirements-export.txt is not installed")
    monkeypatch.setattr(exporting, "FACES", 2)
    export(Options(), name, form=form, out=tmp_path / name)
    assert f"from those of the published {name}.onnx: " in capsys.readouterr().out
    size = NETWORKS_HELD[name].input.size
    faces = np.random.default_rng(2).integers(0, 256, (2, size, size, 3), np.uint8)
    answers = answers_by_the_page(tmp_path / name, monkeypatch, faces)
    np.testing.assert_allclose(answers, OnnxNetwork(NETWORKS / f"{name}.onnx")(faces), rtol=0, atol=1e-5)


def test_a_trained_network_is_written_where_it_is_asked_for(tmp_path, capsys, monkeypatch, model):
    trained = SimpleNamespace(
        members=[SimpleNamespace(build=lambda: model)], some_faces=lambda count: FACES, template="utkface"
    )
    monkeypatch.setattr(exporting, "offered", lambda offer: ("study", lambda options: trained))
    export(Options(), "age", form="keras", trained=True, out=tmp_path / "age")
    assert "6 faces' outputs, about 1 in size, from those of the trained network: " in capsys.readouterr().out
    assert "import common.layers" in blocks(tmp_path / "age")[0]
    np.testing.assert_allclose(
        answers_by_the_page(tmp_path / "age", monkeypatch), np.asarray(model(FACES)), atol=1e-5
    )


def test_a_trained_network_that_is_not_there_or_wanted_as_onnx_is_refused(tmp_path):
    options = Options(runs_root=tmp_path / "runs", results_root=tmp_path / "results")
    with pytest.raises(UserError, match="no ordinal age network of the profile smoke is trained"):
        export(options, "age", form="keras", trained=True)
    with pytest.raises(UserError, match="a trained network becomes ONNX by make publish-networks"):
        export(options, "age", trained=True)


@pytest.mark.parametrize("name", [name for name in NETWORKS_HELD if name != "age"])
def test_networks_of_every_kind_are_copied(tmp_path, capsys, monkeypatch, name):
    size = NETWORKS_HELD[name].input.size
    monkeypatch.setattr(exporting, "FACES", 2)  # to render a hundred takes longer than all else
    export(Options(), name, out=tmp_path / name)
    assert f"published {name}.onnx: 0.0e+00" in capsys.readouterr().out
    assert (tmp_path / name / f"{name}.onnx").read_bytes() == (NETWORKS / f"{name}.onnx").read_bytes()
    assert f"> {NETWORKS_HELD[name].output}." in (tmp_path / name / "README.md").read_text()
    faces = np.zeros((2, size, size, 3), np.uint8)
    given = OnnxNetwork(NETWORKS / f"{name}.onnx")(faces)
    np.testing.assert_array_equal(answers_by_the_page(tmp_path / name, monkeypatch, faces), given)


def test_a_published_network_is_copied_and_its_page_cuts_faces(tmp_path, capsys):
    export(Options(), "age", out=tmp_path / "age")
    told = "100 faces' outputs, about 1 in size, from those of the published age.onnx: 0.0e+00"
    assert told in capsys.readouterr().out
    assert (tmp_path / "age" / "age.onnx").read_bytes() == (NETWORKS / "age.onnx").read_bytes()
    names: dict = {}
    exec(blocks(tmp_path / "age")[1], names)
    y, x = np.mgrid[:120, :140]
    photo = np.stack([x, y, (x + y) / 2], axis=-1).astype(np.uint8)
    landmarks = np.array([[45, 42], [83, 45], [62, 66], [46, 84], [79, 86]], float)
    apart = names["cut"](photo, landmarks).astype(int) - align(
        photo, landmarks, "utkface", 96, border="replicate"
    )
    assert np.abs(apart).max() <= 1
    with pytest.raises(UserError, match="is there already"):
        export(Options(), "age", out=tmp_path / "age")


@pytest.mark.parametrize(
    ("name", "form", "said"), [("age", "onyx", "did you mean 'onnx'"), ("agw", "onnx", "did you mean 'age'")]
)
def test_unknown_names_are_told(tmp_path, name, form, said):
    with pytest.raises(UserError, match=said):
        export(Options(), name, form=form, out=tmp_path / "x")


def test_a_folder_that_cannot_be_made_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "FACES", 2)
    (tmp_path / "file").touch()
    with pytest.raises(
        UserError, match=r"cannot write into .*file \(File exists\): give another folder with"
    ):
        export(Options(), "age", out=tmp_path / "file" / "age")
