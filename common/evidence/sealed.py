"""JSON files that hold the hash of their own content, so that a number changed by hand is noticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.errors import UserError
from common.evidence import strict
from common.files import sha256_json, write_json

SEAL = "content_hash"
"""Name of the hash: SHA-256 of all else in the file, written canonically."""


@dataclass(frozen=True)
class Parsed:
    """The content of a file.

    Attributes:
        content: all but the seal.
        seal: the hash that the file states; None in a file from before there were any.
    """

    content: dict[str, Any]
    seal: str | None

    @property
    def edited(self) -> bool:
        """Whether the content is not what the seal was written for."""
        return self.seal is not None and self.seal != sha256_json(self.content)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a file with its seal."""
    return {**content, SEAL: sha256_json(content)}


def write_sealed(path: str | Path, content: Mapping[str, Any]) -> None:
    """Write JSON as `common.files.write_json` does, with its seal."""
    write_json(path, sealed(content))


def parse(text: str) -> Parsed:
    """Parse a file's text.

    Raises:
        ValueError: it is no JSON object.
    """
    content = strict.parse(text)
    if not isinstance(content, dict):
        raise ValueError("it holds no object")
    seal = content.pop(SEAL, None)
    return Parsed(content, seal)


def is_sealed(path: str | Path) -> bool:
    """Return whether a file that `parse` reads has a seal."""
    return parse(Path(path).read_text(encoding="utf-8")).seal is not None


def read_sealed(path: str | Path, kind: Any, remedy: str) -> Any:
    """Return the content of a file as of `common.evidence.strict.build`.

    Args:
        path: of the file, sealed or from before there were seals.
        kind: annotated type of the content.
        remedy: what to do where it cannot be used ("run make fig3-jmcnn").

    Raises:
        UserError: the file cannot be read, is not of that kind, or was edited.
    """
    path = Path(path)
    try:
        found = parse(path.read_text(encoding="utf-8"))
        value = strict.build(kind, found.content, "it")
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {error}. Restore the file, or {remedy}.") from error
    if found.edited:
        raise UserError(
            f"{path} was edited: its hash disagrees with its content. Restore the file, or {remedy}."
        )
    return value
