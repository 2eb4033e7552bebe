"""Whatever a user names is looked at before anything is fetched, rendered, prepared or trained."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from reproductions.shared.command_line import cli


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            "prepare synthetic --size 99999999999999999999",
            "size is 99999999999999999999 px: choose one from 16",
        ),
        ("prepare synthetic --margin nan", "margin is nan: choose a fraction from 0 to 1."),
        ("prepare synthetic --template arcfac", "unknown --template 'arcfac': did you mean 'arcface'?"),
        (
            "prepare synthetic --workers 99999999",
            "--workers takes a whole number from 1 to 1024, not 99999999.",
        ),
        ("prepare synthetic --workers 0", "--workers takes a whole number from 1 to 1024, not 0."),
        ("label lfw --data-root .", "no LFW at LFW: "),
        ("mtlface embed ./gone --out faces.npz", "there is no folder gone: give the one that holds"),
        ("mtlface embed . --out faces.txt", "faces.txt does not end in .npz"),
        ("mtlface embed . --out film/faces.npz", "cannot write into film (File exists): give another file"),
        ("mtlface embed . --out made.npz", "made.npz is a folder: give another file for the embeddings"),
        ("mtlface search gone.png --in faces.npz --count 0", "0 faces cannot be shown: choose at least 1."),
        ("mtlface search gone.png --in faces.npz", "there is no file faces.npz: make it with"),
        ("mtlface age gone.png --to 61+", "gone.png cannot be used: "),
        ("mtlface age ~no-such-user/gone.png --to 61+", "~no-such-user/gone.png cannot be used: "),
        ("mtlface age film --to 61+", "film cannot be used: "),
        ("mtlface age gone.png --to 62+", "unknown age group '62+': did you mean '61+'?"),
        ("mtlface age me.png --to 61+ --out me.xyz", "me.xyz has no ending of a picture"),
        (
            "mtlface age me.png --to 61+ --out film/me.png",
            "cannot write into film (File exists): give another",
        ),
        ("age-gender video --video gone.mp4", "gone.mp4 is not there"),
        ("age-gender video --video 99999999999999999999", "99999999999999999999 is not there"),
        ("age-gender video --out film", "cannot write into film (File exists): give another folder"),
    ],
)
def test_what_is_named_is_looked_at_before_anything_is_made(
    tmp_path, monkeypatch, capsys, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    Path("film").touch()
    Path("made.npz").mkdir()
    cv2.imwrite("me.png", np.zeros((60, 60, 3), np.uint8))
    before = sorted(tmp_path.rglob("*"))
    assert cli.main(arguments.split()) == 2
    output = capsys.readouterr()
    assert output.out == ""
    # Paths are named whole or as they were given.
    assert f"error: {sentence}" in output.err.replace(f"{tmp_path}/", "")
    assert output.err.count("\n") == 1
    assert [path for path in sorted(tmp_path.rglob("*")) if "runs" not in path.parts] == before
