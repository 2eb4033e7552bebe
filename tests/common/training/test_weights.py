"""Weights are those that were written, of the network that is asked for; any other file is one sentence."""

import json
import shutil
import zipfile

import h5py
import keras
import numpy as np
import pytest

from common.errors import UserError
from common.training.weights import (
    load_network,
    load_weights,
    save_network,
    save_weights,
    seal_path,
    sealed_weights,
    stated_hash,
    weights_hash,
)


def build(units=3):
    """A network of a few numbers; all networks of the tests have their layers in these files."""
    faces = keras.Input((4,))
    x = keras.layers.Dense(units, name="dense")(faces)
    return keras.Model(faces, keras.layers.BatchNormalization()(x), name="tiny")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A network, and the folder of its two files."""
    folder = tmp_path_factory.mktemp("made")
    model = build()
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    save_weights(model, folder / "final.weights.h5")
    save_network(keras.Model(model.input, model.output), folder / "whole.keras")
    return model, folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the folder."""
    shutil.copytree(made[1], tmp_path / "run")
    return tmp_path / "run"


def test_weights_come_back_by_either_file_and_have_one_hash(made, folder):
    model = build()
    load_weights(model, folder / "final.weights.h5", weights_hash(made[0].weights))
    whole = load_network(folder / "whole.keras", weights_hash(made[0].weights))
    for found in (model, whole):
        for one, other in zip(found.weights, made[0].weights, strict=True):
            np.testing.assert_array_equal(one, other)
    assert sealed_weights(folder) == dict.fromkeys(
        ("final.weights.h5", "whole.keras"), weights_hash(model.weights)
    )


def test_the_hash_is_of_the_values_alone(made):
    weights = made[0].weights
    assert weights_hash(reversed(weights)) == weights_hash(weights)
    other = [np.array(weight.numpy()) for weight in weights]
    other[0][0, 0] = np.nextafter(other[0][0, 0], 1)
    assert weights_hash(other) != weights_hash(weights)
    assert weights_hash([np.zeros((2, 3))]) != weights_hash([np.zeros((3, 2))])


def test_what_holds_the_same_weights_already_is_left_alone(made, folder):
    model, path = made[0], folder / "final.weights.h5"
    before = path.stat().st_mtime_ns
    save_weights(model, path)
    assert path.stat().st_mtime_ns == before
    path.write_bytes(path.read_bytes()[:-512])
    save_weights(model, path)
    assert stated_hash(path) == weights_hash(model.weights)


@pytest.mark.parametrize("name", ["final.weights.h5", "whole.keras"])
def test_overwritten_bytes_are_noticed_before_anything_is_read(folder, name):
    path = folder / name
    content = bytearray(path.read_bytes())
    content[2000:2512] = bytes(512)
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"{name} were changed since they were written: .* WEIGHTS=needed"):
        load_weights(build(), path) if name.endswith("h5") else load_network(path)
    with pytest.raises(UserError, match="were changed"):
        sealed_weights(folder)


def test_weights_of_another_record_are_refused(folder):
    with pytest.raises(UserError, match="holds other weights than those that its record tells of"):
        load_weights(build(), folder / "final.weights.h5", "0" * 64)


def test_weights_without_a_seal_are_sealed_at_their_first_use(made, folder):
    path = folder / "final.weights.h5"
    seal_path(path).unlink()
    assert stated_hash(path) is None
    load_weights(build(), path)
    assert stated_hash(path) == weights_hash(made[0].weights)
    seal_path(path).write_text(seal_path(path).read_text().replace("file", "fail"))
    with pytest.raises(UserError, match=r"h5\.json cannot be read: it lacks file and has the unknown fail"):
        load_weights(build(), path)


def dataset(values=None, **settings):
    """Put another array in the place of the kernel."""

    def change(file):
        group = file["layers/dense/vars"]
        del group["0"]
        group.create_dataset("0", data=values, **settings)

    return change


def link(target):
    def change(file):
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = target

    return change


def poke(value):
    def change(file):
        file["layers/dense/vars/0"][0, 0] = value

    return change


def drop(name):
    def change(file):
        del file[name]

    return change


