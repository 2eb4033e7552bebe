"""What a data folder is found to hold, and how fast its faces are aligned."""

import numpy as np
import pytest
from PIL import Image

from data_prep.preparation import survey as surveying
from data_prep.preparation.survey import alignment_rate, survey


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((200, 200, 3), 90, np.uint8)).save(path)


@pytest.fixture
def found(tmp_path):
    for name in ("30_0_1_20170101000000000.jpg", "4_1_0_20170101000000001.jpg", "nonsense.jpg"):
        picture(tmp_path / "UTKFace" / name)
    (tmp_path / "LFW" / "Somebody").mkdir(parents=True)
    (tmp_path / "FG-NET").mkdir()
    return {one.card.name: one for one in survey(tmp_path)}


def test_every_set_is_surveyed_but_the_generated_one(found):
    assert "synthetic" not in found and {"utkface", "lfw", "morph"} <= set(found)


def test_usable_pictures_ages_and_refusals_are_counted(found):
    utkface = found["utkface"]
    assert len(utkface.sources) == 2 and utkface.ages == (4, 30) and utkface.people == 0
    assert utkface.coverage() == "3 of 23,708 files"
    assert sum(utkface.refused.values()) == 1 and "name has" in next(iter(utkface.refused))


def test_folder_that_is_no_copy_says_why_and_one_that_is_not_there_says_nothing(found):
    assert found["fgnet"].problem and not found["fgnet"].sources
    assert found["morph"].problem is None and found["morph"].listing is None


def test_trial_takes_pictures_from_all_over_the_set(found, monkeypatch):
    taken = []

    def ordered_map(function, items, workers, crashed):
        taken.extend(items)
        return (function(item) for item in items)

    monkeypatch.setattr(surveying, "ordered_map", ordered_map)
    monkeypatch.setattr(surveying, "available_cores", lambda: 1)
    utkface = found["utkface"]
    many = surveying.Survey(
        utkface.card, type(utkface.listing)(utkface.listing.sources * 10, utkface.listing.rejected)
    )
    assert alignment_rate(many, 64, "utkface", tried=3) > 0
    assert len(taken) == 5
    assert alignment_rate(utkface, 64, "utkface", tried=3) is None
