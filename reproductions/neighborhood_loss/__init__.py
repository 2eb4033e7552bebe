"""Neighborhood loss for age estimation (Kwak, Om, Han and Kim): commands of the paper, see README.md."""

from reproductions.shared.harness.options import parse_whole
from reproductions.shared.harness.registry import Paper, lazily
from reproductions.shared.harness.setups import Setup
from reproductions.shared.harness.targets import Flag, Target

_TARGETS = (
    ("reproduce", "every table and figure of the paper", "reproduce"),
    ("table1", "Table 1: the networks, stage by stage", "table1"),
    ("table2", "Table 2: cross entropy against the neighborhood loss", "table2"),
    ("table3", "Table 3: depth and other losses, cited and measured", "table3"),
    ("fig1", "Figure 1: the targets of the loss", "fig1"),
    ("figdecades", "error by decade of age", "figdecades"),
    ("facts", "what the paper says that counting answers, and where it contradicts itself", "facts"),
    ("noise", "how far apart two labels of one photograph lie in UTKFace", "noise"),
    ("splits", "Table 3 on the published splits of UTKFace", "splits"),
    (
        "ablations",
        "margin, normalised targets, the fused gradient, the printed optimizer, balancing, stride",
        "ablations",
    ),
    ("claims", "the paper's claims and what the records say of them", "claims"),
    ("benchmark", "training speed in images a second", "benchmark"),
)

_FLAGS = {"splits": {"split": Flag(parse_whole, "N", "one of the splits, from 0 (default all)")}}

PAPER = Paper.of(
    "neighborhood",
    "Neighborhood loss for age estimation (Kwak, Om, Han and Kim)",
    [
        Target(name, help, lazily(f"{__name__}.targets:{run}"), _FLAGS.get(name, {}))
        for name, help, run in _TARGETS
    ],
    lazily(f"{__name__}.tables:report"),
    ages=lazily(f"{__name__}.estimator:trained"),
    trial=lazily(f"{__name__}.benchmark:trial"),
    age_network=lazily(f"{__name__}.estimator:to_publish"),
    setups=lambda: (Setup("neighborhood-4gpu", 4, 256, "four NVIDIA Titan XP GPUs (5.3)"),),
    trainings=lazily(f"{__name__}.trainings:trainings"),
)
