"""MTLFace, age-invariant recognition and face-age synthesis (Huang, Zhang and Shan): see README.md."""

from reproductions.registry import Paper, Target, lazily

_TARGETS = (
    ("reproduce-aifr", "every table of age-invariant recognition", "targets:reproduce_aifr"),
    ("aifr", "recognition across age: plain, age head, reversal, all; beside JMCNN", "targets:aifr"),
    (
        "aifr-variants",
        "what the supplement leaves open, and where the authors' code differs",
        "targets:variants",
    ),
    ("claims", "the paper's claims and what the records say of them", "targets:claims"),
    ("benchmark", "training speed in images a second", "benchmark:main"),
)

PAPER = Paper.of(
    "mtlface",
    "When age-invariant face recognition meets face age synthesis (Huang, Zhang and Shan, 2021)",
    [Target(name, help, lazily(f"{__name__}.{run}")) for name, help, run in _TARGETS],
    lazily(f"{__name__}.tables:report"),
)
