"""The commands for photographs of one's own, which train nothing, and for the networks that answer them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from reproductions.shared.command_line.quiet import import_tensorflow
from reproductions.shared.harness.options import Options, parse_folder, parse_whole
from reproductions.shared.harness.targets import Flag, Target, listed


def _age_of(options: Options, path: Path, **given: Any) -> None:
    from reproductions.shared.photographs.command import age_of

    if "format" in given:
        given["form"] = given.pop("format")
    age_of(path, **given)


def _embed(options: Options, folder: Path, **given: Any) -> None:
    from reproductions.shared.photographs.recognition_commands import embed

    embed(folder, **given)


def _search(options: Options, photo: Path, **given: Any) -> None:
    from reproductions.shared.photographs.recognition_commands import search

    search(photo, into=given.pop("in"), **given)


def _compare(options: Options, photo: Path, other: Path, **given: Any) -> None:
    from reproductions.shared.photographs.recognition_commands import compare

    compare(photo, other, **given)


def _age_to(options: Options, photo: Path, **given: Any) -> None:
    from reproductions.shared.photographs.ageing_command import age_to

    age_to(photo, **given)


def _video(options: Options, film: str, **given: Any) -> None:
    from reproductions.shared.photographs.film_command import video

    video(film, **given)


def _export(options: Options, name: str, **given: Any) -> None:
    if given.get("format", "onnx") != "onnx":
        import_tensorflow()
    from reproductions.shared.networks.export import export

    if "format" in given:
        given["form"] = given.pop("format")
    export(options, name, **given)


def _demo(options: Options, **given: Any) -> None:
    from reproductions.shared.demo.serve import demo

    demo(**given)


_NETWORK = {"network": Flag(parse_folder, "DIR", "published networks (default those of the suite)")}
kinds = listed("reproductions.shared.networks.published:PUBLISHED")
"""Says which published networks there are."""

_DETECTOR = {
    "detector": Flag(
        str,
        "D",
        "retinaface-mobilenet (default), mtcnn, retinaface or viola-jones",
        choices=listed("common.faces.detection:DETECTORS"),
    )
}

PHOTOGRAPHS = (
    Target(
        "age-of",
        "how old the faces of a photograph look, or of all photographs in a folder",
        _age_of,
        {
            "out": Flag(parse_folder, "DIR", "write ages.csv and ages.json there"),
            "annotate": Flag(None, "", "and a copy of each photograph with its ages"),
            "format": Flag(
                str,
                "F",
                "what is printed: text, csv or json (default text)",
                choices=listed("reproductions.shared.photographs.command:FORMS"),
            ),
            **_NETWORK,
            **_DETECTOR,
        },
        Flag(parse_folder, "PATH", "a photograph, or a folder, read with its subfolders"),
        takes=(),
        light=True,
    ),
    Target(
        "embed",
        "the faces of a folder of photographs as vectors, to be searched or compared",
        _embed,
        {
            "out": Flag(parse_folder, "FILE", "the array, ending in .npz", required=True),
            **_NETWORK,
            **_DETECTOR,
        },
        Flag(parse_folder, "FOLDER", "the folder of the photographs, read with its subfolders"),
        takes=(),
        light=True,
    ),
    Target(
        "search",
        "whom the faces of a photograph are most like among embedded ones",
        _search,
        {
            "in": Flag(parse_folder, "FILE", "the array that embed has written", required=True),
            "count": Flag(parse_whole, "N", "how many faces to show (default 10)"),
            "face": Flag(parse_whole, "N", "which face of the photograph, left to right (default all)"),
            **_NETWORK,
            **_DETECTOR,
        },
        Flag(parse_folder, "PHOTO", "the photograph whose faces are looked for"),
        takes=(),
        light=True,
    ),
    Target(
        "compare",
        "whether the faces of two photographs are of one person",
        _compare,
        {**_NETWORK, **_DETECTOR},
        Flag(parse_folder, "PHOTO", "a photograph"),
        takes=(),
        light=True,
        further=(Flag(parse_folder, "WITH", "another photograph"),),
    ),
    Target(
        "age-to",
        "a face of a photograph at another age, or at all ages in a row",
        _age_to,
        {
            "to": Flag(str, "GROUP", "0-10, 11-20, 21-30, 31-40, 41-50, 51-60 or 61+ (default all)"),
            "out": Flag(parse_folder, "FILE", "the picture (default beside the photograph)"),
            "face": Flag(parse_whole, "N", "which face of the photograph, left to right"),
            **_NETWORK,
            **_DETECTOR,
        },
        Flag(parse_folder, "PHOTO", "a photograph"),
        takes=(),
        light=True,
    ),
    Target(
        "video",
        "ages and genders written into a film, or into what a camera sees",
        _video,
        {
            "out": Flag(parse_folder, "DIR", "of the film and its table (default beside the film)"),
            **_NETWORK,
            **_DETECTOR,
        },
        Flag(str, "FILM", "a film, or the number of a camera"),
        takes=(),
        light=True,
    ),
    Target(
        "demo",
        "a page that says in a browser how old faces look, handed out on this machine alone",
        _demo,
        {
            "port": Flag(parse_whole, "N", "of 127.0.0.1 (default 8765)"),
            "out": Flag(parse_folder, "DIR", "where it is built (default runs/demo/page)"),
            **_NETWORK,
            "serve": Flag(None, "", "hand it out (default); or build it alone"),
        },
        takes=(),
        light=True,
    ),
    Target(
        "export",
        "write a network as ONNX, for Keras, as a SavedModel or for LiteRT, with a page on its use",
        _export,
        {
            "format": Flag(
                str,
                "F",
                "onnx, keras, savedmodel or litert (default onnx)",
                choices=listed("reproductions.shared.networks.export:FORMATS"),
            ),
            "trained": Flag(None, "", "the network that was trained here, not the published one (default)"),
            "out": Flag(parse_folder, "DIR", "a new folder (default runs/export/NAME-FORMAT)"),
            **_NETWORK,
        },
        Flag(str, "NETWORK", "network", choices=kinds),
        takes=("profile", "seeds", "data-root", "prepared-root", "results-root", "runs-root"),
    ),
)
