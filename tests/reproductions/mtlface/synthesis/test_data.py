"""Who learns, who judges and who is aged share nobody."""

from pathlib import Path

import numpy as np
import pytest

from common.errors import UserError
from data_prep.prepared.index import Prepared
from reproductions.mtlface.synthesis import data
from reproductions.mtlface.synthesis.data import SHARES, partition
from reproductions.mtlface.synthesis.experiments import MTLFACE
from reproductions.shared.harness.options import Options
from tests.support.prepared_sets import make_index


@pytest.fixture
def options(few_people) -> Options:
    return Options(prepared_root=few_people, seeds=(1,))


def test_nobody_who_is_judged_or_judges_is_learnt_from(options):
    made = partition(options, MTLFACE.recipe("smoke"))
    people = made.synthesiser.prepared.index["identity"]

    def whom(faces):
        return set(people.iloc[faces.rows])

    learnt = whom(made.synthesiser) | whom(made.encoder)
    court = whom(made.age_judge) | whom(made.identity_judge)
    (test,) = made.tests
    asked = whom(test.faces) | set(people.iloc[np.r_[test.pairs.pairs.first, test.pairs.pairs.second]])
    assert learnt and court and asked
    assert not learnt & court
    assert not (learnt | court) & asked


def held(name: str, rows: list[dict]) -> Prepared:
    """A set that the user holds, of which only the index is read."""
    manifest = {"fingerprint": name[0] * 64, "coverage": f"{len(rows)} files"}
    return Prepared(Path(name), make_index(rows), manifest | {"settings": {"dataset": name, "size": 96}})


@pytest.fixture
def real(monkeypatch) -> data.Partition:
    """What is made of 300 people of LFW, of UTKFace with each picture twice, and of FG-NET."""
    return made_of(monkeypatch, {"fgnet": 40})


def made_of(monkeypatch, people: dict[str, int]) -> data.Partition:
    """The same with so many people in each of the sets to test on."""
    copies = [f"{number // 2:016x}" for number in range(1200)]
    sets = {
        "lfw": held("lfw", [{"identity": f"person {n // 4}", "age": 30} for n in range(1200)]),
        "utkface": held("utkface", [{"age": n % 90, "dhash": copies[n]} for n in range(1200)]),
    } | {
        name: held(
            name, [{"identity": f"{n // 12:03d}", "age": 20 + 5 * (n % 12)} for n in range(12 * count)]
        )
        for name, count in people.items()
    }
    monkeypatch.setattr(data, "holds", lambda root, name: name in sets)
    monkeypatch.setattr(data, "prepared", lambda options, name, crop, template: sets[name])
    monkeypatch.setattr(data, "identity_set", lambda options, prefers: "lfw")
    monkeypatch.setattr(data, "first_held", lambda options, prefers, what, hint: "utkface")
    options = Options(profile="cpu", data_root=Path("faces"), seeds=(1,))
    data.load.cache_clear()
    data.tell_once.cache_clear()
    return data.load(options, 96, "utkface", ("utkface",), ("lfw",), 5)


def test_people_of_encoder_judge_and_pairs_are_others(real):
    (pairs, _) = real.verifications
    people = pairs.prepared.index["identity"]
    parts = [
        set(people.iloc[rows])
        for rows in (
            real.encoder.rows,
            real.identity_judge.rows,
            np.r_[pairs.pairs.first, pairs.pairs.second],
        )
    ]
    assert len(set.union(*parts)) == sum(map(len, parts))
    for part, percent in zip(parts, SHARES, strict=True):
        assert len(part) == pytest.approx(3 * percent, abs=25)


def test_pictures_of_synthesiser_and_age_judge_are_others_copies_included(real):
    (_, untouched), (_, aged) = real.age_tests
    hashes = real.synthesiser.prepared.index["dhash"]
    parts = [set(hashes.iloc[one.rows]) for one in (real.synthesiser, real.age_judge, untouched)]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 600
    assert aged.prepared is real.tests[0].faces.prepared
    assert len(aged.rows) == len(real.tests[0].faces.rows) == 480


def test_a_set_with_too_few_people_is_passed_over_by_name(monkeypatch, capsys):
    made = made_of(monkeypatch, {"fgnet": 40, "morph": 3})
    assert [test.column for test in made.tests] == ["fgnet"]
    assert "MORPH Album 2 is passed over: 3 people" in capsys.readouterr().err
    with pytest.raises(UserError, match="3 people with 36 images are too few"):
        made_of(monkeypatch, {"morph": 3})
