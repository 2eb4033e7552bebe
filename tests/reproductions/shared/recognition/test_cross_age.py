"""Published pairs across age: of people who are not trained on, and told as what they are."""

import numpy as np
import pytest

from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.prepared.names import Names
from data_prep.protocols import verification as pairing
from data_prep.protocols.verification import TooFewPairs
from reproductions.shared.harness.options import Options
from reproductions.shared.recognition import cross_age as across_age
from tests.support.fake_records import UTKFACE
from tests.support.prepared_sets import make_index

PEOPLE = [f"Person_{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
CALFW = make_index([{"name": f"{who}_{n:04d}.jpg", "identity": who} for who in PEOPLE for n in (1, 2)])


def listed_calfw():
    """Ten folds of a pair of one person and a pair of two, whose people are no other fold's."""
    listed = []
    for fold, (one, other) in enumerate(zip(PEOPLE[::2], PEOPLE[1::2], strict=True)):
        listed.append((f"{one}_0001.jpg", f"{one}_0002.jpg", True, fold))
        listed.append((f"{one}_0001.jpg", f"{other}_0001.jpg", False, fold))
    return pairing.listed_pairs(Names(CALFW), listed, "20 pairs of a list")


@pytest.fixture
def held(monkeypatch):
    """A copy of CALFW, by its own names unless another index is given."""

    def hold(index=CALFW, name="calfw", has_list=True):
        faces = Prepared(None, index, {"settings": {"dataset": name}, "fingerprint": "f", "coverage": "all"})
        monkeypatch.setattr(across_age, "holds", lambda root, wanted: wanted == name)
        monkeypatch.setattr(across_age, "prepared", lambda *which: faces)
        monkeypatch.setattr(across_age, "published_pairs", lambda *which: listed_calfw())
        monkeypatch.setattr(across_age, "has_published_pairs", lambda *which: has_list)
        across_age.tell_once.cache_clear()

    return hold


def learnt(people, dataset="lfw"):
    from dataclasses import replace

    index = make_index([{"identity": who} for who in (*people, "Somebody_Else")])
    lfw = Prepared(None, index, {})
    # Somebody else is in the set, but not trained on.
    return Faces(lfw, np.arange(len(people)), replace(UTKFACE, dataset=dataset, title="LFW"))


def asked(faces):
    return list(across_age.published_verifications(Options(), 96, faces))


def test_nobody_who_is_trained_on_is_asked_about(held):
    held()
    known = [PEOPLE[0], PEOPLE[3], "Not_In_CALFW"]
    (found,) = asked(learnt(known))
    people = CALFW["identity"].to_numpy(object)
    shown = set(people[found.pairs.first]) | set(people[found.pairs.second])
    assert not shown & set(known)
    # The first fold lost both of its pairs, the second one, and with it its threshold.
    assert set(found.pairs.folds) == set(range(2, 10))
    assert found.data.protocol == "16 of 20 pairs"


def test_pairs_of_strangers_stay_as_they_are(held):
    held()
    for faces in (learnt(["Not_In_CALFW"]), learnt(PEOPLE, "casia-webface")):
        (found,) = asked(faces)
        assert found.pairs.hash == listed_calfw().hash


def test_a_copy_that_names_nobody_is_passed_over_where_its_people_may_be_trained_on(held, capsys):
    held(CALFW.assign(identity=None))
    assert asked(learnt(PEOPLE[:1])) == []
    assert "CALFW is passed over: its people are those of LFW, which is trained on" in capsys.readouterr().err
    assert len(asked(learnt(PEOPLE[:1], "casia-webface"))) == 1


def test_where_all_are_trained_on_nothing_is_asked(held, capsys):
    held()
    assert asked(learnt(PEOPLE)) == []
    assert "CALFW is passed over:" in capsys.readouterr().err
    with pytest.raises(TooFewPairs):
        pairing.without_people(CALFW, listed_calfw(), PEOPLE)


def test_drawn_pairs_are_told_as_drawn(held):
    held(name="agedb-30", has_list=False)
    (found,) = asked(learnt(PEOPLE))
    assert found.data.protocol == "20 drawn pairs, 30 years apart"


def test_films_are_asked_of_actors_nobody_trains_on(held):
    rows = [
        {"name": f"{n:02d}/{year}_{m}.jpg", "identity": f"{n:02d}", "year": year}
        for n in range(30)
        for year in (1980, 1995)
        for m in range(2)
    ]
    rows.append({"name": "00/undated.jpg", "identity": "00", "year": None})
    held(make_index(rows), "imfdb")
    found = across_age.films(Options(), 96)
    people = found.prepared.index["identity"].to_numpy(object)
    assert not set(people[found.split.train]) & set(people[found.split.test])
    assert [search.column for search in found.searches] == ["imfdb-10-19", "imfdb-oldest"]
    undated = len(rows) - 1
    for search in found.searches:
        assert set(people[search.scheme.probes]) <= set(people[found.split.test])
        assert undated not in {*search.scheme.probes, *search.scheme.gallery}
    (pairs,) = found.pairs
    assert pairs.column == "imfdb-pairs"
    assert set(people[pairs.pairs.first]) <= set(people[found.split.test])


def test_without_films_nothing_is_asked_of_them(held):
    held()
    assert across_age.films(Options(), 96) is None
