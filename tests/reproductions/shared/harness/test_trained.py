"""A finished training is found by its record, the first seed's, real faces before generated ones."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from common.errors import UserError
from common.files import sha256_json
from reproductions.shared.harness import trained
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import find_trained

CONFIGURATION = {"depth": 18, "sides": (32, 40)}


def record(
    run, seed=1, stand_in=False, profile="cpu", configuration=CONFIGURATION, experiment="net", images=9
):
    return SimpleNamespace(
        paper="paper",
        run=run,
        seed=seed,
        profile=profile,
        experiment=experiment,
        configuration_hash=sha256_json(configuration),
        trained_on=[SimpleNamespace(stand_in=stand_in, images=images)],
    )


@pytest.fixture
def find(tmp_path, monkeypatch):
    """Finds among records, of which those named have weights."""
    options = Options(profile="cpu", runs_root=tmp_path, results_root=tmp_path / "results", seeds=(2, 1))

    def call(records, with_weights, any_seed=False, **changes):
        for run in with_weights:
            (tmp_path / "paper" / run).mkdir(parents=True)
            (tmp_path / "paper" / run / "final.weights.h5").touch()
        monkeypatch.setattr(trained.records, "load", lambda root, paper: records)
        found = find_trained(
            replace(options, **changes),
            "paper",
            "net",
            CONFIGURATION,
            what="network",
            target="table1-paper",
            any_seed=any_seed,
        )
        assert found.weights == tmp_path / "paper" / found.record.run / "final.weights.h5"
        return found.record.run

    return call


def test_the_first_seed_that_is_there_is_taken(find):
    assert find([record("a", 1), record("b", 2), record("c", 3)], ["a", "b", "c"]) == "b"


def test_what_serves_every_seed_is_the_lowest_there_is_whatever_is_asked_for(find):
    trainings = [record("a", 3), record("b", 1), record("c", 2)]
    assert find(trainings, ["a", "c"], any_seed=True) == "c"
    assert find(trainings, ["b"], any_seed=True, seeds=(2,)) == "b"


def test_real_faces_come_before_generated_ones(find):
    assert find([record("a", 2, stand_in=True), record("b", 1)], ["a", "b"]) == "b"


def test_of_two_trainings_the_one_with_more_images_is_taken(find):
    assert find([record("a", 2, images=8), record("b", 2)], ["a", "b"]) == "b"


def test_a_record_without_weights_is_passed_over(find):
    assert find([record("a", 1), record("b", 2)], ["a"]) == "a"


@pytest.mark.parametrize(
    "other", [{"seed": 3}, {"profile": "smoke"}, {"configuration": {}}, {"experiment": "other"}]
)
def test_where_none_fits_the_target_that_trains_it_is_named(find, other, tmp_path):
    with pytest.raises(
        UserError, match=r"no network of the profile cpu is trained, .*make table1-paper PROFILE=cpu"
    ):
        find([record("a", **other)], ["a"])


def test_where_only_weights_are_gone_what_brings_them_back_is_named(find):
    with pytest.raises(UserError, match=r"make table1-paper PROFILE=cpu SEEDS=1 WEIGHTS=needed, or name"):
        find([record("a", 2), record("b", 1)], [])
