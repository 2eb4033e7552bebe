"""The trained synthesis as it is offered to be published: one network for all age groups."""

from __future__ import annotations

import dataclasses
import functools

import keras
import pandas as pd

from common.training.precision import precision_policy
from reproductions.mtlface.synthesis.all_groups import taken_to_all_groups
from reproductions.mtlface.synthesis.data import partition
from reproductions.mtlface.synthesis.evaluate import Age, measure
from reproductions.mtlface.synthesis.experiments import SHOWN
from reproductions.mtlface.synthesis.foundations import judges
from reproductions.mtlface.synthesis.study import trained, trained_method
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Trained
from reproductions.shared.networks.candidates import Candidate, Member


def candidate(options: Options) -> Candidate:
    """Return the network of `experiments.SHOWN`, of the first seed.

    Raises:
        Untrained: it has not been trained here under the profile of `options`.
    """
    found = trained(SHOWN, options)
    recipe = SHOWN.recipe(options.profile)
    divided = partition(options, recipe)
    (_, nobodys), *_ = divided.age_tests

    def judged(age: Age) -> pd.DataFrame:
        judging = judges(options)
        return pd.concat([measure(test, age, judging, recipe.size)[1] for test in divided.tests])

    return Candidate(
        members=(Member(found, functools.cache(functools.partial(_network, found, options))),),
        size=recipe.size,
        template=recipe.template,
        mirrored=False,
        zooms=(1.0,),
        validation=nobodys,
        tests={},
        judged=judged,
    )


def _network(found: Trained, options: Options) -> keras.Model:
    """Build (N, size, size, 3) uint8 -> (N, groups x size, size, 3) from 0 to 1."""
    with precision_policy("float32"):
        single = dataclasses.replace(found, record=dataclasses.replace(found.record, precision="float32"))
        return taken_to_all_groups(trained_method(SHOWN, single, options))
