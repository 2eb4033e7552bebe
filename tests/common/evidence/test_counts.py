"""Real faces' numbers are shown before generated ones', and then those of most images."""

import json

from common.evidence.counts import store_counts, stored_counts


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
