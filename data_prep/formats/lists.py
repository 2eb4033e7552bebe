"""Lists and tables of text that others wrote: in any encoding that says so, any line ends, any separators.

What a spreadsheet, an old Mac or a copy by way of another system makes of a list is read as the list itself:
UTF-8 with and without a byte order mark, UTF-16 and UTF-32 with one ("Unicode text") or, where it begins with
plain letters, without; line ends of every system; blank lines; fields in quotes, between tabs, semicolons,
commas or blanks. Bytes that are not the encoding's come out as U+FFFD, so that no name is silently another:
`unreadable` tells which lines have them.
"""

from __future__ import annotations

import codecs
import csv
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

from common.errors import UserError

REMEDY = "save it as UTF-8"

# UTF-32's mark begins with UTF-16's.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UNMARKED = ((re.compile(rb"[^\0]\0[^\0]\0"), "utf-16-le"), (re.compile(rb"\0[^\0]\0[^\0]"), "utf-16-be"))
_MARK = "\ufeff"  # stands within a list that was put together of several
_SEPARATORS = "\t;,"
_LONGEST = 1 << 16


class Line(NamedTuple):
    """A line of a list: its number from 1, and its text without the blanks around it."""

    number: int
    text: str


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        header: names of the columns as they stand in the file.
        rows: (number of the line, fields), as many fields as columns unless the file has more there; what is
            missing at the end of a line is "".
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]

    def column(self, *names: str) -> int | None:
        """Return the place of the first of `names` among the columns, whatever its case and punctuation."""
        simple = [_simple(name) for name in self.header]
        return next((simple.index(_simple(name)) for name in names if _simple(name) in simple), None)


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a list that are not blank, of each at most 65,536 characters.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with _open(path) as file:
            number, whole = 0, True
            while piece := file.readline(_LONGEST):
                begins, whole = whole, piece.endswith("\n")
                number += begins
                text = piece.strip().strip(_MARK).strip()
                if begins and text:
                    yield Line(number, text)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}.") from error


def read_whole_lines(path: Path) -> list[Line]:
    """Return the lines of a list that is of no use in part.

    Raises:
        UserError: the file cannot be read, or a line of it is `unreadable`.
    """
    lines = list(read_lines(path))
    for number, text in lines:
        if why := unreadable(text):
            raise UserError(f"cannot read line {number:,} of {path}: it {why}.")
    return lines


def unreadable(text: str) -> str | None:
    """Return a clause that says why a text is not what was meant, None where it can be taken as it stands."""
    if "\ufffd" in text:
        return f"is not valid UTF-8: {REMEDY}"
    if any(ord(character) < 32 and character != "\t" for character in text):
        return "holds a character that no name has"
    return None


def readings(text: str) -> Iterator[list[str]]:
    """Yield the fields of a line by each separator that it holds: tab, semicolon, comma, and blanks last.

    Which of them is meant depends on what the fields must be: a name may hold a comma or a blank.
    """
    for separator in _SEPARATORS:
        if separator in text:
            yield _fields(text, separator)
    yield _fields(" ".join(text.split()), " ")


def fields(text: str, *counts: int) -> list[str] | None:
    """Return the fields of a line by the first separator that makes one of `counts` of them."""
    return next((found for found in readings(text) if len(found) in counts), None)


def read_table(path: Path) -> Table | None:
    """Read a table whose first line names its columns, separated by whatever that line is; None if empty.

    Raises:
        UserError: the file cannot be read.
    """
    try:
        with _open(path) as file:
            text = (line.lstrip(_MARK) for line in file)
            rows = _rows(text)
            _, header = next(rows, (0, None))
            if header is None:
                return None
            while header and not header[-1]:
                header.pop()
            width = len(header)
            return Table(header, [(number, _padded(row, width)) for number, row in rows])
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}.") from error
    except csv.Error as error:
        raise UserError(f"cannot read {path}: {error}.") from error


def plain(name: str) -> str:
    """Return a name in the one form that macOS' and other systems' copies of an accented name share (NFC)."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def in_folder(folder: Path, name: str) -> Path:
    """Return the file that a list calls `name`, in whichever form the folder has it.

    An accented letter is one character or two, and Windows separates folders by backslashes. Where none is
    there, folder / name is returned.
    """
    forms = (name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD") if not name.isascii()))
    forms += tuple(form.replace("\\", "/") for form in forms if "\\" in form)
    return next((folder / form for form in forms if os.path.exists(folder / form)), folder / name)


def _open(path: Path) -> TextIO:
    with open(path, "rb") as file:
        start = file.read(4)
    encoding = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    encoding = encoding or next((name for form, name in _UNMARKED if form.match(start)), "utf-8")
    return open(path, encoding=encoding, errors="replace")


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield (number of the line, fields) of the lines of a table that are not blank."""
    number = 0
    for first in lines:
        number += 1
        if first.strip() and not re.fullmatch(r"sep=.\s*", first):  # Excel's line that names the separator
            break
    else:
        return
    separator = max(_SEPARATORS, key=lambda one: len(_fields(first, one)))
    if separator not in first:
        separator, first, lines = " ", " ".join(first.split()), (" ".join(line.split()) for line in lines)
    yield number, _fields(first, separator)
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    for row in reader:
        if any(field.strip() for field in row):
            yield number + reader.line_num, [field.strip() for field in row]


def _fields(text: str, separator: str) -> list[str]:
    try:
        found = [
            field.strip() for field in next(csv.reader([text], delimiter=separator, skipinitialspace=True))
        ]
    except csv.Error:  # longer than any field
        return [text]
    while found and not found[-1]:
        found.pop()
    return found


def _padded(row: list[str], width: int) -> list[str]:
    while len(row) > width and not row[-1]:
        row = row[:-1]
    return row + [""] * (width - len(row))


def _simple(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
