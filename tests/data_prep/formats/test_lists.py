"""Every list of every set is the same list in whatever encoding, with whatever line ends and separators."""

import random
import unicodedata

import pandas as pd
import pytest

from benchmarks.mutations.content import mutate
from common.errors import UserError
from data_prep.datasets import get
from data_prep.datasets.fgnet_points import all_points
from data_prep.datasets.samples import Rejected, Sample
from data_prep.formats.lists import fields, in_folder, read_lines, read_table, readings
from data_prep.prepared.names import Names
from data_prep.protocols import published_pairs as pair_lists
from data_prep.protocols import verification as pairs
from tests.support.label_files import touch

FORMS = {
    "plain": lambda text: text.encode(),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-16, big end first": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "Windows' line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "an old Mac's line ends": lambda text: text.replace("\n", "\r").encode(),
    "no last line end": lambda text: text.rstrip().encode(),
    "blank lines": lambda text: f"\n{text}\n \n\t\n\n".encode(),
    "blanks at the ends": lambda text: text.replace("\n", " \t\n").encode(),
    "a mark in the middle, as of joined lists": lambda text: text.replace("\n", "\n\ufeff", 1).encode(),
    "two blanks": lambda text: text.replace("\t", "  ").encode(),
    "semicolons": lambda text: text.replace("\t", ";").encode(),
    "commas": lambda text: text.replace("\t", ", ").encode(),
    "quotes": lambda text: "\n".join(quoted(line) for line in text.splitlines()).encode(),
    "empty columns": lambda text: text.replace("\n", "\t\t\n").encode(),
}


def quoted(line):
    return "\t".join(f'"{field}"' for field in line.split("\t"))


def scaf(folder, content):
    touch(folder, "é/1.jpg", "b/2.jpg")
    (folder / "scaf.txt").write_bytes(content)
    samples = (one for one in get("scaf").scan(folder) if isinstance(one, Sample))
    return [(one.name, one.identity, one.age, one.gender) for one in samples]


def lfw(folder, content):
    (folder / "pairs.txt").write_bytes(content)
    frame = pd.DataFrame({"name": [f"{p}/{p}_{n:04d}.jpg" for p in ("Zoë_B", "C_D") for n in (1, 2, 3)]})
    found = pairs.lfw_pairs(Names(frame), folder / "pairs.txt")
    return found.first.tolist(), found.second.tolist(), found.same.tolist(), found.folds.tolist()


def calfw(folder, content):
    (folder / "pairs_CALFW.txt").write_bytes(content)
    return pair_lists._calfw(folder / "pairs_CALFW.txt")


def numbered(folder, content):
    (folder / "agedb_30.txt").write_bytes(content)
    return pair_lists._numbered(folder / "agedb_30.txt")


def points(folder, content):
    (folder / "x.pts").write_bytes(content)
    return all_points(folder / "x.pts")


LISTS = {
    "SCAF": (scaf, "1\té/1.jpg\t30.5\t1\n1\tb/2.jpg\t64\t0\n"),
    "LFW": (lfw, "2\t1\nZoë_B\t1\t2\nZoë_B\t1\tC_D\t3\nC_D\t2\t3\nC_D\t1\tZoë_B\t3\n"),
    "CALFW": (calfw, "Zoë_0001.jpg\t1\nZoë_0002.jpg\t1\nZoë_0001.jpg\t0\nC_D_0001.jpg\t0\n"),
    "AgeDB-30": (numbered, "00001.jpg\t00002.jpg\t1\n00003.jpg\t00004.jpg\t-1\n"),
    "FG-NET": (points, "version: 1\n{\n" + "".join(f"{n}.5\t{n}.25\n" for n in range(68)) + "}\n"),
}
EXPECTED = {
    "SCAF": [("é/1.jpg", "1", 31, "male"), ("b/2.jpg", "1", 64, "female")],
    "LFW": ([0, 0, 4, 3], [1, 5, 5, 2], [True, False, True, False], [0, 0, 1, 1]),
    "CALFW": [
        ("Zoë_0001.jpg", "Zoë_0002.jpg", True, 0),
        ("Zoë_0001.jpg", "C_D_0001.jpg", False, 0),
    ],
    "AgeDB-30": [
        ("00001.jpg", "00002.jpg", True, 0),
        ("00003.jpg", "00004.jpg", False, 5),
    ],
    "FG-NET": [(n + 0.5, n + 0.25) for n in range(68)],
}


CASES = [(kind, form) for kind in LISTS for form in FORMS if (kind, form) != ("FG-NET", "quotes")]


@pytest.mark.parametrize(("kind", "form"), CASES)
def test_a_list_is_the_same_in_every_form(tmp_path, kind, form):
    read, text = LISTS[kind]
    assert read(tmp_path, FORMS[form](text)) == EXPECTED[kind]


@pytest.mark.parametrize("kind", ["LFW", "CALFW"])
def test_a_name_that_is_no_utf_8_is_refused_with_its_line(tmp_path, kind):
    read, text = LISTS[kind]
    with pytest.raises(UserError, match=r"line \d .*is not valid UTF-8: save it as UTF-8"):
        read(tmp_path, text.encode("latin-1"))


