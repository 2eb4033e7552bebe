"""A few of the broken files of `benchmarks.mutations.prepared`: each is read, or refused in a sentence."""

import random

import pytest

from benchmarks.mutations.prepared import CASES
from common.errors import UserError
from data_prep.synthetic import people as synthetic


@pytest.fixture(autouse=True)
def rendered_here(monkeypatch):
    monkeypatch.setattr(synthetic, "ordered_map", lambda work, items, *_: map(work, items))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_file_is_read_or_refused_in_a_sentence(tmp_path, case):
    case.prepare(tmp_path)
    sentences = []
    for number in range(3):
        case.mutate(tmp_path, random.Random(number))
        try:
            case.read(tmp_path)
        except UserError as error:
            sentences.append(str(error))
    assert all(map(str.isprintable, sentences))
