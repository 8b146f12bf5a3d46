"""How an unfinished filter may go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Completion(NamedTuple):
    """What may stand in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str
    help: str


def complete(
    text: str, cursor: int, known: Mapping[str, Iterable[str]] | None = None
) -> list[Completion]:
    """What may be written at a cursor; `known` are values of fields, `{"component": ["api"]}`."""
    return []
