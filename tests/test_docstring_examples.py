"""Every example in a docstring runs as it stands, with its own module alone, and shows what it prints."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def modules() -> list[str]:
    paths = (
        path for folder in ("common", "data_prep", "reproductions") for path in (ROOT / folder).rglob("*.py")
    )
    found = [path for path in paths if ">>> " in path.read_text(encoding="utf-8")]
    return sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in found)


@pytest.mark.parametrize("name", modules())
def test_examples_run(name):
    module = importlib.import_module(name)
    done = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert done.attempted > 0
    assert done.failed == 0


def test_there_are_examples():
    assert len(modules()) >= 20
