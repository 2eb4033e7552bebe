"""MATLAB v5 label files, read as plain columns."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from common.errors import UserError

_HDF5_SIGNATURE = b"\x89HDF"


def read_columns(path: Path, variable: str, columns: Sequence[str]) -> dict[str, np.ndarray]:
    """Read the struct `variable` of a .mat file as one-dimensional arrays of equal length.

    Args:
        path: the file.
        variable: name of a 1 x 1 struct.
        columns: fields it must have; others are ignored.

    Raises:
        UserError: the file is missing, damaged, of version 7.3, or lacks the variable or part of a column.
    """
    struct = _load(path, variable)
    missing = [column for column in columns if column not in getattr(struct, "_fieldnames", ())]
    if missing:
        raise UserError(
            f"{path} is not the expected label file: its {variable!r} lacks {', '.join(missing)}."
        )
    table = {column: np.atleast_1d(getattr(struct, column)).ravel() for column in columns}
    lengths = {column: len(values) for column, values in table.items()}
    if len(set(lengths.values())) > 1:
        raise UserError(f"{path} is damaged: the columns of {variable!r} differ in length ({lengths}).")
    return table


def numbers(path: Path, column: str, values: np.ndarray) -> np.ndarray:
    """Return a column as float64, where an unknown value is NaN.

    Raises:
        UserError: the column holds something else.
    """
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"{path} is damaged: {column!r} holds something that is not a number.") from error


def text(value: object) -> str | None:
    """Return a cell's text, None where the cell is empty or holds something else."""
    return str(value) if isinstance(value, str) and value else None


def _load(path: Path, variable: str) -> object:
    import scipy.io

    try:
        with open(path, "rb") as file:
            if file.read(4) == _HDF5_SIGNATURE or file.read(508).find(_HDF5_SIGNATURE) >= 0:
                raise UserError(f"{path} is a MATLAB 7.3 file: the version 5 file, as published, is needed.")
            file.seek(0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a variable that cannot be read is reported as missing below
                content = scipy.io.loadmat(
                    file, variable_names=[variable], squeeze_me=True, struct_as_record=False
                )
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}.") from error
    except UserError:
        raise
    except Exception as error:  # SciPy's parser meets damaged bytes with a dozen kinds of exception
        raise UserError(f"{path} is damaged or not a MATLAB file: fetch it again.") from error
    if variable not in content:
        raise UserError(f"{path} is not the expected label file: it holds no variable {variable!r}.")
    return content[variable]
