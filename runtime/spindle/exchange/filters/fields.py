"""What filters may ask about."""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """A word that stands before an operator."""

    name: str
    kind: str
    """`text`, `number`, `duration`, `size`, `time`, `flag`."""
    help: str


FIELDS: dict[str, Field] = {}
