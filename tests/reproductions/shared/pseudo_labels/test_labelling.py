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
        def offered(what):
            def trained(options):
                if what in untrained:
                    raise Untrained("no network is trained: train it with make this")
                return Estimator(len, what, "f" * 64, **crops)

            return f"paper of {what}", trained

        seen = []
        monkeypatch.setattr(labelling, "offered", offered)
        monkeypatch.setattr(labelling, "prepared_set", lambda *which: prepared)
        ages = [30.0] * 3 + [70.0]
        labels = pd.DataFrame({"name": list("abcd"), "age_expectation": ages, "gender": None})
        monkeypatch.setattr(labelling.labelled, "label", lambda *what: seen.extend(what) or labels)
        monkeypatch.setattr(labelling, "publish", lambda *what: seen.append(what[-1]))
        labelling.label(Options(profile="cpu"), "lfw")
        kept = (prepared.folder.parent / "labelled" / "lfw" / "balanced.csv").read_text().split()
        assert len(kept) == 4 and kept[0] == "name" and kept[-1] == "d"
        return seen

    return call


def test_ages_and_genders_are_asked_for(asked):
    _, ages, genders, ahead, said = asked()
    assert ahead is None
    assert ages.run == labelling.AGES
    assert isinstance(genders, GenderSource) and genders.estimator.run == labelling.GENDERS
    assert said == [("paper of ages", "ages"), ("paper of genders", "genders")]


def test_without_an_estimator_of_genders_a_sentence_says_that_they_stay_unknown(asked, capsys):
    _, _, genders, _, said = asked(labelling.GENDERS)
    assert genders is None
    assert said == [("paper of ages", "ages")]
    assert "genders are left unknown: no network is trained: train it with make" in capsys.readouterr().err


def test_without_an_estimator_of_ages_there_are_no_labels(asked):
    with pytest.raises(UserError, match="no network is trained"):
        asked(labelling.AGES)
