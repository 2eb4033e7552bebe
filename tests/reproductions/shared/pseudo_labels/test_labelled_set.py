"""Labelled sets: estimated once, stored whole, balanced over age and gender."""

import numpy as np
import pandas as pd
import pytest

from common.errors import UserError
from common.evidence import sealed
from common.files import write_json
from data_prep.prepared.manifest import Altered
from reproductions.shared.pseudo_labels import labelled_set as labelled
from reproductions.shared.pseudo_labels.balanced import age_groups, balanced, group_names
from reproductions.shared.pseudo_labels.estimators import AgeEstimates, DecadeScore, Estimator, Quality
from reproductions.shared.pseudo_labels.genders import ESTIMATED, GenderSource
from tests.support.prepared_sets import write_prepared

QUALITY = Quality(
    "FG-NET, never seen", (DecadeScore(0, 30, 2.0, 1.5, 2.5), DecadeScore(10, 10, 6.0, None, None))
)


GENDER_QUALITY = Quality("UTKFace, test split", (DecadeScore(20, 5, 80.0, None, None),))


def estimate(images):
    """Half the mean brightness for an age."""
    means = images.reshape(len(images), -1, 3).astype(float).mean(axis=1)
    return AgeEstimates(means.mean(axis=1) / 2, means.std(axis=1))


def female(images):
    """The probability that a face is a woman's: how little red there is in it."""
    return 1 - images.reshape(len(images), -1, 3)[..., 0].mean(axis=1) / 255


def estimator(function=estimate, fingerprint="f" * 64):
    return Estimator(function, "network-seed1-0123abcd", fingerprint, 32, "utkface", (QUALITY,))


def genders(prepared, function=female, fingerprint="9" * 64):
    estimator = Estimator(function, "joint-seed1-4567cdef", fingerprint, 32, "utkface", (GENDER_QUALITY,))
    return GenderSource(prepared, estimator)


@pytest.fixture
def prepared(tmp_path):
    """25 images in three shards, as of the set "lfw" by its manifest."""
    return write_prepared(tmp_path / "prepared" / "lfw-utkface-32-auto", dataset="lfw")


def test_labels_are_what_the_estimators_say(prepared):
    from data_prep.prepared.shards import read_images

    labelled.label(prepared, estimator(), genders(prepared))
    folder = labelled.folder_of(prepared)
    assert folder == prepared.folder.parent / "labelled" / "lfw"
    frame = labelled.load(folder)
    images = read_images(prepared)
    expected = estimate(images)
    assert frame["name"].tolist() == prepared.index["name"].tolist()
    np.testing.assert_allclose(frame["age_expectation"], expected.expectation, atol=6e-4)
    np.testing.assert_allclose(frame["age_spread"], expected.spread, atol=6e-4)
    np.testing.assert_allclose(frame["female_probability"], female(images), atol=6e-4)
    manifest = frame.attrs["manifest"]
    assert manifest["title"] == "SCAF-style, from Made up"
    assert manifest["of"]["estimator"] == {"run": "network-seed1-0123abcd", "weights": "f" * 64}
    assert manifest["of"]["genders"]["run"] == "joint-seed1-4567cdef"
    assert manifest["of"]["images"] == prepared.fingerprint
    assert manifest["gender_from"] == ESTIMATED
    assert labelled.qualities(manifest) == (QUALITY,)
    assert labelled.qualities(manifest, "gender_quality") == (GENDER_QUALITY,)
    assert QUALITY.mean == pytest.approx((30 * 2 + 10 * 6) / 40)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "labels.csv", "manifest.json"]


def test_a_person_has_the_gender_of_all_their_images(prepared):
    people = np.array([f"person {row % 4}" for row in range(25)], object)
    prepared.index["identity"] = pd.array(people, "string")
    frame = labelled.label(prepared, estimator(), genders(prepared))
    said = frame["female_probability"].to_numpy()
    for person in set(people):
        mine = people == person
        assert set(frame["gender"][mine]) == {"female" if said[mine].mean() > 0.5 else "male"}
    own = np.where(said > 0.5, "female", "male")
    dissent = frame.attrs["manifest"]["gender_dissent"]
    assert dissent == pytest.approx(100 * np.mean(own != frame["gender"].to_numpy(object)))


