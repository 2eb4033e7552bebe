"""Who learns, who judges and who is aged share nobody."""

import numpy as np
import pytest

from reproductions.mtlface.synthesis.data import material
from reproductions.mtlface.synthesis.experiments import MTLFACE
from reproductions.options import Options


@pytest.fixture
def options(few_people) -> Options:
    return Options(prepared_root=few_people, seeds=(1,))


def test_nobody_who_is_judged_or_judges_is_learnt_from(options):
    made = material(options, MTLFACE.recipe("smoke"))
    people = made.synthesiser.prepared.index["identity"]

    def whom(faces):
        return set(people.iloc[faces.rows])

    learnt = whom(made.synthesiser) | whom(made.encoder)
    court = whom(made.age_judge) | whom(made.identity_judge)
    (test,) = made.tests
    asked = whom(test.faces) | set(people.iloc[np.r_[test.pairs.pairs.first, test.pairs.pairs.second]])
    assert learnt and court and asked
    assert not learnt & court
    assert not (learnt | court) & asked
