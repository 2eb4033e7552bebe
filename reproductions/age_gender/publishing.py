"""The trained networks as they are offered to be published: what they say of genders."""

from __future__ import annotations

import dataclasses

import keras

from common.training.precision import precision_policy
from common.training.weights import load_weights
from reproductions.age_gender import data
from reproductions.age_gender.experiments import RESIDUAL
from reproductions.age_gender.labels import GENDERS
from reproductions.age_gender.model import network
from reproductions.age_gender.networks import probabilities
from reproductions.age_gender.study import PAPER
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Trained, Untrained, find_trained
from reproductions.shared.networks.candidates import Candidate, Member


def candidate(options: Options) -> Candidate:
    """Return the joint networks of 18 residual layers, one a seed that has weights, and their faces.

    Raises:
        Untrained: none has been trained here under the profile of `options`.
    """
    recipe = RESIDUAL.recipe(options.profile)
    found, untrained = [], None
    for seed in options.seeds:
        own = dataclasses.replace(options, seeds=(seed,))
        configuration = RESIDUAL.configuration(options.profile)
        try:
            found.append(
                find_trained(
                    own,
                    PAPER,
                    RESIDUAL.name,
                    configuration,
                    what="joint network",
                    target=f"ablations-{PAPER}",
                )
            )
        except Untrained as error:
            untrained = untrained or error
    if not found:
        raise untrained
    faces = data.load(options, recipe.size, recipe.prefers)
    tests = {column: one for column, one in faces.tests.items() if "gender" in data.classes(one)}
    return Candidate(
        members=tuple(Member(one, lambda one=one: _genders(one)) for one in found),
        size=recipe.size,
        template=data.TEMPLATE,
        mirrored=recipe.mirrored,
        zooms=(1.0,),
        validation=faces.validation,
        tests=tests,
    )


def _genders(trained: Trained) -> keras.Model:
    """Build (N, size, size, 3) uint8 -> probabilities in the order of `GENDERS`, (N, 2)."""
    assert GENDERS == ("female", "male")
    with precision_policy("float32"):
        joint = network(RESIDUAL, RESIDUAL.recipe(trained.record.profile))
        load_weights(joint, trained.weights, trained.stated)
        return keras.Model(joint.input, probabilities(joint).output["gender"])