HOSTILE = {
    "another shape": (dataset(np.ones((3, 4))), "shape"),
    "another array": (
        lambda file: file["layers/dense/vars"].create_dataset("9", data=[1.0]),
        "expected 2 var",
    ),
    "complex": (dataset(np.full((4, 3), 1j)), "complex128, which are no numbers of its own"),
    "text": (dataset(np.full((4, 3), b"x")), "no numbers"),
    "objects": (dataset(np.full((4, 3), "x", object), dtype=h5py.string_dtype()), "no numbers"),
    "not a number": (poke(np.nan), "holds weights that are not finite"),
    "infinite": (poke(np.inf), "not finite"),
    "declared huge": (dataset(shape=(10**7, 10**7), chunks=(9, 9), dtype="f4"), "larger than the file"),
    "bytes of another file": (
        dataset(shape=(4, 3), dtype="f4", external=[("/dev/zero", 0, 48)]),
        "no numbers",
    ),
    "link outside": (link(h5py.ExternalLink("/dev/null", "/a")), "ExternalLink"),
    "link to nothing": (link(h5py.SoftLink("/nowhere")), "SoftLink"),
    "no layer": (drop("layers/dense"), "received 0"),
    "no layers": (drop("layers"), "does not hold the weights"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_of_weights_is_one_sentence(folder, case):
    change, sentence = HOSTILE[case]
    path = folder / "final.weights.h5"
    seal_path(path).unlink()
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(UserError, match=sentence) as caught:
        load_weights(build(), path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert not seal_path(path).exists()


@pytest.mark.parametrize("content", [b"", b"no weights", "a folder", "nothing", "half"])
@pytest.mark.parametrize("name", ["final.weights.h5", "whole.keras"])
def test_what_is_no_file_of_weights_is_one_sentence(folder, name, content):
    path = folder / name
    whole = path.read_bytes()
    seal_path(path).unlink()
    path.unlink()
    if content == "a folder":
        path.mkdir()
    elif content != "nothing":
        path.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    with pytest.raises(UserError, match=r"(not hold the weights|are not there).*Delete it and run again"):
        load_weights(build(), path) if name.endswith("h5") else load_network(path)


def config(change):
    def changed(parts):
        parts["config.json"] = change(parts["config.json"])

    return changed


def without(name):
    return lambda parts: parts.pop(name)


ARCHIVES = {
    "deep": (config(lambda text: b"[" * 3000 + b"]" * 3000), "nested too deeply"),
    "a surrogate": (config(lambda text: text.replace(b'"dense"', b'"\\ud800"')), "surrogate"),
    "no object": (config(lambda text: b"[]"), "does not hold"),
    "no setting": (config(lambda text: text.replace(b'"units": 3', b'"units": "x"')), "does not hold"),
    "wide": (
        config(lambda text: text.replace(b'"units": 3', b'"units": 3000000')),
        "larger than its weights",
    ),
    "other width": (config(lambda text: text.replace(b'"units": 3', b'"units": 4')), "does not hold"),
    "a command": (
        config(lambda text: b'{"module": "os", "class_name": "system", "config": {"command": "exit"}}'),
        "does not hold",
    ),
    "code": (
        config(
            lambda text: text.replace(b'"class_name": "Dense"', b'"class_name": "Lambda"').replace(
                b'"units": 3', b'"function": {"class_name": "__lambda__", "config": {"code": "4wAA"}}'
            )
        ),
        "does not hold",
    ),
    "no config": (without("config.json"), "what Keras writes"),
    "no weights": (without("model.weights.h5"), "what Keras writes"),
    "more": (lambda parts: parts.update({"../more": b""}), "what Keras writes"),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_a_hostile_network_is_one_sentence(folder, case):
    change, sentence = ARCHIVES[case]
    path = folder / "whole.keras"
    repack(path, change)
    with pytest.raises(UserError, match=sentence) as caught:
        load_network(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_packed_network_is_refused_before_it_is_unpacked(folder):
    path = folder / "whole.keras"
    repack(path, lambda parts: None, zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match="it does not hold what Keras writes"):
        load_network(path)


def repack(path, change, compression=zipfile.ZIP_STORED):
    """Write the parts of a whole network anew, without a seal."""
    seal_path(path).unlink()
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert json.loads(parts["config.json"])
    change(parts)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
