"""Labelling a set: with both estimators, and with that of the ages alone."""

import pandas as pd
import pytest

from common.errors import UserError
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Untrained
from reproductions.shared.pseudo_labels import labelling
from reproductions.shared.pseudo_labels.estimators import Estimator
from reproductions.shared.pseudo_labels.genders import GenderSource
from tests.support.prepared_sets import write_prepared


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What `labelled_set.label` is asked for, with estimators of which some are not trained."""
    prepared = write_prepared(tmp_path / "prepared")
    crops = {"size": 32, "template": "arcface"}
    prepared.manifest["settings"] |= crops | {"dataset": "lfw"}
    (tmp_path / "labelled" / "lfw").mkdir(parents=True)

    def call(*untrained):
        def estimator(named, options):
            if named in untrained:
                raise Untrained("no network is trained: train it with make this")
            return Estimator(len, named, "f" * 64, **crops)

        seen = []
        monkeypatch.setattr(labelling, "_estimator", estimator)
        monkeypatch.setattr(labelling, "prepared_set", lambda *which: prepared)
        ages = [30.0] * 3 + [70.0]
        labels = pd.DataFrame({"name": list("abcd"), "age_expectation": ages, "gender": None})
        monkeypatch.setattr(labelling.labelled, "label", lambda *what: seen.extend(what) or labels)
        labelling.label(Options(), "lfw")
        kept = (prepared.folder.parent / "labelled" / "lfw" / "balanced.csv").read_text().split()
        assert len(kept) == 4 and kept[0] == "name" and kept[-1] == "d"
        return seen

    return call


def test_ages_and_genders_are_asked_for(asked):
    _, ages, genders = asked()
    assert ages.run == labelling.AGES
    assert isinstance(genders, GenderSource) and genders.estimator.run == labelling.GENDERS


def test_without_an_estimator_of_genders_a_sentence_says_that_they_stay_unknown(asked, capsys):
    _, _, genders = asked(labelling.GENDERS)
    assert genders is None
    assert "genders are left unknown: no network is trained: train it with make" in capsys.readouterr().err


def test_without_an_estimator_of_ages_there_are_no_labels(asked):
    with pytest.raises(UserError, match="no network is trained"):
        asked(labelling.AGES)
