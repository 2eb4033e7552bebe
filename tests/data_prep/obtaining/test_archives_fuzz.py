"""Eighteen hundred broken archives: each unpacks inside its target or is refused in one sentence."""

import os
import random

import pytest

from benchmarks.mutations.content import mutate
from common.errors import UserError
from data_prep.obtaining.archives import Limits, unpack
from tests.support.archive_files import GOOD, TAR_MODES, files_below, make_tar, make_zip, tar_entry

MUTANTS = 200  # of each format
NAMES = 300  # archives of hostile names, of each of zip and tar
LIMITS = Limits(members=1000, floor=1 << 20)
PIECES = [
    "..",
    ".",
    "",
    "a",
    "b",
    "a.jpg",
    "C:",
    "~",
    "$HOME",
    "%2e%2e",
    "-rf",
    "nul",
    "é",
    "\u202e",
    "\udcff",
    "x" * 300,
]
SEPARATORS = ["/", "//", "\\", "/./", "/../"]


@pytest.fixture
def attack(tmp_path):
    """Return a function that unpacks bytes and checks that only the target changed."""
    (tmp_path / "bystander.txt").write_text("untouched")
    archive, target = tmp_path / "archive", tmp_path / "target"

    def unpack_and_check(content):
        archive.write_bytes(content)
        try:
            unpack(archive, target, LIMITS, quiet=True)
        except UserError:
            assert sorted(os.listdir(tmp_path)) == ["archive", "bystander.txt"]
            return False
        assert sorted(os.listdir(tmp_path)) == ["archive", "bystander.txt", "target"]
        found = files_below(target)
        assert b"link" not in found.values()
        assert sum(map(len, found.values())) <= LIMITS.bytes(len(content))
        for folder, _, files in os.walk(target, topdown=False):
            for name in files:
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)
        return True

    return unpack_and_check


@pytest.mark.parametrize("kind", ["zip", *TAR_MODES])
def test_mutants(attack, kind):
    generator = random.Random(f"mutants of {kind}")
    whole = make_zip(GOOD) if kind == "zip" else make_tar(GOOD, kind)
    assert attack(whole)
    outcomes = [attack(mutate(whole, generator)) for _ in range(MUTANTS)]
    assert not all(outcomes)


def reseal(header):
    """Give a tar header the checksum of its bytes, so that the damage behind it is reached."""
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)


def test_tar_headers_with_right_checksums(attack):
    generator = random.Random("headers")
    whole = make_tar(GOOD)
    for _ in range(MUTANTS):
        broken = bytearray(whole)
        header = bytearray(broken[:512])
        for _ in range(generator.choice([1, 2, 4])):
            field = generator.choice([(0, 100), (124, 136), (156, 157), (157, 257), (257, 265), (345, 500)])
            at = generator.randrange(*field)
            header[at] = generator.choice([0, 0x80, 0xFF, *b"01234567xgLKS/.\\", generator.randrange(256)])
        reseal(header)
        broken[:512] = header
        attack(bytes(broken))


def hostile_name(generator):
    pieces = generator.choices(PIECES, k=generator.randrange(1, 6))
    name = generator.choice(SEPARATORS).join(pieces)
    return (
        generator.choice(["", "", "", "/", "\\", "./"]) + name + generator.choice(["", "", "", "/", " ", "."])
    )


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_hostile_names(attack, kind):
    generator = random.Random(f"names in {kind}")
    outcomes = []
    for _ in range(NAMES):
        names = [hostile_name(generator) for _ in range(generator.randrange(1, 4))]
        if kind == "zip":
            members = {name.encode("utf-8", "replace").decode(): b"x" for name in names}
            modes = {name: generator.choice([0, 0, 0o100644, 0o120777, 0o040755]) for name in members}
            content = make_zip(members, modes=modes)
        else:
            kinds = generator.choices([b"0", b"0", b"1", b"2", b"3", b"5", b"6", b"7"], k=len(names))
            extra = tuple(
                tar_entry(name, kind, hostile_name(generator))
                for name, kind in zip(names, kinds, strict=True)
            )
            content = make_tar({"a.jpg": b"x"}, extra=extra)
        outcomes.append(attack(content))
    assert any(outcomes) and not all(outcomes)
