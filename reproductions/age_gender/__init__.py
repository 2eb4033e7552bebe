"""Age and gender together (Kang, Jiang and Li): commands of the paper, see README.md."""

from reproductions.shared.harness.options import parse_folder
from reproductions.shared.harness.registry import Paper, lazily
from reproductions.shared.harness.targets import Flag, Target

_TARGETS = (
    ("reproduce", "every table and figure of the paper", "targets:reproduce"),
    ("results", "the final results: one task or both, much data or little", "targets:results"),
    (
        "fig1-3",
        "Figures 1-3: features, integral image and stages of the cascade",
        "targets:fig1_3",
    ),
    ("networks", "the figures of the networks: every layer, its output and parameters", "targets:networks"),
    ("facts", "what the paper says that counting answers, and where it contradicts itself", "targets:facts"),
    ("fig7", "Figure 7: accuracy of gender as the training goes", "targets:fig7"),
    ("fig8", "Figure 8: accuracy of age as the training goes", "targets:fig8"),
    ("fig9", "Figure 9: accuracy of both as they are trained together", "targets:fig9"),
    ("fig11", "Figure 11: how ages are distributed", "targets:fig11"),
    ("weighting", "p and q: as in the text, as in the code, constrained", "targets:weighting"),
    (
        "ablations",
        "the code's network and cleaning, LeNet's C3, LRN, evened ages, colour, 18 layers, optimizers",
        "targets:ablations",
    ),
    ("claims", "the paper's claims and what the records say of them", "targets:claims"),
    ("benchmark", "training speed in images a second", "benchmark:main"),
)

_VIDEO = Target(
    "video",
    "ages and genders written into a film, a generated one unless another is named",
    lazily(f"{__name__}.video:main"),
    {
        "video": Flag(str, "FILE", "a film, or a camera's number"),
        "out": Flag(parse_folder, "DIR", "where the annotated film and its table go (default runs/video)"),
    },
)

PAPER = Paper.of(
    "age-gender",
    "Multi-task learning based on CNN for age and gender classification (Kang, Jiang and Li)",
    [*(Target(name, help, lazily(f"{__name__}.{run}")) for name, help, run in _TARGETS), _VIDEO],
    lazily(f"{__name__}.tables:report"),
    genders=lazily(f"{__name__}.estimator:trained"),
    gender_network=lazily(f"{__name__}.publishing:candidate"),
    trainings=lazily(f"{__name__}.trainings:trainings"),
)
