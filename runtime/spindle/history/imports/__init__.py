"""Requests from other tools' texts, as exchange documents without an answer.

    imported = import_requests(text, "http")
    imported.exchanges      # documents, `output` is what a HAR file has, else None
    imported.problems       # what was not understood, each at its line

Reading never fails; what can't be understood is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Json = dict[str, Any]

FORMATS = ("har", "curl", "http", "json")


class Problem(NamedTuple):
    """Something in a text that was not understood."""

    line: int
    """From 0."""
    message: str


class Imported(NamedTuple):
    """What was read."""

    exchanges: tuple[Json, ...]
    problems: tuple[Problem, ...] = ()


Resolve = Callable[[str], str]
"""What stands between `{{` and `}}` to what stands for it; raises `KeyError` if nothing does."""


def import_requests(
    text: str, form: str | None = None, variables: Mapping[str, str] | Resolve | None = None
) -> Imported:
    """The requests of a text in one of `FORMATS`; without one, the text shows which it is."""
    raise NotImplementedError


__all__ = ["FORMATS", "Imported", "Problem", "import_requests"]
