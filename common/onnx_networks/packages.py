"""The packages of requirements-export.txt, which only reading, writing and exporting networks needs."""

from __future__ import annotations

import importlib
from types import ModuleType

from common.errors import UserError
from common.standard_error import hidden_errors


def require(module: str, doing: str) -> ModuleType:
    """Return a module of these packages.

    Args:
        module: its name.
        doing: what it is needed for, as the error begins ("writing ONNX").

    Raises:
        UserError: its package is not installed.
    """
    try:
        with hidden_errors():
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise UserError(
            f"{doing} needs the packages of requirements-export.txt: install them with "
            ".venv/bin/pip install -r requirements-export.txt -c constraints.txt."
        ) from error
