"""Archives with exactly the members a test asks for, however impossible."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

GOOD = {"top/images/a.jpg": b"a" * 2000, "top/images/b.jpg": b"b" * 10, "top/labels.csv": b"name,age\n" * 30}
TAR_MODES = {"tar": "w:", "tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}


def make_zip(members: dict[str, bytes], *, modes: dict[str, int] | None = None) -> bytes:
    """Return a zip file; `modes` gives members a Unix file type and permissions."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo("placeholder")
            info.filename = info.orig_filename = name  # the constructor would cut it at a NUL
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (modes or {}).get(name, 0) << 16
            archive.writestr(info, content)
    return file.getvalue()


def make_tar(members: dict[str, bytes], kind: str = "tar", extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    """Return a tar file; `extra` are members without content that come first."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=TAR_MODES[kind], format=tarfile.PAX_FORMAT) as archive:
        for info in extra:
            archive.addfile(info)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def tar_entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """Return a member of type `kind` (tarfile.SYMTYPE ...)."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below `folder` by relative name; a link shows as b"link"."""
    return {
        path.relative_to(folder).as_posix(): b"link" if path.is_symlink() else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }
