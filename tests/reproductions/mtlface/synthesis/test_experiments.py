"""The printed numbers, the batches, and what sets experiments apart."""

import dataclasses
import json

import numpy as np
import pytest

from common.evidence.records import Data
from data_prep.prepared.faces import Faces
from reproductions.mtlface.age_groups import UNKNOWN, age_groups
from reproductions.mtlface.synthesis import methods
from reproductions.mtlface.synthesis.experiments import (
    CAAE,
    CODE,
    HALVED,
    MTLFACE,
    ONE_HOT,
    RECIPES,
    SHOWN,
    SUPPLEMENT,
    TABLE2,
    VARIANTS,
    halved,
)
from reproductions.mtlface.synthesis.train import SynthesisSet, synthesis_batches


def test_the_paper_profile_is_what_is_printed():
    recipe = RECIPES["paper"]
    assert (recipe.batch, recipe.iterations, recipe.size) == (512, 36_000, 112)
    assert (recipe.learning_rate, recipe.beta_1, recipe.beta_2) == (1e-4, 0.9, 0.99)
    assert recipe.reading == "supplement"
    assert (methods.ADVERSARIAL, methods.AGE, methods.IDENTITY) == (75, 10, 0.002)


@pytest.mark.parametrize("profile", RECIPES)
def test_every_experiment_is_another(profile):
    rows = [one.configuration(profile) for one in TABLE2]
    assert len({json.dumps(row, sort_keys=True) for row in rows}) == len(rows)
    readings = [one.configuration(profile) for one in (*VARIANTS, *halved(profile))]
    assert len({json.dumps(row, sort_keys=True) for row in readings}) == len(readings)
    # Under `paper` the system is as the supplement says, Adam too, and no other age head is fitted.
    assert len(halved(profile)) == len(HALVED) - {"paper": 3}.get(profile, 0)
    assert MTLFACE.encoder(profile).recipe(profile).size == RECIPES[profile].size


def test_the_configuration_says_what_is_read():
    assert ONE_HOT.configuration("cpu")["kind"] == "one-hot"
    assert "encoder" not in CAAE.configuration("cpu")
    assert MTLFACE.configuration("cpu")["encoder"]["recipe"]["size"] == 64
    assert SUPPLEMENT.configuration("cpu")["recipe"]["reading"] == "supplement"
    code = CODE.configuration("cpu")["recipe"]
    assert (code["overlap"], code["critic_kernels"], code["epsilon"]) == (0.1, "framework", 1e-8)
    shown = SHOWN.configuration("cpu")["recipe"]
    assert (shown["average"], shown["halvings"], shown["soft"]) == (0.995, 3, True)
    assert (
        not {"critic_kernels", "epsilon", "average", "halvings", "soft", "smooth", "identity"}
        & MTLFACE.configuration("cpu")["recipe"].keys()
    )


@dataclasses.dataclass(frozen=True, eq=False)
class Told(Faces):
    """Faces whose pixels are their row."""

    def images(self):
        return np.repeat(self.rows, 48 * 48 * 3).reshape(-1, 48, 48, 3).astype(np.uint8)


class Set:
    """As much of a prepared set as batches read."""

    size = 48

    def __init__(self, years):
        import pandas as pd

        self.index = pd.DataFrame({"name": [str(row) for row in range(len(years))]})


YEARS = np.array([*range(0, 100, 2), UNKNOWN, UNKNOWN], np.int32)


def training():
    data = Data("synthetic", "Faces", "all", "f", "s", len(YEARS), None, "all", True)
    return SynthesisSet(Told(Set(YEARS), np.arange(len(YEARS)), data), YEARS)


def read(batches, epoch, skip=0):
    return [
        {name: value.numpy() for name, value in x.items()} | {"y": y.numpy()}
        for x, y in batches.source(epoch, skip)
    ]


def recipe(**changes):
    from common.faces.augmentation import Augmentation

    own = {"batch": 8, "balance": 8, "repeats": 3, "augmentation": Augmentation(), **changes}
    return dataclasses.replace(RECIPES["smoke"], **own)


def test_a_batch_is_faces_their_groups_and_those_of_their_neighbours():
    batches = synthesis_batches(recipe(), training(), seed=1)
    found = read(batches, 0)
    assert len(found) == batches.steps
    seen = np.concatenate([batch["faces"][:, 0, 0, 0] for batch in found])
    groups = np.concatenate([batch["group"] for batch in found])
    np.testing.assert_array_equal(groups, age_groups(YEARS)[seen])
    assert UNKNOWN not in groups
    # Evened out: eight of every group, but for what fills no batch.
    assert np.bincount(groups, minlength=7).min() >= 8 - (7 * 8 - len(groups))
    for batch in found:
        np.testing.assert_array_equal(batch["target"], np.roll(batch["group"], 1))
        np.testing.assert_array_equal(batch["y"], batch["group"])
        assert batch["prior"].shape == (8, 50)
        assert np.abs(batch["prior"]).max() <= 1


def test_batches_depend_on_seed_epoch_and_step_alone():
    def everything(seed, epoch, skip=0):
        return read(synthesis_batches(recipe(), training(), seed), epoch, skip)

    whole, rest = everything(1, 1), everything(1, 1, 2)
    for ours, theirs in zip(whole[2:], rest, strict=True):
        for name in ours:
            np.testing.assert_array_equal(ours[name], theirs[name])
    for other in (everything(2, 1), everything(1, 0)):
        assert not np.array_equal(whole[0]["prior"], other[0]["prior"])
        assert not np.array_equal(whole[0]["faces"], other[0]["faces"])
