"""The commands of the benchmarks, as their first lines and the pages give them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(
    path for path in (ROOT / "benchmarks").rglob("*.py") if 'if __name__ == "__main__"' in path.read_text()
)
PAGES = [*ROOT.glob("*.md"), *(ROOT / "reproductions").rglob("*.md"), *(ROOT / "results").rglob("*.md")]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_how_it_is_started(script):
    module = ".".join(script.relative_to(ROOT).with_suffix("").parts)
    assert f"python -m {module}" in script.read_text().split('"""')[1]


def test_pages_start_scripts_as_modules_which_there_are():
    """A script that is started by its path does not find the packages that it measures."""
    assert len(PAGES) > 40
    for page in PAGES:
        text = page.read_text()
        assert not re.search(r"python benchmarks/", text), page
        for module in re.findall(r"python -m (benchmarks[\w.]*\w)", text):
            assert ROOT.joinpath(*module.split(".")).with_suffix(".py").exists(), (page, module)
