"""Which identity set is taken, and which pairs are asked."""

import numpy as np
import pytest

from common.errors import UserError
from common.files import write_table
from data_prep.prepared.index import Prepared
from data_prep.protocols import splits
from reproductions.shared.harness.options import Options
from reproductions.shared.recognition import identity_sets as identities
from reproductions.shared.recognition.identity_sets import identity_set
from tests.support.prepared_sets import make_index

PREFERS = ("casia-webface", "lfw")


def test_a_data_folder_without_identities_is_refused(tmp_path):
    (tmp_path / "FG-NET").mkdir()
    options = Options(profile="cpu", data_root=tmp_path)
    expected = r"holds no set of identities to train on \(CASIA-WebFace or LFW\): see make data-lfw"
    with pytest.raises(UserError, match=expected):
        identity_set(options, PREFERS)


def test_without_a_data_folder_people_are_generated():
    assert identity_set(Options(profile="cpu"), PREFERS) == "synthetic"


def test_the_pairs_of_cacd_vs_are_asked_under_every_name(tmp_path, monkeypatch):
    """Half of its files are byte-identical to others: as of a complete copy, no pair is missing."""
    people = make_index([{"identity": f"person {n % 99}"} for n in range(198)])
    of = {"title": "LFW", "settings": {"dataset": "lfw"}, "fingerprint": "f", "coverage": "all"}
    lfw = Prepared(None, people, of)
    kept, copies = [], []
    for number in range(4000):
        kept.append({"name": f"{number:04d}_0.jpg"})
        # The second picture is the first one of the pair before.
        copies.append((f"{number:04d}_1.jpg", f"{(number - 1) % 4000:04d}_0.jpg", "byte-identical"))
    write_table(tmp_path / "duplicates.csv", ("name", "kept", "reason"), copies)
    vs = Prepared(tmp_path, make_index(kept), of | {"settings": {"dataset": "cacd-vs"}})
    monkeypatch.setattr(identities, "holds", lambda root, name: True)
    monkeypatch.setattr(
        identities, "prepared", lambda options, name, *which: {"lfw": lfw, "cacd-vs": vs}[name]
    )
    monkeypatch.setattr(identities, "identity_set", lambda *which: "lfw")
    monkeypatch.setattr(identities, "PAIRS", 1)
    held_out = splits.subject_folds(people, "lfw", 2)
    monkeypatch.setitem(splits.PROTOCOLS["lfw"], "recognition", lambda index: held_out[:1])
    *_, found = identities.load_identities(
        Options(profile="cpu", data_root=tmp_path), 16, PREFERS
    ).verifications
    assert (found.column, found.data.protocol) == ("cacd-vs", "4,000 pairs")
    np.testing.assert_array_equal(found.pairs.first, np.arange(4000))
    np.testing.assert_array_equal(found.pairs.second, (np.arange(4000) - 1) % 4000)
    assert found.pairs.same.sum() == 2000
