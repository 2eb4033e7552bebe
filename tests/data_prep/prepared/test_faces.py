"""Which sets a data folder is taken to hold."""

import pytest

from common.errors import UserError
from data_prep.datasets.held import holds
from tests.support.label_files import IMDB_WIKI_ROW, touch, write_imdb_wiki


def test_a_folder_is_held_whatever_its_case_and_punctuation(tmp_path):
    assert not holds(None, "fgnet")
    assert not holds(tmp_path, "fgnet")
    touch(tmp_path / "fgnet", "images/001A02.JPG")
    assert holds(tmp_path, "fgnet")


def test_a_folder_without_the_set_is_told(tmp_path):
    (tmp_path / "LFW").mkdir()
    with pytest.raises(UserError, match="does not hold LFW"):
        holds(tmp_path, "lfw")


def test_a_copy_without_the_part_that_a_cleaning_reads_is_passed_over(tmp_path):
    folder = tmp_path / "IMDB-WIKI"
    write_imdb_wiki(folder / "imdb_crop" / "imdb.mat", "imdb", [{}])
    touch(folder / "imdb_crop", IMDB_WIKI_ROW["full_path"])
    assert holds(tmp_path, "imdb-wiki")
    assert not holds(tmp_path, "wiki-code")
    write_imdb_wiki(folder / "wiki_crop" / "wiki.mat", "wiki", [{}])
    touch(folder / "wiki_crop", IMDB_WIKI_ROW["full_path"])
    assert holds(tmp_path, "wiki-code")
