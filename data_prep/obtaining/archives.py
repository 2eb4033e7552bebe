"""Unpacking archives nobody has vouched for: whole or not at all, and never outside the target folder."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tqdm import tqdm

from common.errors import UserError
from data_prep.obtaining.members import Damaged, Member, NotRead, open_members

_CHUNK = 1 << 20
_LONGEST_NAME = 255  # bytes of one name on the usual file systems
_LONGEST_PATH = 1024  # bytes of a member's whole path, well below the 4,096 of a system call
_DRIVE = re.compile(r"[A-Za-z]:")
_LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db"}


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold before it is refused as a bomb.

    Attributes:
        members: greatest number of members.
        ratio: greatest size unpacked, in sizes of the archive (images hardly shrink; labels shrink tenfold).
        floor: unpacked bytes that are always allowed.
    """

    members: int = 1_000_000
    ratio: float = 100.0
    floor: int = 64 << 20

    def bytes(self, archive: int) -> int:
        """Return the greatest unpacked size of an archive of `archive` bytes."""
        return max(self.floor, int(self.ratio * archive))


def unpack(
    archive: str | Path, target: str | Path, limits: Limits | None = None, *, quiet: bool = False
) -> int:
    """Unpack a zip, tar, tar.gz, tar.bz2 or tar.xz into the new folder `target`; return the number of files.

    A single folder that holds all of the archive is left out: FGNET/images/... becomes target/images/...
    Members go to a folder beside `target` that is renamed at the end, so that `target` appears whole. Shows a
    progress bar unless `quiet`.

    Raises:
        UserError: `target` holds something already; the archive is damaged, encrypted, none, or of a kind
            that is not read here; a member is neither file nor folder, or its name leaves the folder, is
            empty, comes twice or cannot be written; there is more than `limits` allow or than the disk or
            the memory holds. Nothing stays behind.
    """
    archive, target = Path(archive), Path(target)
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise UserError(f"{target} exists already: move it away to unpack {archive.name} anew.")
    beside = target.parent / f".{target.name}.unpacking"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(beside, ignore_errors=True)  # a killed run left it
        beside.mkdir()
        files = _write(archive, beside, limits or Limits(), quiet)
        os.replace(_without_wrapper(beside), target)
    except Damaged as error:
        raise UserError(
            f"{archive} is damaged or no archive ({error}): delete it and fetch it again."
        ) from error
    except NotRead as error:
        raise UserError(f"{archive} {error}: unpack it by hand into {target}.") from error
    except OSError as error:
        raise UserError(_told(error, archive, target)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return files


class _Meter:
    """What an archive has declared so far, held against what it may hold."""

    def __init__(self, archive: Path, folder: Path, limits: Limits):
        self.archive, self.limits = archive, limits
        self.size = archive.stat().st_size
        self.budget = limits.bytes(self.size)
        self.free = shutil.disk_usage(folder).free
        self.members = self.declared = 0

    def declare(self, member: Member) -> None:
        """Count `member` in before any of it is written."""
        self.members += 1
        self.declared += member.size
        if self.members > self.limits.members:
            raise UserError(
                f"{self.archive} holds more than {self.limits.members:,} members: refused as a bomb."
            )
        if self.declared > self.budget:
            raise UserError(
                f"{self.archive} declares more than {self.budget:,} bytes unpacked, beyond "
                f"{self.limits.ratio:g} times its size: refused as a bomb."
            )
        if self.declared > self.free:
            raise UserError(f"{self.archive} needs more than the {self.free:,} bytes left: make room.")


def _write(archive: Path, folder: Path, limits: Limits, quiet: bool) -> int:
    """Write all members below `folder`, which is new and holds no link, and return the number of files."""
    meter = _Meter(archive, folder, limits)
    written = files = 0
    title = f"unpacking {archive.name}"
    with (
        contextlib.closing(open_members(archive)) as members,
        tqdm(total=meter.size, unit="B", unit_scale=True, desc=title, disable=quiet or None) as bar,
    ):
        for member in members:
            meter.declare(member)
            bar.update(member.position - bar.n)
            parts = _safe_parts(member.name, archive)
            path = folder.joinpath(*parts)
            if _LITTER.intersection(parts) or (not parts and member.kind == "folder"):
                continue
            if not parts:
                raise UserError(f"{archive} holds a {member.kind} without a name: refused.")
            if member.kind == "folder":
                _make_folder(path, member.name, archive)
            elif member.kind == "file":
                _make_folder(path.parent, member.name, archive)
                written += _write_file(path, member, archive, meter.budget - written)
                files += 1
            else:
                raise UserError(f"{archive} holds {member.name!r}, a {member.kind}: only files are unpacked.")
    if not files:
        raise Damaged("it holds no file")
    return files


def _write_file(path: Path, member: Member, archive: Path, room: int) -> int:
    """Write a member's content, at most `room` bytes of it, and return its size."""
    if os.path.lexists(path):
        raise UserError(f"{archive} holds {member.name!r} twice: refused, as one would replace the other.")
    size = 0
    with open(path, "xb") as file:
        for chunk in _chunks(member.open()):
            size += len(chunk)
            if size > room:
                raise UserError(
                    f"{archive} unpacks to more than it may: refused as a bomb at {member.name!r}."
                )
            file.write(chunk)
    if size != member.size:
        raise Damaged(f"{member.name!r} has {size:,} bytes, not the {member.size:,} declared")
    return size


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _safe_parts(name: str, archive: Path) -> list[str]:
    """Return the parts of a member's name below the target folder, refusing one that means another place.

    A backslash separates parts, as in archives made on Windows.
    """
    shown = ascii(name if len(name) < 80 else f"{name[:77]}...")
    if any(ord(character) < 32 for character in name):
        raise UserError(f"{archive} holds a member with a control character in its name {shown}: refused.")
    parts = [part for part in re.split(r"[/\\]", name) if part not in ("", ".")]
    if name.startswith(("/", "\\")) or ".." in parts or (parts and _DRIVE.match(parts[0])):
        raise UserError(f"{archive} holds {shown}, which lies outside the target folder: refused.")
    try:
        sizes = [len(os.fsencode(part)) for part in parts]
    except UnicodeEncodeError as error:
        raise UserError(f"{archive} holds a member whose name {shown} cannot be written: refused.") from error
    if max(sizes, default=0) > _LONGEST_NAME or sum(sizes) + len(sizes) > _LONGEST_PATH:
        raise UserError(f"{archive} holds a member whose name {shown} is too long: refused.")
    return parts


def _make_folder(path: Path, name: str, archive: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UserError(f"{archive} holds {name!r} below a file of the same name: refused.") from error


def _without_wrapper(folder: Path) -> Path:
    """Return the only folder in `folder` where there is nothing else, and `folder` itself otherwise."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _told(error: OSError, archive: Path, target: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full while unpacking {archive} to {target.parent}: make room and run it again."
    return f"cannot unpack {archive} to {target}: {error.strerror or error}."
