"""JMCNN, cross-age face recognition (Yu and Jing): commands of the paper, see README.md."""

from reproductions.shared.harness.registry import Paper, lazily
from reproductions.shared.harness.targets import Target

_TARGETS = (
    ("reproduce", "every table and figure of the paper", "targets:reproduce"),
    ("table1", "Table 1: rank-1 of the baseline, fine-tuned, and JMCNN", "targets:table1"),
    (
        "films",
        "the paper's systems with its loss, tuned on films whose actors' ages are known",
        "targets:films",
    ),
    (
        "films-half",
        "the same at half the side, for more seeds, and lambda of 0 and 1 on films",
        "targets:films_half",
    ),
    ("judge", "a recogniser from outside on the same tests (make setup JUDGES=yes)", "targets:judge"),
    ("fig3", "Figure 3: the network, drawn from the model itself", "targets:fig3"),
    ("fig4", "Figure 4: rank-1 over lambda", "targets:fig4"),
    ("fig5", "Figure 5: mean average precision by period", "targets:fig5"),
    ("protocol", "who is looked for on CACD, counted in its metadata", "targets:protocol"),
    ("facts", "what the paper says that counting answers, and where it contradicts itself", "targets:facts"),
    ("ablations", "no age head, |cos|, cos squared, other ages, the printed optimizer", "targets:ablations"),
    ("claims", "the paper's claims and what the records say of them", "targets:claims"),
    ("gradient-check", "Eq. 5-6 against automatic and numeric gradients", "targets:gradient_check"),
    ("benchmark", "training speed, and the rate of a search in a million", "benchmark:main"),
)

PAPER = Paper.of(
    "jmcnn",
    "A joint multi-task CNN for cross-age face recognition (Yu and Jing, 2018)",
    [Target(name, help, lazily(f"{__name__}.{run}")) for name, help, run in _TARGETS],
    lazily(f"{__name__}.tables:report"),
    trainings=lazily(f"{__name__}.trainings:trainings"),
)
