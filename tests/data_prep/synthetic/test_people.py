import csv
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from common.errors import UserError
from common.evidence import sealed
from data_prep.datasets import get
from data_prep.datasets.samples import Rejected, Sample
from data_prep.datasets.synthetic import DATASET
from data_prep.synthetic import people, render
from data_prep.synthetic.people import Settings, album, generate, generate_default

SMALL = {"identities": 3, "images_per_identity": 4, "size": 48, "seed": 5}


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    return generate(tmp_path_factory.mktemp("data") / "Synthetic", **SMALL, workers=1)


@pytest.fixture
def copy(made, tmp_path) -> Path:
    """A set that a test may spoil."""
    root = tmp_path / "Synthetic"
    for name, data in contents(made).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def test_labels_come_back_as_they_were_drawn(made):
    samples = list(DATASET.scan(made))
    assert all(isinstance(sample, Sample) for sample in samples)
    drawn = [(k, *picture) for k in range(3) for picture in album(Settings(**SMALL), k)]
    assert len(samples) == len(drawn) == 12
    for sample, (number, latents, year) in zip(samples, drawn, strict=True):
        picture = render(latents, 48)
        assert sample.identity == f"identity_{number:05d}"
        assert sample.age == int(latents.age)
        assert sample.gender == latents.gender
        assert sample.year == year
        assert sample.name == sample.path.relative_to(made).as_posix()
        assert np.allclose(sample.landmarks, picture.landmarks, atol=0.006)
        stored = cv2.imread(str(sample.path))[..., ::-1].astype(float)
        assert np.abs(stored - picture.image).mean() < 4


def test_the_number_of_workers_changes_nothing(made, tmp_path):
    other = generate(tmp_path / "Synthetic", **SMALL, workers=3)
    assert contents(other) == contents(made)
    assert {path.name for path in tmp_path.iterdir()} == {"Synthetic", ".Synthetic.lock"}


def test_a_set_that_stands_is_left_alone(made, monkeypatch):
    monkeypatch.setattr(people, "ordered_map", lambda *_: pytest.fail("rendered again"))
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*")}
    assert generate(made, **SMALL) == made
    assert generate_default(made) == made
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*")} == before


def test_a_run_cut_short_goes_on(made, tmp_path, monkeypatch):
    root = tmp_path / "Synthetic"
    rendered = []

    def one_then_death(function, items, workers, crashed):
        for item in items:
            if rendered:
                raise KeyboardInterrupt
            rendered.append(item)
            yield function(item)

    monkeypatch.setattr(people, "ordered_map", one_then_death)
    with pytest.raises(KeyboardInterrupt):
        generate(root, **SMALL)
    assert not root.exists()
    (part,) = tmp_path.glob(".Synthetic.*.part")
    assert sum(1 for _ in part.rglob("*.jpg")) == 4
    (part / "images/identity_00001").mkdir()
    (part / "images/identity_00001/identity_00001_age_001_male_0000.jpg").write_bytes(b"torn")

    def the_rest(function, items, workers, crashed):
        items = list(items)
        rendered.extend(items)
        return map(function, items)

    monkeypatch.setattr(people, "ordered_map", the_rest)
    generate(root, **SMALL)
    assert rendered == [0, 1, 2]
    left = {name: data for name, data in contents(root).items() if data != b"torn"}
    assert left == contents(made)


def test_other_settings_never_overwrite(copy):
    before = contents(copy)
    with pytest.raises(
        UserError, match="other settings than 4 people x 4 images of 48 px, seed 5: delete it"
    ):
        generate(copy, **{**SMALL, "identities": 4})
    assert contents(copy) == before


def test_other_files_are_never_overwritten(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(UserError, match="holds files that are not generated faces"):
        generate(tmp_path, **SMALL)
    assert (tmp_path / "holiday.jpg").read_bytes() == b"mine"


def test_faces_of_an_older_renderer_are_made_anew(copy, made):
    manifest = sealed.parse((copy / "manifest.json").read_text()).content
    (copy / "manifest.json").write_text(json.dumps({**manifest, "renderer": 0}))
    (copy / "stale.txt").write_text("x")
    generate(copy, **SMALL, workers=1)
    assert contents(copy) == contents(made)


def test_a_manifest_that_was_changed_by_hand_is_named(copy):
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "seed": 6}))
    for read in (lambda: generate(copy, **SMALL), lambda: generate_default(copy), lambda: DATASET.scan(copy)):
        with pytest.raises(UserError, match=r"manifest.json was changed after the faces were generated"):
            read()


