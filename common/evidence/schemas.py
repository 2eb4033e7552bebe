"""The forms that records have had, and how one of an older form is read."""

from __future__ import annotations

from typing import Any

SCHEMA = 2
"""Number of today's form."""


def of_today(content: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a file of any schema as this one has it, less the schema's number.

    Raises:
        ValueError: no version of the suite has written such a schema.
    """
    schema, content = content.get("schema"), {name: content[name] for name in content if name != "schema"}
    # At first there was no other way.
    content.setdefault("deterministic", True)
    if schema == 1:
        # Neither predictions nor weights were hashed.
        return {**content, "predictions": None, "weights": {}}
    if schema != SCHEMA:
        raise ValueError(f"its schema is {schema}, this version reads 1 to {SCHEMA}")
    return content
