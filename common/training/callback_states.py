"""What a callback must remember over a kill, told as JSON, and whether a stored state can be its."""

from __future__ import annotations

from typing import Any

import keras


def callback_state(callback: keras.callbacks.Callback) -> dict:
    """Return what `callback` must remember: its `get_state()` (JSON values), else its plain attributes.

    The plain attributes are those of Keras' own EarlyStopping, ReduceLROnPlateau and ModelCheckpoint: `best`,
    `wait`, ...

    Raises:
        ValueError: it is an EarlyStopping that restores weights, which would be lost.
    """
    if hasattr(callback, "get_state"):
        return callback.get_state()
    if getattr(callback, "restore_best_weights", False):
        raise ValueError("a checkpoint does not hold the best weights that EarlyStopping would restore")
    return {k: v for k, v in vars(callback).items() if v is None or isinstance(v, (bool, int, float, str))}


def restore_callback(callback: keras.callbacks.Callback, state: dict) -> None:
    """Give `callback` back what `callback_state` returned, through its `set_state` where it has one."""
    if hasattr(callback, "set_state"):
        callback.set_state(state)
    else:
        vars(callback).update(state)


def fits_callback(callback: keras.callbacks.Callback, stored: dict) -> bool:
    """Return whether a stored state can be a callback's: of its names, with values of the kind of now's."""
    state = callback_state(callback)
    if hasattr(callback, "set_state"):
        known = state.keys() == stored.keys()
    else:
        known = stored.keys() <= vars(callback).keys()
    return known and all(_alike(state[name], value) for name, value in stored.items() if name in state)


def _alike(here: Any, there: Any) -> bool:
    """Return whether two values are of a kind; None may become a number, and lists may grow."""
    if isinstance(here, list):
        return isinstance(there, list) and _numbers(there)
    if here is None or _is_number(here):
        return there is None or _is_number(there)
    return type(here) is type(there)


def _numbers(values: list) -> bool:
    return all(_numbers(one) if isinstance(one, list) else _is_number(one) for one in values)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
