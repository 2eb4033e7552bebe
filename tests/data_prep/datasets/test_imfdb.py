"""IMFDB's lists as they are: no two alike, with lines that name nothing and dates that are not the film's."""

import os

import pytest

from data_prep.datasets import get, imfdb
from data_prep.datasets.imfdb_dates import FilmList, doubtful_dates
from data_prep.datasets.samples import Rejected, Sample
from tests.support.label_files import imfdb_line, touch, write_imfdb


def read(root):
    found = list(get("imfdb").scan(root))
    samples = {item.name: item for item in found if isinstance(item, Sample)}
    return samples, {item.name: item.reason for item in found if isinstance(item, Rejected)}


def write_film(root, lines, *pictures, film="Actor/Film"):
    write_imfdb(root / film / "list.txt", lines)
    touch(root, *(f"{film}/images/{picture}" for picture in pictures))


DATES = {
    "2000": 2000,
    "07-10-2000": 2000,
    "7-10-2000": 2000,
    "7/10/2000": 2000,
    "-": None,
    "": None,
    "7.10.1955": 1955,
    "07-10-00": None,
    "320": None,
}


@pytest.mark.parametrize("date", DATES)
def test_every_spelling_of_a_date_gives_its_year(tmp_path, date):
    write_film(tmp_path, [{"date": date}], "Actor_1.jpg")
    samples, rejected = read(tmp_path)
    assert rejected == {}
    (sample,) = samples.values()
    assert (sample.year, sample.gender, sample.identity) == (DATES[date], "female", "Actor")


FORMS = {
    "video and frame in one field": imfdb_line(video=None, frame="3 Films 0123.jpg"),
    "a number before the video": "377\t" + imfdb_line(box="10\t20\t30"),
    "the frame last": imfdb_line(
        video=None, frame=None, picture="Actor_1.jpg", box="9\t8\t7\t6\tRaa\t0123.jpg"
    ),
    "the place in the film first": "9\t8\t7\t6\t" + imfdb_line(video="[360p]", box=None),
    "a field too few": imfdb_line(box="10 20 30\t40"),
    "the last fields missing": imfdb_line(labels="ANGER\tNONE\tBAD\tYOUNG"),
    "labels in one field": imfdb_line(labels="\tNEUTRAL\tNONE MEDIUM\tYOUNG FRONTAL\tPARTIAL"),
    "empty fields at the end": imfdb_line() + "\t\t",
    "lower case": imfdb_line().lower(),
    "semicolons": imfdb_line().replace("\t", ";"),
    "another actor's spelling": imfdb_line(picture="KsActr_1.jpg", actor="Aktor"),
    "zeros before the number": imfdb_line(picture="Actor_001.jpg"),
    "a width like a year": imfdb_line(box="1920\t1950\t1960\t1970"),
}


@pytest.mark.parametrize("form", FORMS)
def test_fields_are_told_by_what_they_hold(tmp_path, form):
    write_film(tmp_path, [FORMS[form]], "Actor_1.jpg")
    samples, rejected = read(tmp_path)
    assert rejected == {}
    (sample,) = samples.values()
    assert (sample.name, sample.year, sample.gender) == ("Actor/Film/images/Actor_1.jpg", 2000, "female")
    assert imfdb.bands(tmp_path) == {sample.name: "YOUNG"}


def test_missing_labels_are_unknown(tmp_path):
    lines = [
        {"gender": None},
        {"picture": "Actor_2.jpg", "labels": "ANGER\tNONE\tBAD\tMIDDDLE\tFRONTAL\tPARTIAL"},
        {"picture": "Actor_3.jpg", "gender": "", "labels": "FEAR\tNONE\tBAD\tOLD"},
    ]
    write_film(tmp_path, lines, "Actor_1.jpg", "Actor_2.jpg", "Actor_3.jpg")
    samples, rejected = read(tmp_path)
    assert rejected == {}
    assert [sample.gender for sample in samples.values()] == [None, "female", None]
    folder = "Actor/Film/images"
    assert imfdb.bands(tmp_path) == {f"{folder}/Actor_1.jpg": "YOUNG", f"{folder}/Actor_3.jpg": "OLD"}