def test_labels_that_stand_are_kept_and_another_estimator_makes_its_own(prepared):
    calls = []

    def counting(images):
        calls.append(len(images))
        return estimate(images)

    labelled.label(prepared, estimator(counting))
    labelled.label(prepared, estimator(counting))
    assert calls == [10, 10, 5]
    frame = labelled.label(prepared, estimator(counting, "e" * 64))
    assert calls == [10, 10, 5] * 2
    assert frame.attrs["manifest"]["gender_from"] == "nobody"
    assert frame["gender"].isna().all() and frame["female_probability"].isna().all()
    frame = labelled.label(prepared, estimator(counting, "e" * 64), genders(prepared))
    assert frame.attrs["manifest"]["gender_from"] == ESTIMATED
    assert frame["gender"].notna().all()


@pytest.mark.parametrize("dies_at", ["an age", "a gender"])
def test_a_killed_run_goes_on_at_its_shard(prepared, dies_at):
    calls = []

    def dying(function):
        def call(images):
            calls.append(len(images))
            if len(calls) == (2 if dies_at == "an age" else 5):
                raise KeyboardInterrupt
            return function(images)

        return call

    says = estimator(dying(estimate)), genders(prepared, dying(female))
    with pytest.raises(KeyboardInterrupt):
        labelled.label(prepared, *says)
    with pytest.raises(UserError, match="holds no labelled set: run make label-<set>"):
        labelled.load(labelled.folder_of(prepared))
    interrupted = labelled.label(prepared, *says)
    assert len(calls) == 7
    other = labelled.label(prepared, estimator(fingerprint="0" * 64), genders(prepared))
    pd.testing.assert_frame_equal(interrupted, other)


def test_a_set_that_knows_genders_keeps_them(prepared):
    prepared.index["gender"] = pd.array([None, "male", "female"] * 8 + [None], "string")
    frame = labelled.label(prepared, estimator(), genders(prepared))
    assert frame["gender"].isna().sum() == 9
    manifest = frame.attrs["manifest"]
    assert (manifest["gender_from"], manifest["gender_quality"]) == ("the set", [])


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("labels.csv", ".", ".1"),
        ("labels.csv", "00024.jpg", "00025.jpg"),
        ("manifest.json", "FG-NET, never seen", "FG-NET, test split"),
        ("manifest.json", '"value": 2.0', '"value": 1.0'),
    ],
)
def test_labels_that_were_changed_by_hand_are_named_and_kept(prepared, name, old, new):
    labelled.label(prepared, estimator())
    path = labelled.folder_of(prepared) / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    for read in (lambda: labelled.load(path.parent), lambda: labelled.label(prepared, estimator())):
        with pytest.raises(
            Altered, match=rf"{name} was changed after the set was labelled: delete the folder"
        ):
            read()
    assert path.read_text() == text.replace(old, new, 1)


@pytest.mark.parametrize("content", [{"quality": None}, {"of": {}}, {"labelled": "25"}, {"more": 1}])
def test_a_damaged_manifest_is_named_whatever_its_hash_and_labels_are_made_anew(prepared, content):
    first = labelled.label(prepared, estimator())
    folder = labelled.folder_of(prepared)
    whole = sealed.parse((folder / "manifest.json").read_text()).content
    sealed.write_sealed(folder / "manifest.json", whole | content)
    with pytest.raises(UserError, match=r"labels in .* are damaged \(.*\): delete it and label again"):
        labelled.load(folder)
    pd.testing.assert_frame_equal(labelled.label(prepared, estimator()), first)


