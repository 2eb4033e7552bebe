"""`make data-<set>`: fetch and unpack a data set where its licence allows, else say how to ask for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from common.errors import UserError
from common.locking import take_lock
from data_prep.datasets import get
from data_prep.datasets.base import DataSet, Download
from data_prep.datasets.locate import misplaced
from data_prep.datasets.samples import Rejected
from data_prep.obtaining.archives import unpack
from data_prep.obtaining.download import fetch, record_of

DOWNLOADS = "downloads"  # folder under DATA_ROOT that keeps the archives


def obtain(
    name: str, data_root: str | Path, *, quiet: bool = False, say: Callable[[str], None] = print
) -> Path:
    """Put the data set `name` under `data_root`, or say how to get it, and return its folder.

    What is there already is not fetched again, and a fetch that was cut short goes on. Archives stay in
    data_root/downloads; delete them at will.

    Args:
        name: as in `data_prep.datasets.DATASETS`.
        data_root: the folder of all data sets; made where missing.
        quiet: show no progress bar.
        say: takes each line meant for the user.

    Raises:
        UserError: there is no such set, or it cannot be fetched or unpacked.
    """
    dataset = get(name)
    folder = _present(dataset, Path(data_root).expanduser() / dataset.folder)
    say(f"{dataset.title}: {dataset.licence}.")
    if dataset.lacking(folder):
        with _only_one(folder.parent / DOWNLOADS, dataset):
            # It may have been fetched by the process that was waited for.
            for download in dataset.lacking(folder):
                archive = folder.parent / DOWNLOADS / download.file
                fetch(download.url, archive, download.checksum, quiet=quiet)
                _unpack(archive, folder / download.into, download, quiet, say)
    if dataset.downloads or folder.exists():
        dataset.finish(folder)
        files = sum(item.files if isinstance(item, Rejected) else 1 for item in dataset.scan(folder))
        say(f"{folder} holds {dataset.coverage(files)}.")
    else:
        say(misplaced(dataset, folder) or f"It is not fetched for you: {dataset.how_to_obtain}.")
        say(f"The copy belongs in {folder}, with {dataset.layout}.")
    return folder


def _present(dataset: DataSet, folder: Path) -> Path:
    """Return the folder that holds the set, under whatever name, and `folder` where there is none yet."""
    try:
        return dataset.find(folder)
    except UserError:
        return folder


def _unpack(archive: Path, target: Path, download: Download, quiet: bool, say: Callable[[str], None]) -> None:
    """Unpack an archive to `target`; what is not the set as it was published does not get there."""
    if download.check is None:
        unpack(archive, target, quiet=quiet)
        return
    beside = target.parent / f".{target.name}.checking"
    shutil.rmtree(beside, ignore_errors=True)  # a killed run left it
    try:
        unpack(archive, beside, quiet=quiet)
        try:
            sentences = download.check(beside)
        except UserError as error:
            # Its recorded hash would have the next copy refused.
            for file in (archive, record_of(archive)):
                file.unlink(missing_ok=True)
            raise UserError(f"{archive.name} from {download.url} was refused and deleted: {error}") from error
        for sentence in sentences:
            say(sentence)
        os.replace(beside, target)
    except OSError as error:
        raise UserError(f"cannot write to {target}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _only_one(folder: Path, dataset: DataSet) -> TextIO:
    """Hold back a second run for the same set, which would write into the same half-fetched file."""
    try:
        return take_lock(folder / f".{dataset.name}.lock", f"fetching {dataset.title} to {folder}")
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror}.") from error
