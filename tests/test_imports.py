"""Imports run one way, name what is declared, and leave Keras 3 on."""

from __future__ import annotations

import ast
import functools
import graphlib
import importlib.metadata
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "common": {"common"},
    "data_prep": {"common", "data_prep"},
    "reproductions": {"common", "data_prep", "reproductions"},
    "scripts": {"common", "scripts"},
    "benchmarks": {"common", "data_prep", "reproductions", "benchmarks"},
    "tests": {"common", "data_prep", "reproductions", "scripts", "benchmarks", "tests"},
}
OTHER_BACKENDS = {"jax", "torch"}  # of Keras: losses and layers run on them for a user who installs them
LIGHT = [
    "common.errors",
    "common.files",
    "common.metrics",
    "common.evidence.render",
    "reproductions.shared.command_line.cli",
]


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by a relative name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def requirements(name: str) -> set[str]:
    """Return the distributions that a requirements file names, in the canonical spelling."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {canonical(match[0]) for match in found if match}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@functools.cache
def installed() -> Mapping[str, list[str]]:
    """Return the installed distributions that hold each top-level module."""
    return importlib.metadata.packages_distributions()


def distribution_of(module: str) -> str:
    known = installed().get(module)
    assert known, f"no installed distribution holds the module {module}"
    return canonical(known[0])


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_run_one_way(folder):
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[folder]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(folder)
        for name in imports(path)
        if name.partition(".")[0] in forbidden
    ]
    assert wrong == []


def test_no_reproduction_imports_another():
    packages = [path.name for path in (ROOT / "reproductions").iterdir() if (path / "__init__.py").is_file()]
    folders = [name for name in packages if name != "shared"]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for folder in folders
        for path in sources(f"reproductions/{folder}")
        for name in imports(path)
        if name.startswith(tuple(f"reproductions.{other}." for other in folders if other != folder))
    ]
    assert wrong == []


def test_what_studies_share_names_none_of_them():
    studies = [path.parent.name for path in (ROOT / "reproductions").glob("*/__init__.py")]
    named = tuple(f"reproductions.{study}" for study in studies if study != "shared")
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources("reproductions/shared")
        for name in imports(path)
        if name.startswith(named)
    ]
    assert wrong == []


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def import_graph() -> dict[str, set[str]]:
    """Return which of the suite's modules each imports, wherever in the file."""
    files = {module_of(path): path for path in sources("common", "data_prep", "reproductions")}
    graph = {}
    for module, path in files.items():
        named = {name if name in files else name.rpartition(".")[0] for name in imports(path)}
        graph[module] = (named & files.keys()) - {module}
    return graph


def test_no_imports_run_in_a_circle():
    graphlib.TopologicalSorter(import_graph()).prepare()


def test_data_prep_has_few_floors():
    """Packages above one another: what a reader of the topmost has to know."""
    graph: dict[str, set[str]] = {}
    for module, imported in import_graph().items():
        package = ".".join(module.split(".")[:2])
        below = {".".join(name.split(".")[:2]) for name in imported}
        if package.startswith("data_prep."):
            graph.setdefault(package, set()).update(
                name for name in below if name.startswith("data_prep.") and name != package
            )
    floor: dict[str, int] = {}
    for package in graphlib.TopologicalSorter(graph).static_order():
        floor[package] = 1 + max((floor[name] for name in graph.get(package, ())), default=0)
    assert max(floor.values()) <= 5, floor


def test_no_file_is_longer_than_one_reading():
    folders = ("common", "data_prep", "reproductions", "scripts", "tests", "benchmarks")
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*folders)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 340
    }
    assert long == {}


@pytest.mark.parametrize(
    ("folders", "files"),
    [
        (("common", "data_prep", "reproductions"), ("requirements.txt",)),
        (("scripts",), ()),
        (("tests",), ("requirements.txt", "requirements-dev.txt")),
    ],
)
def test_what_is_imported_is_declared(folders, files):
    declared = set().union(*map(requirements, files))
    known = sys.stdlib_module_names | MAY_IMPORT.keys() | OTHER_BACKENDS
    missing = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources(*folders)
        for module in {name.partition(".")[0] for name in imports(path)} - known
        if distribution_of(module) not in declared
    }
    assert sorted(missing) == []


def test_what_is_declared_is_used():
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in sources("common", "data_prep", "reproductions")
    )
    modules = {name: owners for name, owners in installed().items() if name.isidentifier()}
    unused = [
        name
        for name in sorted(requirements("requirements.txt"))
        if not any(
            name in map(canonical, owners) and re.search(rf"\b{module}\b", text)
            for module, owners in modules.items()
        )
    ]
    assert unused == []


def test_light_modules_import_no_deep_learning_library():
    """Listing papers and rendering tables must not wait for TensorFlow, Keras or SciPy's larger friends."""
    program = f"""
        import importlib, sys
        for name in {LIGHT}:
            importlib.import_module(name)
        print(sorted({{"tensorflow", "keras", "onnxruntime", "mtcnn", "retinaface"}} & sys.modules.keys()))
    """
    assert run_python(program) == "[]"


def test_command_line_starts_without_the_scientific_stack():
    program = """
        import sys
        import reproductions.shared.command_line.cli
        heavy = {"tensorflow", "keras", "numpy", "pandas", "scipy", "matplotlib", "cv2"}
        print(sorted(heavy & sys.modules.keys()))
    """
    assert run_python(program) == "[]"


def test_photographs_are_answered_without_a_deep_learning_framework():
    program = """
        import sys
        from reproductions import photos
        from reproductions.shared.networks.example import example_picture
        assert photos.ages(example_picture()) and photos.embed(example_picture())
        assert photos.compare(example_picture(), example_picture())[0].likeness.same
        print(sorted({"tensorflow", "keras", "torch", "jax", "matplotlib"} & sys.modules.keys()))
    """
    assert run_python(program) == "[]"


def test_keras_3_stays_on_after_importing_the_whole_suite():
    """The retina-face package turns Keras 3 off for the process unless it is kept from TensorFlow."""
    program = """
        import importlib, os, pkgutil
        import common, data_prep, reproductions
        for package in (common, data_prep, reproductions):
            for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
                if not module.name.endswith("__main__"):
                    importlib.import_module(module.name)
        from common.faces.retinaface import RetinaFace
        RetinaFace(model=lambda image: [])
        import keras, tensorflow
        assert keras.__version__.startswith("3."), keras.__version__
        assert tensorflow.keras.layers.Layer is keras.layers.Layer, tensorflow.keras.__version__
        print(os.environ.get("TF_USE_LEGACY_KERAS"))
    """
    assert run_python(program) == "None"


def run_python(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