def test_a_line_of_scaf_that_is_no_utf_8_is_refused_alone(tmp_path):
    touch(tmp_path, "b/2.jpg")
    (tmp_path / "scaf.txt").write_bytes("2\tb/2.jpg\t64\t0\nZoë\té/1.jpg\t30\t1\n".encode("cp1252"))
    found = list(get("scaf").scan(tmp_path))
    assert found == [
        Sample(tmp_path / "b/2.jpg", "b/2.jpg", "2", 64, "female", aligned="arcface"),
        Rejected("scaf.txt line 2", "the line is not valid UTF-8: save it as UTF-8"),
    ]


@pytest.mark.parametrize(("there", "listed"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFC", "NFC")])
def test_a_picture_is_found_in_either_unicode_form_and_shows_one_person(tmp_path, there, listed):
    touch(tmp_path, unicodedata.normalize(there, "Zoë/é.jpg"))
    line = unicodedata.normalize(listed, "Zoë Zoë/é.jpg 30 1\n")
    (tmp_path / "scaf.txt").write_text(line)
    (sample,) = get("scaf").scan(tmp_path)
    assert sample.path.is_file()
    assert sample.identity == unicodedata.normalize("NFC", "Zoë")


def test_a_list_of_scaf_may_name_its_columns_and_pictures_as_windows_does(tmp_path):
    touch(tmp_path, "a b/1.jpg", "a b/2.jpg")
    (tmp_path / "scaf.csv").write_text('id;file;age;gender\n7;"a b\\1.jpg";"30,5";1\n')
    header, sample, unlisted = get("scaf").scan(tmp_path)
    assert header == Rejected("scaf.csv line 1", "the line is not of the form: id filename age gender")
    assert (sample.path, sample.name, sample.age) == (tmp_path / "a b/1.jpg", "a b/1.jpg", 31)
    assert unlisted == Rejected("a b/2.jpg", "not listed in scaf.csv")


def test_what_a_pair_of_calfw_is_said_to_show_is_held_against_the_names(tmp_path):
    for text in ("A_0001.jpg 1\nB_0002.jpg 1\n", "A_0001.jpg 0\nA_0002.jpg 0\n"):
        with pytest.raises(UserError, match=r"is damaged: by line 1 A_0001\.jpg and ._0002\.jpg show"):
            calfw(tmp_path, text.encode())


def test_a_separator_within_a_name_is_none(tmp_path):
    assert fields("a,b.jpg 1 2", 3) == ["a,b.jpg", "1", "2"]
    assert fields("a b.jpg\t1\t2", 3) == ["a b.jpg", "1", "2"]
    assert fields('"a;b.jpg";1;2', 3) == ["a;b.jpg", "1", "2"]
    assert fields("1 2", 3) is None
    assert list(readings("a, b")) == [["a", "b"], ["a,", "b"]]


def test_a_line_without_end_is_not_kept_whole(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("a" * 200_000 + "\nb\n")
    assert [(line.number, len(line.text)) for line in read_lines(path)] == [(1, 65536), (2, 1)]


def test_a_table_is_read_by_the_separator_of_its_first_line(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('sep=;\n\nPhoto Name; AGE;note;\n"a;b.jpg";3,5;"two\nlines"\n;;\nc.jpg;4;\nd.jpg\n')
    table = read_table(path)
    assert table.header == ["Photo Name", "AGE", "note"]
    assert table.rows == [
        (5, ["a;b.jpg", "3,5", "two\nlines"]),
        (7, ["c.jpg", "4", ""]),
        (8, ["d.jpg", "", ""]),
    ]
    assert (table.column("photo_name"), table.column("sex", "age"), table.column("x")) == (0, 1, None)
    path.write_text("photo  age\na.jpg   3\n")
    assert read_table(path).rows == [(2, ["a.jpg", "3"])]
    path.write_text("\n \n")
    assert read_table(path) is None


def test_what_cannot_be_read_is_named(tmp_path):
    for read in (lambda path: list(read_lines(path)), read_table):
        with pytest.raises(UserError, match=r"cannot read .*gone\.txt: No such file"):
            read(tmp_path / "gone.txt")
    assert in_folder(tmp_path, "é" * 300) == tmp_path / ("é" * 300)


def test_no_mutant_of_a_list_does_worse_than_a_sentence(tmp_path):
    generator = random.Random("lists")
    sentences = []
    for number in range(600):
        read, text = LISTS[sorted(LISTS)[number % len(LISTS)]]
        form = generator.choice(sorted(FORMS))
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            read(folder, mutate(FORMS[form](text), generator))
        except UserError as error:
            sentences.append(str(error))
        except ValueError as error:  # of points, of which FG-NET's reader tells in a row
            sentences.append(str(error) if read is points else "another error\n")
    assert 100 < len(sentences) < 600
    assert not any("\n" in sentence for sentence in sentences)
