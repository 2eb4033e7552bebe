"""Where a number came from: the code's version and the machine are told."""

import re
import subprocess

import numpy as np
import pytest

from common.evidence import provenance


def test_code_version_sees_changes_of_code_only(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", "-C", tmp_path, *identity, *arguments], check=True, capture_output=True)

    assert provenance.code_version(tmp_path, "no-such-package") == "unknown"
    assert provenance.code_version(tmp_path, "numpy") == np.__version__
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "a.py").write_text("a = 1\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "a")
    clean = provenance.code_version(tmp_path)
    assert len(clean) == 12
    (tmp_path / "results.json").write_text("{}")
    assert provenance.code_version(tmp_path) == clean
    (tmp_path / "common" / "b.py").write_text("b = 1\n")
    assert provenance.code_version(tmp_path) == f"{clean}+changes"
    assert provenance.code_version(tmp_path / "common", "no-such-package") == "unknown"


def test_the_machine_is_described():
    assert provenance.libraries()["numpy"] == np.__version__
    assert re.search(r"\(\d+ cores?[,)]", provenance.processor())
    assert 10 < provenance.peak_memory_mb() < 1e6


CPUINFO = {
    "model name\t: AMD EPYC\nflags\t\t: fpu avx avx2 fma\n": ("AMD EPYC", ("AVX2",)),
    "model name\t: AMD EPYC\nflags\t\t: avx avx2 avx512f avx512_bf16\n": ("AMD EPYC", ("AVX-512", "BF16")),
    "processor\t: 0\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd sve bf16\n": (None, ("SVE", "BF16")),
    "flags\t\t: fpu avx512_bf16_of_another_kind\n": (None, ()),
}


@pytest.mark.parametrize("listing", CPUINFO)
def test_a_processor_is_told_with_the_instructions_that_decide_its_speed(tmp_path, monkeypatch, listing):
    name, instructions = CPUINFO[listing]
    monkeypatch.setattr(provenance, "_CPUINFO", tmp_path / "cpuinfo")
    assert provenance.instructions() == ()
    (tmp_path / "cpuinfo").write_text(listing)
    assert provenance.instructions() == instructions
    told = provenance.processor()
    assert name is None or told.startswith(f"{name} (")
    assert told.endswith(f"{', '.join(('', *instructions))})") or not instructions


def test_a_file_is_committed_only_as_it_stands(tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", "-C", tmp_path, *identity, *arguments], check=True, capture_output=True)

    record = tmp_path / "record.json"
    record.write_text("{}")
    assert not provenance.is_committed(record)
    git("init", "-q")
    assert not provenance.is_committed(record)
    git("add", ".")
    git("commit", "-q", "-m", "a")
    assert provenance.is_committed(record)
    record.write_text("{ }")
    assert not provenance.is_committed(record)
