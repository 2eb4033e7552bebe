"""Some of the cases of benchmarks/hostile_archives.py, those that are quickly made, in one process."""

import pytest

from benchmarks.archive_cases import END, pax, refused, tar_member
from benchmarks.hostile_archives import check
from benchmarks.tar_cases import tar_cases
from benchmarks.zip_cases import zip_cases
from common.errors import UserError

# Their archives take tens of megabytes or seconds.
LONG = (
    "the memory",
    "bomb",
    "20,000",
    "50,000",
    "zeros",
    "headers",
    "5,000 digits",
    "dictionary",
    "cut ",
    "3,000",
)
CASES = {
    name: case for name, case in (tar_cases() | zip_cases()).items() if not any(word in name for word in LONG)
}


@pytest.mark.parametrize("name", CASES)
def test_unpacked_rightly_or_refused_in_one_sentence(tmp_path, name):
    run(CASES[name], tmp_path)


@pytest.mark.parametrize(
    "several",
    [
        [pax(("comment", "v" * 990_000))] * 6 + [tar_member()],
        [pax((f"k{i}" * 100_000, "v"), kind=b"g") + tar_member(f"{i}.jpg") for i in range(9)],
    ],
    ids=["of one", "of all"],
)
def test_descriptions_that_would_fill_the_memory(tmp_path, several):
    run(refused(lambda: b"".join(several) + END, "descri.* is absurdly long"), tmp_path)


@pytest.mark.parametrize("name", ["chain of 1,200 pax headers", "chain of 1,200 long names"])
def test_a_chain_of_descriptions(tmp_path, name):
    case = tar_cases()[name]
    run(refused(case.content, r"\(the description of a member has no end\)"), tmp_path)


def test_more_memory_than_there_is(tmp_path, monkeypatch):
    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr("lzma.LZMAFile.read", exhausted)
    case = tar_cases()["tar.xz in pax form"]
    run(refused(case.content, "needs more memory to unpack than there is: unpack it by hand into"), tmp_path)


def run(case, folder):
    """Hold the outcome against what the case expects; a refusal is one of the two that `check` lets pass."""
    archive = folder / "archive"
    archive.write_bytes(case.content())
    try:
        check(case, archive)
    except UserError:
        assert case.told is not None
