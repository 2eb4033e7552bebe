"""Networks that say ages, as they are offered to be published."""

from __future__ import annotations

import dataclasses

import keras
from keras import ops

from common.errors import UserError
from common.losses import OrdinalLoss
from common.training.precision import precision_policy
from common.training.weights import load_weights
from reproductions.shared.age_estimation.data import TEMPLATE, load
from reproductions.shared.age_estimation.experiments import AgeExperiment
from reproductions.shared.age_estimation.model import build_network
from reproductions.shared.harness.options import Options
from reproductions.shared.harness.trained import Trained, Untrained, find_trained
from reproductions.shared.networks.candidates import Candidate, Member


def candidate(options: Options, paper: str, experiment: AgeExperiment, target: str) -> Candidate:
    """Return the trained networks of a row, one a seed of `options` that has weights, and its faces.

    Args:
        options: profile, seeds, data and folders.
        paper: the study's name.
        experiment: the row, of an ordinal loss: its outputs are the logits of P(age > k).
        target: that trains it ("table3-neighborhood").

    Raises:
        Untrained: none has been trained.
        UserError: its training set keeps no faces for validation.
        ValueError: the loss is not ordinal.
    """
    if not isinstance(experiment.make_loss(), OrdinalLoss):
        raise ValueError(f"{experiment.name} does not answer whether somebody is older than k")
    recipe = experiment.recipe(options.profile)
    found, untrained = [], None
    for seed in options.seeds:
        own = dataclasses.replace(options, seeds=(seed,))
        configuration = experiment.configuration(options.profile)
        try:
            found.append(
                find_trained(
                    own, paper, experiment.name, configuration, what="ordinal age network", target=target
                )
            )
        except Untrained as error:
            untrained = untrained or error
    if not found:
        raise untrained
    partition = load(options, recipe.size, recipe.prefers, folds=False)
    if partition.validation is None:
        raise UserError(
            f"{partition.train.data.title} keeps no faces for validation, on which a network's answers are "
            "calibrated."
        )
    return Candidate(
        members=tuple(Member(one, lambda one=one: _exceedance(one, experiment)) for one in found),
        size=recipe.size,
        template=TEMPLATE,
        mirrored=recipe.mirrored,
        zooms=recipe.zooms,
        validation=partition.validation,
        tests=partition.tests,
    )


def _exceedance(trained: Trained, experiment: AgeExperiment) -> keras.Model:
    recipe = experiment.recipe(trained.record.profile)
    # Faces of one size are all that is published, whatever sizes were trained on.
    fixed = dataclasses.replace(recipe, growth=())
    with precision_policy("float32"):
        network = build_network(experiment, fixed)
        load_weights(network, trained.weights, trained.stated)
        return keras.Model(network.input, ops.sigmoid(network.output))
