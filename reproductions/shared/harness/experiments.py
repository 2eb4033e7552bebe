"""What an experiment is, and which of its fields decide its result."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


def undecisive(**settings: Any) -> Any:
    """Return a dataclass field that decides no result, or that stands in the record by itself.

    Arguments as of `dataclasses.field`.
    """
    return field(metadata={"decides": False}, **settings)


def added(**settings: Any) -> Any:
    """Return a dataclass field that came after records were made: at its default it is left out of theirs."""
    return field(metadata={"added": True}, **settings)


def decisive(values: Any, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the fields of a dataclass that decide a result, as JSON has them.

    Args:
        values: the dataclass; of dataclasses in its fields likewise.
        without: further fields that decide nothing here.
    """
    found = dataclasses.asdict(values)
    for one in dataclasses.fields(values):
        value = getattr(values, one.name)
        left_out = not one.metadata.get("decides", True) or one.name in without
        if left_out or (one.metadata.get("added") and value == one.default):
            del found[one.name]
        elif dataclasses.is_dataclass(value):
            found[one.name] = decisive(value)
    return found


@dataclass(frozen=True)
class Experiment:
    """One row of a table: it differs from the paper's own row in as little as can be.

    A study's own class adds fields, each of which decides the result unless it is `undecisive`, and says its
    `recipes` by profile.

    Attributes:
        name: of the row's records.
        label: of the row, for tables and logs.
        changes: what its recipe changes of the profile's.
    """

    recipes: ClassVar[Mapping[str, Any]] = {}

    name: str = undecisive()
    label: str = undecisive()
    changes: Mapping[str, Any] = undecisive(default_factory=dict, kw_only=True)

    @property
    def trained(self) -> bool:
        """Whether there is a network to train; of one that is not only the first seed is run."""
        return True

    @property
    def unused(self) -> frozenset[str]:
        """The names of fields, of experiment and recipe, that decide nothing in this row."""
        return frozenset()

    def recipe(self, profile: str) -> Any:
        """Return the recipe of this experiment under a profile."""
        return dataclasses.replace(self.recipes[profile], **self.changes)

    def configuration(self, profile: str) -> dict[str, Any]:
        """Return all that decides the result besides seed, data and number format, for the record."""
        own = decisive(self, self.unused)
        return {**own, "recipe": decisive(self.recipe(profile), self.unused)}
