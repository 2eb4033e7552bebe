"""What is asked of a set: which searches there are, their folds, and what a record says of them."""

from dataclasses import replace

import numpy as np
import pytest

from data_prep.prepared.index import Prepared
from data_prep.protocols import identification
from data_prep.protocols import recognition_tests as searches
from tests.support.prepared_sets import make_index, write_prepared

PEOPLE = make_index([{"identity": f"{n % 20}", "age": 5 + 3 * (n // 20) * (1 + n % 2)} for n in range(160)])


def prepared(index) -> Prepared:
    return Prepared(None, index, {"settings": {"dataset": "fgnet"}, "fingerprint": "f", "coverage": "all"})


def test_people_are_looked_for_in_three_ways():
    found = {one.column: one for one in searches.people_tests(prepared(PEOPLE), "fgnet")}
    assert set(found) == {"fgnet-oldest", "fgnet-adults", "fgnet-one-out"}
    one_out = found["fgnet-one-out"]
    assert (one_out.data.images, one_out.data.subjects, one_out.data.title) == (160, 20, "FG-NET")
    assert not one_out.folds.any()


def test_a_probe_is_asked_of_the_fold_of_its_person():
    folds = identification.people_folds(PEOPLE, 5)
    for one in searches.people_tests(prepared(PEOPLE), "fgnet", folds=folds):
        people = PEOPLE["identity"].iloc[one.scheme.probes].astype(int).to_numpy()
        np.testing.assert_array_equal(one.folds, people % 5)


def test_a_search_for_one_person_is_left_out():
    grown = PEOPLE.assign(age=PEOPLE["age"].where(PEOPLE["identity"] == "3", 5))
    assert [one.column for one in searches.people_tests(prepared(grown), "x")] == ["x-one-out"]


def test_queries_whose_person_is_not_in_the_database_are_left_out():
    years = PEOPLE.assign(year=[2000 if n % 20 < 10 and n < 80 else 2010 for n in range(160)])
    years["year"] = years["year"].astype("Int64")
    periods = identification.year_searches(years, np.arange(160), (2010, 2010), {"early": (2000, 2000)})
    (found,) = searches.period_tests(prepared(years), "x", periods)
    assert found.metric == "MAP"
    assert set(years["identity"].iloc[found.scheme.probes].astype(int)) == set(range(10))


@pytest.mark.parametrize("gap", [0, 20])
def test_drawn_pairs_say_who_they_are(gap):
    found = searches.drawn_verification("x-pairs", prepared(PEOPLE), None, "drawn pairs", 5, gap)
    ages = PEOPLE["age"].to_numpy(int)
    assert np.abs(ages[found.pairs.first] - ages[found.pairs.second]).min() >= gap
    assert found.data.protocol == f"{len(found.pairs.same)} drawn pairs"
    assert found.data.subjects <= 20


def test_lfws_own_list_is_taken_where_it_lies(tmp_path):
    index = make_index(
        [{"name": f"{who}/{who}_{n:04d}.jpg", "identity": who} for who in "ab" for n in (1, 2)]
    )
    (tmp_path / "duplicates.csv").write_text("name,kept,reason\n")
    (tmp_path / "pairs.txt").write_text("2\t1\na\t1\t2\na\t1\tb\t1\nb\t1\t2\na\t2\tb\t2\n")
    held = replace(prepared(index), folder=tmp_path)
    found = searches.lfw_verification("lfw-pairs", held, tmp_path, 3)
    assert found.pairs.same.tolist() == [True, False, True, False]
    assert found.data.protocol == "4 pairs of pairs.txt"


def test_a_search_for_nobody_is_none():
    nobody = identification.youngest_to_oldest(PEOPLE, np.empty(0, int))
    assert searches.ranked("x", prepared(PEOPLE), nobody, "youngest to oldest") == ()


FILMS = make_index(
    [
        {"identity": f"{n:02d}", "year": None if n == 19 else year, "name": f"{n:02d}/{year}_{m}.jpg"}
        for n in range(20)
        for year in (1980, 1995 if n % 2 else 1983)
        for m in range(3)
    ]
)


def test_films_are_searched_by_gap_and_from_first_to_last():
    found = {one.column: one for one in searches.film_tests(prepared(FILMS), "imfdb")}
    assert {name: one.metric for name, one in found.items()} == {
        "imfdb-under-5": "MAP",
        "imfdb-10-19": "MAP",
        "imfdb-oldest": "rank-1",
    }
    assert found["imfdb-10-19"].data.protocol == "latest among films 10-19 years earlier"
    assert [found[f"imfdb-{key}"].data.subjects for key in ("under-5", "10-19", "oldest")] == [10, 9, 19]
    assert len(found["imfdb-under-5"].scheme.gallery) == len(found["imfdb-10-19"].scheme.gallery) == 57


def test_pairs_of_films_are_years_apart_and_their_folds_share_nobody():
    found = searches.film_pairs("imfdb-pairs", prepared(FILMS), None, "drawn pairs", 5)
    pairs, years, people = found.pairs, FILMS["year"].astype(float).to_numpy(), FILMS["identity"].to_numpy()
    assert np.abs(years[pairs.first] - years[pairs.second]).min() >= 10
    assert set(people[pairs.first]) | set(people[pairs.second]) == {f"{n:02d}" for n in range(1, 19, 2)}
    np.testing.assert_array_equal(people[pairs.first] == people[pairs.second], pairs.same)
    folds = [
        set(people[np.concatenate([pairs.first[inside], pairs.second[inside]])])
        for inside in (pairs.folds == fold for fold in range(3))
    ]
    assert sum(map(len, folds)) == len(set().union(*folds)) == 9
    assert (pairs.same.sum(), len(pairs.same)) == (15, 30)
    assert found.data.protocol == "30 drawn pairs, 10 years apart"


def test_a_gallery_with_distractors_says_how_many_join(tmp_path):
    own = write_prepared(tmp_path / "own", images=8)
    own.index["identity"] = [f"person {row // 2}" for row in range(8)]
    own.manifest["settings"]["dataset"] = "fgnet"
    other = write_prepared(tmp_path / "other", images=11)  # the first eight are the same pictures
    found = searches.distractor_test("own-crowd", own, [other])
    assert found.data.protocol == "one against all others and 3 strangers"
    assert found.data.images == 8
