"""The stages of the suite in small, for `kills`: each is given a folder, and leaves what it makes in it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PEOPLE, PICTURES = 110, 4
CROPS = ((32, "utkface"), (40, "arcface"), (48, "arcface"))
"""Size and template of the sets that the trainings take."""


def options_in(folder: Path):
    """Return options of a tiny smoke run in `folder`."""
    from reproductions.shared.harness.options import Options

    return Options(
        prepared_root=folder / "prepared",
        results_root=folder / "results",
        runs_root=folder / "runs",
        seeds=(1,),
    )


def shrink() -> None:
    """Make the smoke profile's recipes and its generated set tiny, in this process, and checkpoints many."""
    from data_prep.synthetic import people as synthetic
    from reproductions.age_gender import experiments as age_gender
    from reproductions.jmcnn import experiments as jmcnn
    from reproductions.mtlface import experiments as mtlface
    from reproductions.mtlface.synthesis import experiments as synthesis
    from reproductions.neighborhood_loss import experiments as neighborhood
    from reproductions.shared.age_estimation import data
    from reproductions.shared.age_estimation.experiments import FineTuning
    from reproductions.shared.harness import fitting
    from reproductions.shared.recognition import identity_sets as identities

    synthetic.generate_default = lambda root: synthetic.generate(root, PEOPLE, PICTURES)
    identities.GENERATED_PAIRS = 30
    fitting.fit = functools.partial(fitting.fit, checkpoint_seconds=0.5)
    data.load = functools.partial(with_folds, data.load)
    judges = {"age_epochs": 1, "identity_epochs": 1, "average": None}
    smoke = jmcnn.RECIPES["smoke"]
    for module, changes in (
        (neighborhood, {"folds": FineTuning(epochs=1, learning_rate=1e-3, batch=32)}),
        (age_gender, {"epochs": 3, "batch": 16, "width": 0.25}),
        (mtlface, {"crop": 40, "size": 32, "epochs": 2, "batch": 32}),
        (
            jmcnn,
            {
                "size": 40,
                "base": dataclasses.replace(smoke.base, epochs=2, batch=32),
                "tuned": dataclasses.replace(smoke.tuned, epochs=1, batch=16),
            },
        ),
        (
            synthesis,
            {
                "iterations": 14,
                "batch": 8,
                "balance": 8,
                "pairs": 30,
                "judges": dataclasses.replace(synthesis.RECIPES["smoke"].judges, **judges),
            },
        ),
    ):
        module.RECIPES["smoke"] = dataclasses.replace(module.RECIPES["smoke"], **changes)


def with_folds(load: Callable, *which: object):
    """Return what `load` does, with folds of generated people in place of FG-NET's."""
    from data_prep.protocols.splits import faces_of, subject_folds
    from reproductions.shared.age_estimation.data import Fold

    found = load(*which)
    prepared = found.train.prepared
    splits = subject_folds(prepared.index, "synthetic", 3)
    folds = [[faces_of(prepared, rows, one, "folds") for rows in (one.train, one.test)] for one in splits]
    return dataclasses.replace(found, folds=tuple(Fold(*fold) for fold in folds))


def generate(folder: Path) -> None:
    """Render the faces that all stages start from, and prepare them as the trainings take them."""
    from data_prep.preparation.on_demand import prepared_set

    root = folder / "prepared"
    for size, template in CROPS:
        prepared_set("synthetic", None, root, size, template)


def prepare_faces(folder: Path) -> None:
    """Prepare with two workers, ten images to a shard."""
    from data_prep.preparation.prepare import prepare

    root = folder / "prepared"
    crops = {"size": 48, "template": "utkface", "detector": "manual"}
    prepare("synthetic", root / "generated", root, **crops, workers=2, shard_images=10)


def neighborhood(folder: Path) -> None:
    """Train the fourth paper's network, fine-tune it fold by fold, test and record it."""
    from reproductions.neighborhood_loss import experiments
    from reproductions.neighborhood_loss.study import STUDY

    STUDY.run(experiments.NEIGHBORHOOD_18, "table2", options_in(folder), 1)


def age_gender(folder: Path) -> None:
    """The joint network of the third."""
    from reproductions.age_gender import experiments
    from reproductions.age_gender.study import STUDY

    STUDY.run(experiments.JOINT, "results", options_in(folder), 1)


def jmcnn(folder: Path) -> None:
    """Both stages of the first."""
    from reproductions.jmcnn import experiments
    from reproductions.jmcnn.study import STUDY

    for experiment in (experiments.BASE, experiments.JMCNN):
        STUDY.run(experiment, "table1", options_in(folder), 1)


def recognition(folder: Path) -> None:
    """Recognition of the second."""
    from reproductions.mtlface import experiments
    from reproductions.mtlface.study import STUDY

    STUDY.run(experiments.MTLFACE, "aifr", options_in(folder), 1)


def synthesis(folder: Path) -> None:
    """One of its adversarial trainings, and the two judges of what is made."""
    from reproductions.mtlface.synthesis import experiments
    from reproductions.mtlface.synthesis.study import STUDY

    STUDY.run(experiments.CAAE, "table2", options_in(folder), 1)


def label(folder: Path) -> None:
    """Ages of a set of identities, by the network of `neighborhood`."""
    from reproductions.shared.pseudo_labels.labelling import label

    label(options_in(folder), "synthetic")


def render(folder: Path) -> None:
    """Every table of the records of `neighborhood`."""
    from reproductions.shared.harness.registry import papers
    from reproductions.shared.harness.reporting import render_all

    render_all(papers().values(), folder / "results")


@dataclass(frozen=True)
class Stage:
    """What is killed, the stage whose end it starts from, and the folder of that end that it lacks."""

    work: Callable[[Path], None]
    before: str = "faces"
    lacks: str | None = None


STAGES = {
    "preparation": Stage(prepare_faces),
    "neighborhood": Stage(neighborhood),
    "age-gender": Stage(age_gender),
    "jmcnn": Stage(jmcnn),
    "recognition": Stage(recognition),
    "synthesis": Stage(synthesis),
    "evaluation": Stage(neighborhood, "neighborhood", "results"),
    "labelling": Stage(label, "neighborhood"),
    "rendering": Stage(render, "neighborhood"),
}
