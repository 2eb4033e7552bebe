"""Which identity set is taken."""

import pytest

from common.errors import UserError
from reproductions.identities import identity_set
from reproductions.options import Options

PREFERS = ("casia-webface", "lfw")


def test_a_data_folder_without_identities_is_refused(tmp_path):
    (tmp_path / "FG-NET").mkdir()
    options = Options(profile="cpu", data_root=tmp_path)
    expected = r"holds no set of identities to train on \(CASIA-WebFace or LFW\): see make data-lfw"
    with pytest.raises(UserError, match=expected):
        identity_set(options, PREFERS)


def test_without_a_data_folder_people_are_generated():
    assert identity_set(Options(profile="cpu"), PREFERS) == "synthetic"
