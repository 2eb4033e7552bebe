"""`tables` writes what the records say; `check-tables` notices when what is committed says something else."""

from __future__ import annotations

import pandas as pd
import pytest

from common.errors import UserError
from common.evidence import sealed
from common.evidence.records import write
from common.evidence.render import Report
from common.files import atomic_write, write_json
from reproductions.shared.harness.registry import Paper
from reproductions.shared.harness.reporting import check_all, render_all, seal_all
from tests.support.fake_records import measurement, record


@pytest.fixture
def smile() -> Paper:
    return Paper.of(
        "smile", "Smiles (Doe, 2020)", [], report=lambda: Report("smile", "Smiles (Doe, 2020)", ())
    )


def test_rendered_results_are_proven(smile, tmp_path, capsys):
    (tmp_path / "smile" / "runs").mkdir(parents=True)
    render_all([smile], tmp_path)
    assert str(tmp_path / "smile" / "contents.json") in capsys.readouterr().out
    check_all([smile], tmp_path)
    assert "is what its 0 records render to" in capsys.readouterr().out


def test_edited_results_are_noticed(smile, tmp_path):
    (tmp_path / "smile").mkdir()
    render_all([smile], tmp_path)
    (tmp_path / "README.md").write_text("# Better results")
    with pytest.raises(UserError, match=r"README.md is not what the records render to.*: run make tables"):
        check_all([smile], tmp_path)


def test_edited_records_are_noticed_and_those_without_hashes_get_them(smile, tmp_path, capsys):
    mae = pd.DataFrame({"column": "fgnet", "age": [1, 2], "expectation": [7.5, 8.5]})
    path = write(record([measurement(6.5)], paper="smile"), tmp_path, mae)
    render_all([smile], tmp_path)
    check_all([smile], tmp_path)
    content = sealed.parse(path.read_text()).content
    write_json(path, content)
    with pytest.raises(UserError, match=r"holds no hash of its content .*: restore what was edited, or"):
        check_all([smile], tmp_path)
    seal_all([smile], tmp_path)
    assert str(path) in capsys.readouterr().out
    check_all([smile], tmp_path)
    content["measurements"][0]["value"] = 6.4
    sealed.write_sealed(path, content)
    with pytest.raises(
        UserError, match=r"MAE of expectation on fgnet is 6\.4 in the record, 6\.5 by the pred"
    ):
        check_all([smile], tmp_path)


def test_what_is_being_written_is_not_held_against_the_records(smile, tmp_path):
    (tmp_path / "smile" / "runs").mkdir(parents=True)
    render_all([smile], tmp_path)
    with atomic_write(tmp_path / "smile" / "table1.md"):
        check_all([smile], tmp_path)
    (tmp_path / "smile" / "mine.md").touch()
    (tmp_path / "README.md").write_text("# Better results")
    with pytest.raises(UserError, match=r": delete what comes from no record and run make tables and commit"):
        check_all([smile], tmp_path)


def test_nothing_to_render_is_said(smile, tmp_path, capsys):
    with pytest.raises(UserError, match=r"there are no records in .*: run make reproduce first"):
        render_all([smile], tmp_path)
    check_all([smile], tmp_path)
    assert capsys.readouterr().out == ""
