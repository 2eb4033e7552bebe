"""A run whose weights are gone is trained again, its record stays, and other numbers are used by nothing."""

import dataclasses

import keras
import numpy as np
import pytest

from common.errors import UserError
from common.evidence import records
from common.training.fit import FINAL_WEIGHTS, FitResult
from common.training.weights import load_weights, save_weights
from reproductions.shared.harness import running
from reproductions.shared.harness.again import FILE, check_weights, compared, lacks_weights, stated_weights
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.run import Outcome, Run
from reproductions.shared.harness.running import recorded
from reproductions.shared.harness.trained import Trained
from tests.support.fake_records import FGNET, UTKFACE, Row, measurement, record


@pytest.fixture(autouse=True)
def _nothing_made(monkeypatch):
    monkeypatch.setattr(running.provenance, "code_version", lambda: "0123456789ab")


def network(value):
    """A network of one weight."""
    faces = keras.Input((1,))
    model = keras.Model(faces, keras.layers.Dense(1, use_bias=False)(faces))
    model.set_weights([np.full((1, 1), value, np.float32)])
    return model


@pytest.fixture
def train(tmp_path):
    """Makes a run unless it stands: its one weight is `value`, its MAE of 6.5 +- 0.3 `mae`."""

    def call(value=1.0, mae=6.5, seed=1, weights="needed"):
        options = Options(results_root=tmp_path / "results", runs_root=tmp_path, weights=weights)
        tested_on = (("fgnet", FGNET),)
        run = Run("paper", "table1", Row("net"), None, options, seed, "float32", (UTKFACE,), tested_on)

        def make():
            model = network(value)
            save_weights(model, run.folder / FINAL_WEIGHTS)
            fitted = FitResult(model, {"loss": [1.0]}, 1.0, 1.0, 1.0, "a processor", 1, "float32")
            return Outcome([measurement(mae)], fitted=[fitted])

        return recorded(run, make, {}), run.folder

    return call


def test_a_record_states_its_weights_and_they_are_checked(train):
    made, folder = train()
    trained = Trained(made, folder / FINAL_WEIGHTS)
    load_weights(network(0.0), trained.weights, trained.stated)
    save_weights(network(2.0), folder / FINAL_WEIGHTS)
    with pytest.raises(UserError, match="other weights than those that its record tells of"):
        load_weights(network(0.0), trained.weights, trained.stated)
    with pytest.raises(UserError, match=r"not hold the weights that the record of net-.* WEIGHTS=needed"):
        check_weights(made, folder)


def test_weights_that_are_gone_are_made_again_only_where_they_are_needed(train, capsys):
    made, folder = train()
    (folder / FINAL_WEIGHTS).unlink()
    assert train(weights="optional")[0] == made
    assert "its record stands" in capsys.readouterr().out and not (folder / FINAL_WEIGHTS).exists()
    assert train()[0] == made
    told = capsys.readouterr().out
    assert "its record stands, its weights are gone: training" in told
    assert "the weights are those of its record again" in told
    check_weights(made, folder)
    assert not (folder / FILE).exists()
    train()
    assert capsys.readouterr().out.endswith("its record stands\n")


def test_changed_weights_count_as_gone(train, capsys):
    made, folder = train()
    content = bytearray((folder / FINAL_WEIGHTS).read_bytes())
    content[2000:2512] = bytes(512)
    (folder / FINAL_WEIGHTS).write_bytes(content)
    train()
    assert "the weights are those of its record again" in capsys.readouterr().out
    check_weights(made, folder)


def test_other_weights_with_the_numbers_of_the_record_take_the_place_of_the_old(train, capsys, tmp_path):
    made, folder = train()
    (folder / FINAL_WEIGHTS).unlink()
    before = records.run_path(tmp_path / "results", "paper", made.run).read_bytes()
    train(value=2.0, mae=6.7)
    assert "its numbers came back within their spread" in capsys.readouterr().out
    assert records.run_path(tmp_path / "results", "paper", made.run).read_bytes() == before
    trained = Trained(made, folder / FINAL_WEIGHTS)
    load_weights(network(0.0), trained.weights, trained.stated)
    assert stated_weights(made, folder) != made.weights


def test_other_numbers_are_kept_apart_and_used_by_nothing(train, capsys):
    made, folder = train()
    (folder / FINAL_WEIGHTS).unlink()
    assert train(value=2.0, mae=7.2)[0] == made
    told = capsys.readouterr().err
    assert "its numbers did not come back, MAE of expectation on fgnet is 7.20, not 6.50 [6.20, 6.80]" in told
    for use in (lambda: Trained(made, folder / FINAL_WEIGHTS).stated, lambda: check_weights(made, folder)):
        with pytest.raises(UserError, match=r"not give the numbers of net-.*is 7\.20.* Delete that folder"):
            use()
    (folder / FINAL_WEIGHTS).unlink()
    train()
    check_weights(made, folder)


def test_seeds_that_lie_further_apart_than_the_interval_say_what_comes_back():
    before = record([measurement(6.5)])
    again = dataclasses.replace(before, measurements=(measurement(7.2),))
    assert compared(before, again, [before]).differences
    other_row = record([measurement(9.0)], seed=2, experiment="other")
    assert compared(before, again, [before, other_row]).differences
    assert not compared(before, again, [before, record([measurement(5.7)], seed=2)]).differences
    elsewhere = dataclasses.replace(FGNET, fingerprint="99" * 32)
    assert not compared(
        before, dataclasses.replace(before, measurements=(measurement(9.0, data=elsewhere),)), []
    ).differences


def test_all_numbers_together_hold_in_nineteen_of_twenty_trainings():
    """Twenty numbers, independent: each leaves its own 95% interval once in twenty trainings."""
    rng = np.random.default_rng(0)
    columns = [f"set-{place}" for place in range(20)]

    def drawn():
        errors = rng.normal(0, 0.3 / 1.959964, len(columns))
        return record(
            [measurement(6.5 + error, column=name) for name, error in zip(columns, errors, strict=True)]
        )

    before = record([measurement(6.5, column=name) for name in columns])
    refused = sum(bool(compared(before, drawn(), []).differences) for _ in range(1000))
    assert refused == pytest.approx(50, abs=20)


def test_records_from_before_weights_were_hashed_need_a_file_of_them(tmp_path):
    old = record()
    assert lacks_weights(old, tmp_path) and stated_weights(old, tmp_path) == {}
    save_weights(network(1.0), tmp_path / "fold-0" / FINAL_WEIGHTS)
    assert not lacks_weights(old, tmp_path)
    check_weights(old, tmp_path)
    assert not lacks_weights(dataclasses.replace(old, images_per_second=None), tmp_path / "nothing")


def test_an_unknown_choice_of_weights_is_refused():
    with pytest.raises(UserError, match="unknown --weights 'neded': did you mean 'needed'"):
        Options(weights="neded")