FAULTS = {
    "null\tnull\tnull\tnull\tnull\tnull\tnull\tFilm\t1976\tA\tMALE\tNEUTRAL": "the line names no picture",
    "FRONTAL\tPARTIAL": "the line names no picture",
    "a film 2 0081.jpg Actor_1.jpg 359 48 229 319": "the line has no labels",
    "\0\0\0\tActor_1.jpg": "the line holds a character that no name has",
    imfdb_line(picture="Actor_7.jpg"): "there is no picture of its name or number",
    imfdb_line(picture="Aktor_1.jpg"): "Aktor_1.jpg is not Actor/Film/images/Actor_1.jpg, which has a line",
    imfdb_line(
        picture="Aktor_2.jpg"
    ): "Aktor_2.jpg may be Actor/Film/images/A_2.jpg or Actor/Film/images/B_2.jpg",
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_line_without_a_picture_is_refused_by_number(tmp_path, line):
    named = [{}, {"picture": "A_2.jpg"}, {"picture": "B_2.jpg"}]
    write_film(tmp_path, ["", *named, line], "Actor_1.jpg", "A_2.jpg", "B_2.jpg")
    samples, rejected = read(tmp_path)
    assert len(samples) == 3
    assert rejected == {"Actor/Film/list.txt line 5": FAULTS[line]}


def test_what_further_lines_of_a_picture_disagree_about_is_unknown(tmp_path):
    other = {"gender": "MALE", "labels": "ANGER\tNONE\tBAD\tOLD"}
    second = [{"picture": "Actor_2.jpg", "date": "-"}, {"picture": "Actor_2.jpg"}]
    write_film(tmp_path, [{}, other, *second], "Actor_1.jpg", "Actor_2.jpg")
    samples, rejected = read(tmp_path)
    name = "Actor/Film/images/Actor_1.jpg"
    further = "a further line of a picture; what they disagree about is unknown"
    assert rejected == {f"Actor/Film/list.txt line {number}": further for number in (2, 4)}
    assert (samples[name].gender, samples[name].year) == (None, 2000)
    assert samples["Actor/Film/images/Actor_2.jpg"].year == 2000
    assert imfdb.bands(tmp_path) == {"Actor/Film/images/Actor_2.jpg": "YOUNG"}


def test_every_file_that_is_no_sample_is_refused(tmp_path):
    write_film(tmp_path, [{}], "Actor_1.jpg", "Actor_2.jpg")
    touch(tmp_path, "Other/Film/images/Other_1.jpg", "Actor/Actor_3.jpg", "Actor/Film/images/old/Actor_1.jpg")
    samples, rejected = read(tmp_path)
    assert list(samples) == ["Actor/Film/images/Actor_1.jpg"]
    assert rejected == {
        "Actor/Film/images/Actor_2.jpg": "no line of its film's list names it",
        "Other/Film/images/Other_1.jpg": "no line of its film's list names it",
        "Actor/Actor_3.jpg": "it does not lie in Actor/Film/images",
        "Actor/Film/images/old/Actor_1.jpg": "it does not lie in Actor/Film/images",
    }


def test_a_film_of_which_another_list_says_another_year_loses_it(tmp_path):
    for actor, date in (("A", "1972"), ("B", "14-3-1972"), ("C", "2002")):
        write_film(tmp_path, [{"date": date}], "Actor_1.jpg", film=f"{actor}/Nagara_havu")
    samples, rejected = read(tmp_path)
    assert [sample.year for sample in samples.values()] == [1972, 1972, None]
    assert rejected == {
        "C/Nagara_havu": "its date is not used: 2 of 3 lists of the film say another year",
    }


DOUBTFUL = {
    # years by folder, folders whose dates are not used
    "a tie": ({"A/Film": 1981, "B/film": 2014}, {"A/Film", "B/film"}),
    "a premiere and a release": ({"A/Film": 1996, "B/Film": 1997}, set()),
    "parts of a film": ({"A/Tiger1": 1986, "A/Tiger2": 2005}, {"A/Tiger1", "A/Tiger2"}),
    "pictures from anywhere": (
        {"A/Misc": 1999, "A/Extra2": 1999, "A/extras_Film": 1999},
        {"A/Misc", "A/Extra2"},
    ),
    "the year of the set": (
        {"A/Charulatha": 2013, "B/MN": 2013, "C/MN": 2014},
        {"A/Charulatha", "B/MN", "C/MN"},
    ),
    "a film of that year": ({"A/Dabang2": 2012, "B/Dabang2": 2013}, set()),
    "a wrong date that is known": ({"Umashri/Lalihadu": 1966, "B/Film": 1966}, {"Umashri/Lalihadu"}),
    "unknown": ({"A/Film": None, "A/Misc": None, "B/Film": 1999}, set()),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_dates_that_lists_contradict_are_not_used(case):
    years, expected = DOUBTFUL[case]
    assert set(doubtful_dates({folder: FilmList(year, ()) for folder, year in years.items()})) == expected


def test_two_films_whose_lists_describe_the_same_pictures_have_no_dates():
    first = {("1.jpg", str(n)) for n in range(10)}
    lists = {
        "A/Old": FilmList(1982, first),
        "A/New": FilmList(2000, {*list(first)[:5], *((f"{n}.jpg", "0") for n in range(20, 40))}),
        "A/Third": FilmList(1990, {*list(first)[:4], *((f"{n}.jpg", "0") for n in range(50, 56))}),
        "B/Old": FilmList(1982, first),
    }
    assert doubtful_dates(lists) == {
        "A/Old": "its list describes pictures of A/New too",
        "A/New": "its list describes pictures of A/Old too",
    }


def test_other_sets_with_a_folder_of_images_are_not_taken_for_it(tmp_path):
    touch(tmp_path, "FG-NET/FGNET/images/001A02.JPG")
    (tmp_path / "FG-NET/FGNET/ReadMe.txt").write_text("1002 images, 001A02.JPG first\n")
    assert not get("imfdb").holds(tmp_path)


def test_a_folder_whose_name_is_no_text_is_named_by_its_bytes(tmp_path):
    film = os.fsdecode(b"Misc\xe9")
    write_film(tmp_path, [{}], "Actor_1.jpg", film=f"Actor/{film}")
    write_film(tmp_path, [{}], "Actor_1.jpg", film="Actor/Film")
    samples, rejected = read(tmp_path)
    assert list(samples) == ["Actor/Film/images/Actor_1.jpg"]
    assert set(rejected) == {
        "Actor/Film",
        r"Actor/Misc\xe9",
        r"Actor/Misc\xe9/images/Actor_1.jpg",
        r"Actor/Misc\xe9/list.txt line 1",
    }
    assert (
        rejected["Actor/Film"] == r"its date is not used: its list describes pictures of Actor/Misc\xe9 too"
    )
