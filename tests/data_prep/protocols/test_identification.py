"""Schemes of recognition: who is probe, who is gallery, and that nobody is on both sides."""

import numpy as np
import pytest

from data_prep.datasets import cacd
from data_prep.protocols import identification
from data_prep.protocols.splits import overlaps
from tests.support.prepared_sets import make_index

ALBUM = make_index(
    [
        {"identity": "a", "age": 30, "name": "a30.jpg"},
        {"identity": "a", "age": 5, "name": "a05.jpg"},
        {"identity": "a", "age": 61, "name": "a61.jpg"},
        {"identity": "b", "age": 20, "name": "b20_1.jpg"},
        {"identity": "b", "age": 20, "name": "b20_2.jpg"},
        {"identity": "c", "age": 19, "name": "c19_2.jpg"},
        {"identity": "c", "age": 19, "name": "c19_1.jpg"},
        {"identity": "c", "age": 40, "name": "c40_1.jpg"},
        {"identity": "c", "age": 40, "name": "c40_2.jpg"},
        {"identity": "d", "age": 70, "name": "d70.jpg"},
    ]
)


def names(rows, index=ALBUM):
    return set(index["name"].iloc[rows])


def test_the_youngest_image_is_the_gallery_and_the_oldest_the_probe():
    scheme = identification.youngest_to_oldest(ALBUM)
    assert names(scheme.gallery) == {"a05.jpg", "c19_1.jpg"}
    assert names(scheme.probes) == {"a61.jpg", "c40_2.jpg"}
    assert list(scheme.leave_out) == [-1, -1]


def test_the_scheme_can_be_kept_to_adults():
    scheme = identification.youngest_to_oldest(ALBUM, youngest=identification.ADULT)
    assert names(scheme.gallery) == {"a30.jpg", "c19_1.jpg"}
    assert "from 18 years on" in scheme.description


def test_where_nobody_has_two_ages_nobody_is_looked_for():
    scheme = identification.youngest_to_oldest(ALBUM, rows=[3, 4, 9])
    assert len(scheme.probes) == len(scheme.gallery) == 0


def test_leaving_one_out_asks_for_all_who_have_another_image():
    scheme = identification.leave_one_out(ALBUM)
    assert names(scheme.probes) == set(ALBUM["name"]) - {"d70.jpg"}
    assert len(scheme.gallery) == 10
    np.testing.assert_array_equal(scheme.gallery[scheme.leave_out], scheme.probes)


def test_probes_can_be_restricted_and_the_gallery_stays():
    scheme = identification.restricted(ALBUM, identification.leave_one_out(ALBUM), np.array([0, 1, 9]))
    assert list(scheme.probes) == [0, 1]
    assert len(scheme.gallery) == 10


def test_the_hash_names_the_lists_and_not_their_order():
    other = ALBUM.iloc[::-1].reset_index(drop=True)
    assert identification.leave_one_out(ALBUM).hash == identification.leave_one_out(other).hash
    assert identification.youngest_to_oldest(ALBUM).hash == identification.youngest_to_oldest(other).hash
    assert (
        identification.leave_one_out(ALBUM, rows=np.arange(9)).hash
        != identification.leave_one_out(ALBUM).hash
    )


def test_an_image_without_identity_is_an_error():
    with pytest.raises(ValueError, match="1 images have no identity"):
        identification.leave_one_out(make_index([{"identity": "a"}, {}]))


def test_morph_tests_people_that_are_not_trained_on():
    index = make_index([{"identity": f"{n // 2:05d}", "age": n % 60} for n in range(26_000)])
    split = identification.morph_people(index)
    assert len(split.test) == 6_000
    assert len(split.train) == 20_000
    assert not any(overlaps(index, split).values())
    part = identification.morph_people(index.iloc[:2600])
    assert index["identity"].iloc[part.test].nunique() == 300