@pytest.mark.parametrize("content", ["[]", '{"rows": []}', '{"rows": [[1]], "content_hash": 1}', "[" * 3000])
def test_rows_of_a_person_that_are_damaged_are_rendered_again(made, tmp_path, monkeypatch, content):
    root = tmp_path / "Synthetic"
    with monkeypatch.context() as killed:
        killed.setattr(people.shutil, "rmtree", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            generate(root, **SMALL, workers=1)
    (part,) = tmp_path.glob(".Synthetic.*.part")
    (part / "rows" / "00001.json").write_text(content)
    generate(root, **SMALL, workers=1)
    assert contents(root) == contents(made)


def test_what_kills_left_beside_a_set_that_stands_is_removed(copy):
    for name in (".Synthetic.0123456789ab.part", ".Synthetic.old"):
        (copy.parent / name / "images").mkdir(parents=True)
    (copy.parent / ".Synthetic.mine.part").mkdir()
    generate_default(copy)
    assert {path.name for path in copy.parent.iterdir()} == {
        "Synthetic",
        ".Synthetic.lock",
        ".Synthetic.mine.part",
    }


def test_the_default_set_is_what_the_settings_say(tmp_path, monkeypatch):
    asked = {}
    monkeypatch.setattr(people, "generate", lambda root, **options: asked.update(options) or root)
    assert generate_default(tmp_path / "Synthetic", workers=2) == tmp_path / "Synthetic"
    assert asked == {"workers": 2}
    assert Settings().images == 1200


@pytest.mark.parametrize(
    "setting", [{"identities": 0}, {"images_per_identity": 0}, {"size": 31}, {"seed": -1}]
)
def test_impossible_settings_are_refused(setting, tmp_path):
    with pytest.raises(UserError, match=f"{next(iter(setting))} of generated faces is at least"):
        generate(tmp_path / "Synthetic", **setting)


def test_labels_that_a_spreadsheet_saved_anew_are_read(copy):
    samples = list(get("synthetic").scan(copy))
    text = (copy / "labels.csv").read_text().replace(",", ";").replace("\n", "\r\n")
    (copy / "labels.csv").write_bytes(text.encode("utf-8-sig"))
    assert list(get("synthetic").scan(copy)) == samples != []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="cannot write generated faces"):
        generate(tmp_path / "Synthetic", **SMALL)


def test_a_missing_set_says_which_command_makes_it(tmp_path):
    with pytest.raises(UserError, match=r"no Generated faces at .*Synthetic.*make data-synthetic"):
        list(get("synthetic").scan(tmp_path / "Synthetic"))


def rewrite(root: Path, change) -> None:
    with open(root / "labels.csv", newline="") as file:
        rows = list(csv.reader(file))
    rows = change(rows)
    with open(root / "labels.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (2, "old"),
        (2, ""),
        (2, "-1"),
        (2, "500"),
        (3, "woman"),
        (4, "MCM"),
        (5, "nan"),
        (5, "left"),
        (14, "inf"),
    ],
)
def test_a_broken_row_is_rejected_alone(copy, column, value):
    def spoil(rows):
        rows[3][column] = value
        return rows

    rewrite(copy, spoil)
    found = list(DATASET.scan(copy))
    (rejected,) = (item for item in found if isinstance(item, Rejected))
    assert rejected.reason == "its row in labels.csv does not hold the labels of a face"
    assert len(found) == 12


def test_a_short_row_is_rejected_alone(copy):
    rewrite(copy, lambda rows: [*rows[:3], rows[3][:6], *rows[4:]])
    assert sum(isinstance(item, Rejected) for item in DATASET.scan(copy)) == 1


def test_files_and_rows_without_each_other_are_rejected(copy):
    names = sorted(copy.rglob("*.jpg"))
    names[0].rename(names[0].with_name("extra.jpg"))
    reasons = {item.reason for item in DATASET.scan(copy) if isinstance(item, Rejected)}
    assert reasons == {"not listed in labels.csv", "listed in labels.csv but not there"}


@pytest.mark.parametrize("text", ["", "a,b,c\n", "\x00", "name\n"])
def test_a_label_file_of_something_else(copy, text):
    (copy / "labels.csv").write_text(text)
    with pytest.raises(UserError, match=r"labels\.csv"):
        list(DATASET.scan(copy))


def test_an_album_is_a_life():
    settings = Settings(images_per_identity=15, seed=3)
    ages = []
    for number in range(40):
        latents, years = zip(*album(settings, number), strict=True)
        own = [picture.age for picture in latents]
        assert own == sorted(own)
        assert len({picture.identity.tobytes() for picture in latents}) == 1
        assert len({year - int(picture.age) for picture, year in zip(latents, years, strict=True)}) == 1
        assert max(years) <= 2024
        assert min(years) > 1890
        ages += own
    share, _ = np.histogram(ages, bins=10, range=(0, 100))
    assert share.min() > 0.05 * len(ages)
    assert min(ages) < 2
    assert max(ages) > 97


def test_a_person_does_not_depend_on_how_many_there_are():
    first, second = (list(album(Settings(identities=n, images_per_identity=3), 2)) for n in (3, 30))
    assert all(
        np.array_equal(a.identity, b.identity) and a.age == b.age
        for (a, _), (b, _) in zip(first, second, strict=True)
    )
