"""``python -m reproductions video FILM``: ages and genders written into a film."""

from __future__ import annotations

from pathlib import Path

from common.files import expanded, require_writable_folder
from common.video.annotation import annotate_film
from common.video.reading import Video
from reproductions.shared.networks.manifest import NETWORKS
from reproductions.shared.photographs.films import AgeObserver
from reproductions.shared.photographs.finding import DETECTOR


def video(film: str, *, out: Path | None = None, network: Path = NETWORKS, detector: str = DETECTOR) -> None:
    """Write a film with the age and gender of each person and a table of them, and print the paths.

    Args:
        film: path of a film, or a camera's number as text.
        out: folder of both, by default that of the film, and of a camera the current one.
        network: folder of published networks.
        detector: a name of `common.faces.detection.DETECTORS`.

    Raises:
        UserError: something given cannot be used, or no face was found; the sentence says why.
        Interrupted: it was stopped; the files hold the frames so far.
    """
    with Video(film) as opened:
        beside = opened.path.parent if opened.path else Path()
    folder = beside if out is None else expanded(out)
    require_writable_folder(folder, "another folder with --out (OUT=...)")
    annotate_film(film, AgeObserver(network, detector), folder)
