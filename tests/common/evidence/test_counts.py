"""Real faces' numbers are shown before generated ones', and then those of most images."""

import json
from typing import TypedDict

import pytest

from common.errors import UserError
from common.evidence import counts
from common.evidence.counts import Of, store_counts


class Counts(TypedDict):
    of: Of
    value: int


def stored_counts(folder, name):
    return counts.stored_counts(folder, name, Counts, "run make figure")


def store(folder, dataset, images, value):
    of = {"dataset": dataset, "fingerprint": "f" * 64, "images": images, "stand_in": dataset == "synthetic"}
    return store_counts(folder, "ages", {"value": value}, **of)


def test_generated_faces_do_not_take_the_place_of_real_ones(tmp_path):
    assert stored_counts(tmp_path, "ages") is None
    store(tmp_path, "synthetic", 900, 1)
    assert stored_counts(tmp_path, "ages")["value"] == 1
    store(tmp_path, "utkface", 30, 2)
    store(tmp_path, "synthetic", 900, 3)
    assert stored_counts(tmp_path, "ages")["value"] == 2
    store(tmp_path, "imdb-wiki", 40, 4)
    assert stored_counts(tmp_path, "ages")["value"] == 4
    assert stored_counts(tmp_path, "other") is None


def test_what_was_counted_is_named(tmp_path):
    path = store(tmp_path, "utkface", 30, 2)
    assert path == tmp_path / "data" / "ages-utkface.json"
    of = json.loads(path.read_text())["of"]
    assert (of["dataset"], of["fingerprint"], of["images"]) == ("utkface", "f" * 64, 30)
    assert of["code_version"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace('"value": 2', '"value": 3'), "was edited: its hash disagrees"),
        (lambda text: text.replace('"value": 2', '"value": "2"'), "it.value must be a whole number"),
        (lambda text: text.replace('"value": 2', '"values": 2'), "it lacks value and has the unknown values"),
        (lambda text: text[:-9], "cannot be read"),
        (lambda text: "[" * 100_000, "it is nested too deeply"),
        (lambda text: "[]", "it holds no object"),
    ],
)
def test_changed_counts_are_refused_by_name_with_what_counts_them_again(tmp_path, change, sentence):
    path = store(tmp_path, "utkface", 30, 2)
    text = path.read_text()
    path.write_text(change(text))
    with pytest.raises(UserError, match=sentence) as caught:
        stored_counts(tmp_path, "ages")
    assert str(path) in str(caught.value) and "or run make figure" in str(caught.value)


def test_counts_from_before_there_were_hashes_are_read(tmp_path):
    path = store(tmp_path, "utkface", 30, 2)
    content = json.loads(path.read_text())
    del content["content_hash"]
    path.write_text(json.dumps(content))
    assert stored_counts(tmp_path, "ages")["value"] == 2
