"""MTLFace, age-invariant recognition and face-age synthesis (Huang, Zhang and Shan): see README.md."""

from reproductions.shared.harness.options import parse_folder, parse_whole
from reproductions.shared.harness.registry import Paper, lazily
from reproductions.shared.harness.setups import Setup
from reproductions.shared.harness.targets import Flag, Target

_TARGETS = (
    ("reproduce", "every table and figure of the paper", "targets:reproduce"),
    ("reproduce-aifr", "every table of age-invariant recognition", "targets:reproduce_aifr"),
    ("aifr", "recognition across age: plain, age head, reversal, all; beside JMCNN", "targets:aifr"),
    ("aifr-half", "the same at half the side and half the length, for more seeds", "targets:half"),
    ("aifr-films", "trained on with films, whose ages are said and not estimated", "targets:films"),
    (
        "forgetting",
        "the reversed head turned up: the age that is left, and recognition",
        "targets:forgetting",
    ),
    (
        "aifr-variants",
        "what the supplement leaves open, and where the authors' code differs",
        "targets:variants",
    ),
    (
        "table2",
        "Table 2: age accuracy and identity of four methods, judged from outside",
        "synthesis.targets:table2",
    ),
    (
        "table2-half",
        "the same at half the side, for more seeds; what parts and readings of MTLFace bring",
        "synthesis.targets:table2_half",
    ),
    (
        "table2-variants",
        "what takes the streaks off the faces that are made",
        "synthesis.targets:variants",
    ),
    ("sheets", "sheets of faces: a person a row, an age group a column", "synthesis.targets:draw"),
    (
        "sheet-published",
        "the same by the published network, for which nothing is trained",
        "synthesis.targets:draw_published",
    ),
    ("figa1", "Figure A.1 (b, c): ages and genders of the labelled identity set", "targets:figa1"),
    ("facts", "what the supplement says that counting answers", "targets:facts"),
    ("claims", "the paper's claims and what the records say of them", "targets:claims"),
    ("benchmark", "training speed in images a second", "benchmark:main"),
)

_GROUPS = ("0-10", "11-20", "21-30", "31-40", "41-50", "51-60", "61+")

_PRODUCTS = (
    Target(
        "embed",
        "turn a folder of your photographs into an array of embeddings",
        lazily(f"{__name__}.products:embed"),
        {
            "out": Flag(parse_folder, "FILE", "the array, ending in .npz", required=True),
            "mirror": Flag(None, "", "add each face's mirror image (default, except in paper); or not"),
        },
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
    Target(
        "age",
        "take the face of a photograph to another age",
        lazily(f"{__name__}.synthesis.targets:age"),
        {
            "to": Flag(str, "GROUP", f"the age group: {', '.join(_GROUPS)}", required=True),
            "out": Flag(parse_folder, "FILE", "the result (default beside the photograph)"),
        },
        Flag(parse_folder, "PHOTO", "a photograph that shows one face"),
    ),
)

PAPER = Paper.of(
    "mtlface",
    "When age-invariant face recognition meets face age synthesis (Huang, Zhang and Shan, 2021)",
    [*(Target(name, help, lazily(f"{__name__}.{run}")) for name, help, run in _TARGETS), *_PRODUCTS],
    lazily(f"{__name__}.tables:report"),
    setups=lambda: (Setup("mtlface-8gpu", 8, 512, "a batch of 512 on 8 NVIDIA GTX 2080Ti GPUs (B)"),),
    trainings=lazily(f"{__name__}.trainings:trainings"),
    recognition_network=lazily(f"{__name__}.publishing:candidate"),
    synthesis_network=lazily(f"{__name__}.synthesis.publishing:candidate"),
)
