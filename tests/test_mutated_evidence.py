"""A few of the broken files of `benchmarks.mutated_evidence`: each is read, or refused in a sentence."""

import random

import pytest

from benchmarks.mutations import evidence, trained
from common.errors import UserError

CASES = {case.name: case for case in (*evidence.CASES, *trained.CASES)}
SLOW = {"tables of a record sealed anew", "tables of rows hashed anew", "contents"}


def refusal(case, folder):
    try:
        case.read(folder)
    except UserError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", sorted(CASES.keys() - SLOW))
def test_a_broken_file_is_read_or_refused_in_a_sentence(tmp_path, name):
    case, refused = CASES[name], 0
    case.prepare(tmp_path)
    for number in range(6):
        case.mutate(tmp_path, random.Random(number))
        sentence = refusal(case, tmp_path)
        refused += sentence is not None
        assert sentence is None or sentence.isprintable()
    assert refused or name == "figure"
