"""What a small partial copy can be asked, before anything is trained."""

import numpy as np
import pytest

from common.errors import UserError
from data_prep.prepared.faces import Faces
from data_prep.prepared.index import Prepared
from data_prep.protocols.recognition_tests import people_tests
from reproductions.jmcnn import data
from reproductions.shared.harness.options import Options
from reproductions.shared.recognition.identity_sets import Identities
from tests.support.fake_records import UTKFACE
from tests.support.prepared_sets import make_index


@pytest.fixture
def load(monkeypatch):
    """Loads a copy of FG-NET and MORPH with these people looked for in each."""

    def call(fgnet, morph):
        held = {"fgnet": fgnet, "morph": morph}

        def prepared(options, name, size):
            rows = [{"identity": str(who), "age": age} for who in range(held[name]) for age in (20, 50)]
            manifest = {"settings": {"dataset": name}, "title": name, "fingerprint": "f", "coverage": "all"}
            return Prepared(None, make_index(rows or [{"identity": "0", "age": 20}]), manifest)

        def make(faces, options):
            everybody = Faces(faces, np.arange(len(faces.index)), UTKFACE)
            return data.CrossAgeSet(faces, people_tests(faces, "x"), train=(everybody,))

        first = Identities(Faces(prepared(None, "fgnet", 96), np.arange(1), UTKFACE), ())
        monkeypatch.setattr(data, "load_identities", lambda *which: first)
        monkeypatch.setattr(data, "prepared", prepared)
        monkeypatch.setattr(data, "holds", lambda root, name: name in held)
        monkeypatch.setattr(data, "_fgnet", make)
        monkeypatch.setattr(data, "_morph", make)
        monkeypatch.setattr(data.across_age, "fgnet_pairs", lambda faces: ())
        monkeypatch.setattr(data.across_age, "published_verifications", lambda *which: ())
        data.load.cache_clear()
        data.tell_once.cache_clear()
        return data.load(Options(profile="cpu"), 96, ("lfw",))

    yield call
    data.load.cache_clear()


def test_a_set_in_which_nobody_can_be_looked_for_is_passed_over(load, capsys):
    assert list(load(fgnet=3, morph=1).across) == ["fgnet"]
    assert "morph is passed over: nobody in this copy can be looked for" in capsys.readouterr().err


def test_without_any_there_is_one_sentence(load):
    with pytest.raises(UserError, match=r"holds no set of faces across age .* with people to look for"):
        load(fgnet=0, morph=1)
