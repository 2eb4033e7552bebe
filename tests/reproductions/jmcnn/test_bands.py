"""Pictures of unknown band, and a set without bands."""

import numpy as np

from data_prep.prepared.index import Prepared
from reproductions.jmcnn import bands
from reproductions.jmcnn.data import CrossAgeSet
from reproductions.shared.recognition.probing import UNKNOWN
from tests.support.fake_records import UTKFACE
from tests.support.prepared_sets import make_index


def across(known, tested):
    from data_prep.prepared.faces import Faces

    manifest = {"settings": {"dataset": "imfdb"}, "title": "IMFDB", "fingerprint": "f", "coverage": "all"}
    index = make_index([{"identity": str(n // 3), "name": f"{n}.jpg"} for n in range(len(known))])
    faces = Prepared(None, index, manifest)
    others = np.setdiff1d(np.arange(len(known)), tested)
    train = Faces(faces, others, UTKFACE)
    return CrossAgeSet(faces, (), None, (train,), np.array(known), np.array(tested))


def test_pictures_of_unknown_band_are_not_asked():
    found = bands.band_test(across([0, 1, UNKNOWN, 1, 2, UNKNOWN], [3, 4, 5]))
    assert (found.train.tolist(), found.tested.tolist()) == ([0, 1], [3, 4])
    assert (found.data.images, found.data.subjects) == (2, 1)
    assert len(found.classes) == 6


def test_one_band_is_no_question():
    assert bands.band_test(across([0, 1, 1, 1, 1, 1], [3, 4, 5])) is None
