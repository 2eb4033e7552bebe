"""MTLFace, age-invariant recognition and face-age synthesis (Huang, Zhang and Shan): see README.md."""

from reproductions.flags import Flag
from reproductions.options import parse_folder, parse_whole
from reproductions.registry import Paper, Target, lazily

_TARGETS = (
    ("reproduce-aifr", "every table of age-invariant recognition", "targets:reproduce_aifr"),
    ("aifr", "recognition across age: plain, age head, reversal, all; beside JMCNN", "targets:aifr"),
    (
        "aifr-variants",
        "what the supplement leaves open, and where the authors' code differs",
        "targets:variants",
    ),
    ("figa1", "Figure A.1 (b, c): ages and genders of the labelled identity set", "figa1:main"),
    ("claims", "the paper's claims and what the records say of them", "targets:claims"),
    ("benchmark", "training speed in images a second", "benchmark:main"),
)

_PRODUCTS = (
    Target(
        "embed",
        "turn a folder of your photographs into an array of embeddings",
        lazily(f"{__name__}.products:embed"),
        {"out": Flag(parse_folder, "FILE", "the array, ending in .npz", required=True)},
        Flag(parse_folder, "FOLDER", "the folder of the photographs, read with its subfolders"),
    ),
    Target(
        "search",
        "show whom a photograph is most like among embedded ones",
        lazily(f"{__name__}.products:search"),
        {
            "in": Flag(parse_folder, "FILE", "the array that embed has written", required=True),
            "count": Flag(parse_whole, "N", "how many faces to show (default 10)"),
        },
        Flag(parse_folder, "PHOTO", "the photograph whose face is looked for"),
    ),
)

PAPER = Paper.of(
    "mtlface",
    "When age-invariant face recognition meets face age synthesis (Huang, Zhang and Shan, 2021)",
    [*(Target(name, help, lazily(f"{__name__}.{run}")) for name, help, run in _TARGETS), *_PRODUCTS],
    lazily(f"{__name__}.tables:report"),
)