def test_cacd_searches_2013_in_three_periods():
    rows = [{"identity": person, "year": year} for person in "pqr" for year in range(2004, 2014)]
    index = make_index(rows)
    split = identification.cacd_people(index, frozenset("pq"))
    assert set(index["identity"].iloc[split.test]) == {"p", "q"}
    searches = identification.cacd_databases(index, split.test)
    assert {name: len(search.gallery) for name, search in searches.items()} == {
        "2004-2006": 6,
        "2007-2009": 6,
        "2010-2012": 6,
    }
    assert all(set(index["year"].iloc[search.probes]) == {2013} for search in searches.values())


@pytest.mark.real_data
def test_the_real_metadata_gives_carcs_split(data_root):
    root = data_root / "CACD"
    rows = cacd.metadata(root)
    index = make_index(
        [
            {"name": name, "identity": person, "year": year}
            for name, person, year in zip(rows["name"], rows["celebrity"], rows["year"], strict=True)
        ]
    )
    split = identification.cacd_people(index, cacd.test_celebrities(root))
    people = index["identity"]
    assert people.iloc[split.test].nunique() == 120
    assert people.iloc[split.train].nunique() == 1880
    assert len(split.test) + len(split.train) == 163_446
    searches = identification.cacd_databases(index, split.test)
    sizes = {name: (len(search.probes), len(search.gallery)) for name, search in searches.items()}
    for name, (first, last) in identification.CACD_DATABASES.items():
        tested = rows[rows["celebrity"].isin(cacd.test_celebrities(root))]
        between = (tested["year"] >= first) & (tested["year"] <= last)
        assert sizes[name] == (int((tested["year"] == 2013).sum()), int(between.sum()))


def test_imfdb_tests_a_third_of_the_actors_of_every_span_of_years():
    years = {"short": 1, "middle": 7, "long": 30}
    rows = [
        {"identity": f"{span}{n}", "year": 1980 + year, "name": f"{span}{n}/{year}.jpg"}
        for span, last in years.items()
        for n in range(12)
        for year in (0, last)
    ]
    index = make_index(rows)
    split = identification.imfdb_people(index)
    tested = set(index["identity"].iloc[split.test])
    assert [sum(person.startswith(span) for person in tested) for span in years] == [4, 4, 4]
    assert tested.isdisjoint(index["identity"].iloc[split.train])
    assert len(split.train) + len(split.test) == len(index)
    shuffled = index.sample(frac=1, random_state=1).reset_index(drop=True)
    assert identification.imfdb_people(shuffled).hash == split.hash


FILMS = make_index(
    [
        {"identity": person, "year": year, "name": f"{person}/{year}_{n}.jpg"}
        for person, years in {
            "a": (1970, 1995, 1999, 2000),
            "b": (1985, 1992, 2001),
            "c": (2010,),
            "d": (None, 1990),
            "e": (None,),
        }.items()
        for year in years
        for n in range(2)
    ]
)


def both(*films):
    return {f"{film}_{n}.jpg" for film in films for n in range(2)}


def test_latest_films_look_among_those_a_gap_earlier_and_everybody_else():
    searches = identification.year_gaps(FILMS)
    c_and_d = both("c/2010", "d/1990")
    all_before = {"a": both("a/1970", "a/1995", "a/1999"), "b": both("b/1985", "b/1992")}
    expected = {
        "under 5": (both("a/2000"), both("a/1999") | all_before["b"]),
        "5-9": (both("a/2000", "b/2001"), both("a/1995", "b/1992")),
        "10-19": (both("b/2001"), both("b/1985") | all_before["a"]),
        "20 and more": (both("a/2000"), both("a/1970") | all_before["b"]),
    }
    for gap, (queries, database) in expected.items():
        assert names(searches[gap].probes, FILMS) == queries
        assert names(searches[gap].gallery, FILMS) == database | c_and_d
        assert (searches[gap].leave_out == -1).all()
    rule = "2 images of latest years among 10 of films 20 and more years earlier"
    assert searches["20 and more"].description == rule


def test_the_last_year_looks_in_the_first():
    scheme = identification.first_to_last_year(FILMS)
    assert names(scheme.probes, FILMS) == both("a/2000", "b/2001")
    assert names(scheme.gallery, FILMS) == both("a/1970", "b/1985")
    none = identification.first_to_last_year(FILMS, FILMS.index[FILMS["identity"] == "c"])
    assert len(none.probes) == len(none.gallery) == 0
