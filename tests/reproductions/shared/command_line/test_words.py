"""What is one of few words is looked at while the command line is read, before a library is."""

from __future__ import annotations

import pytest

from common.errors import UserError
from reproductions.shared.command_line import cli
from reproductions.shared.command_line.commands import COMMANDS
from reproductions.shared.harness.registry import papers


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            "export agee",
            "unknown network 'agee': did you mean 'age'? Valid: age, gender, recognition, synthesis.",
        ),
        ("export", "export needs a network: age, gender, recognition, synthesis."),
        ("export age --format=onix", "unknown --format 'onix': did you mean 'onnx'? Valid:"),
        ("age-of me.jpg --format=jsn", "unknown --format 'jsn': did you mean 'json'? Valid:"),
        ("age-of me.jpg --detector=mtcn", "unknown --detector 'mtcn': did you mean 'mtcnn'? Valid:"),
        (
            "prepare fgnet --detector=mtcn",
            "unknown --detector 'mtcn': did you mean 'mtcnn'? Valid: auto,",
        ),
        ("prepare fgnet --template=arcfac", "unknown --template 'arcfac': did you mean 'arcface'? Valid:"),
        ("publish-networks --kind=ages", "unknown --kind 'ages': did you mean 'age'? Valid:"),
    ],
)
def test_a_word_of_few_is_looked_at_before_anything_is_loaded(arguments, sentence, monkeypatch):
    monkeypatch.setattr(cli, "import_tensorflow", pytest.fail)
    with pytest.raises(UserError) as error:
        cli.run(arguments.split(), papers(), COMMANDS)
    assert str(error.value).startswith(sentence)
