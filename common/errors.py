"""The one exception a user's mistake raises, and the help with misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """A mistake of the user, told in one clear sentence that names the remedy.

    The command line prints ``error: <sentence>`` and exits with 2; no traceback is shown.
    """


def clause(error: BaseException) -> str:
    """Return what an error of a library says in one line, to stand in a sentence."""
    return " ".join(str(error).split())


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """Return the valid name most like `name`, or None where nothing is like it."""
    matches = difflib.get_close_matches(name.lower(), list(valid), n=1, cutoff=0.5)
    return matches[0] if matches else None


def unknown(kind: str, name: str, valid: Iterable[str]) -> UserError:
    """Build the error for an unknown `kind` ("profile", "data set", ...), naming the nearest valid one."""
    names = sorted(valid)
    guess = nearest(name, names)
    hint = f"did you mean {guess!r}? " if guess else ""
    apart = "; " if any("," in one for one in names) else ", "
    return UserError(f"unknown {kind} {name!r}: {hint}Valid: {apart.join(names)}.")