def test_labels_of_an_earlier_version_are_read(prepared):
    first = labelled.label(prepared, estimator())
    path = labelled.folder_of(prepared) / "manifest.json"
    whole = sealed.parse(path.read_text()).content
    del whole["gender_quality"], whole["quality"][0]["decades"][0]["bias"]
    write_json(path, whole)
    pd.testing.assert_frame_equal(labelled.load(path.parent), first)
    assert labelled.qualities(labelled.load(path.parent).attrs["manifest"]) == (QUALITY,)


@pytest.mark.parametrize("wrong", [np.nan, -1.0])
def test_an_estimator_that_says_nonsense_is_a_mistake_of_the_program(prepared, wrong):
    def nonsense(images):
        return AgeEstimates(np.full(len(images), 20.0), np.full(len(images), wrong))

    with pytest.raises(ValueError, match="not finite, or a spread negative"):
        labelled.label(prepared, estimator(nonsense))
    with pytest.raises(ValueError, match="a probability is not between 0 and 1"):
        labelled.label(prepared, estimator(), genders(prepared, lambda images: np.full(len(images), wrong)))


def test_other_crops_are_refused(prepared):
    from dataclasses import replace

    with pytest.raises(ValueError, match="is of other crops than network-seed1-0123abcd takes"):
        labelled.label(prepared, replace(estimator(), size=64))
    with pytest.raises(ValueError, match="is of other crops than joint-seed1-4567cdef takes"):
        GenderSource(prepared, replace(genders(prepared).estimator, template="arcface"))


def test_a_set_with_ages_of_its_own_needs_no_estimator(prepared):
    frame = labelled.of_index(prepared)
    assert frame["age_expectation"].tolist() == [row % 100 for row in range(25)]
    assert frame["age_spread"].isna().all()
    assert list(frame.columns) == list(labelled.COLUMNS)
    prepared.index["age"] = pd.NA
    with pytest.raises(UserError, match="Made up brings no ages of its own: run make label-<set>"):
        labelled.of_index(prepared)


def labels(counts):
    """Labels with so many images by (age, gender)."""
    rows = [(age, gender) for (age, gender), count in counts.items() for _ in range(count)]
    ages, genders = zip(*rows, strict=True)
    return pd.DataFrame({"age_expectation": ages, "gender": pd.array(genders, "string")})


def test_every_group_of_each_gender_comes_down_to_the_target():
    counts = {(5, "male"): 3, (5, "female"): 9, (30.4, "male"): 50, (30.6, "male"): 7, (70, "female"): 40}
    frame = labels({**counts, (25, None): 11})
    result = balanced(frame, target=8)
    assert result.strata == ("male", "female")
    assert result.before.tolist() == [[3, 0, 50, 7, 0, 0, 0], [9, 0, 0, 0, 0, 0, 40]]
    assert result.after.tolist() == [[3, 0, 8, 7, 0, 0, 0], [8, 0, 0, 0, 0, 0, 8]]
    assert len(set(result.rows)) == len(result.rows) == 34
    assert frame["gender"].iloc[result.rows].notna().all()
    assert result.rows.tolist() == balanced(frame, target=8).rows.tolist()
    assert result.rows.tolist() != balanced(frame, target=8, seed=1).rows.tolist()


def test_the_target_is_the_median_group_where_none_is_given():
    result = balanced(labels({(5, None): 4, (15, None): 10, (25, None): 100}))
    assert (result.strata, result.target) == (("unknown",), 10)
    assert result.after.sum() == 24


def test_groups_are_those_of_the_paper():
    assert group_names() == ("0-10", "11-20", "21-30", "31-40", "41-50", "51-60", "61+")
    assert age_groups([0, 10.4, 10.5, 11, 20, 60.4, 61, 99]).tolist() == [0, 0, 1, 1, 1, 5, 6, 6]


@pytest.mark.parametrize("age", [-1, float("nan"), float("inf")])
def test_who_has_no_age_has_no_group(age):
    with pytest.raises(ValueError, match="leave out the images of unknown age"):
        age_groups([30, age])
