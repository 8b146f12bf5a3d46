"""Texts of several statements, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TOKEN = re.compile(
    r"""'[^']*'? | "[^"]*"? | `[^`]*`? | \[[^\]]*\]? | --[^\n]* | /\*.*?(?:\*/|\Z) | ;""",
    re.DOTALL | re.VERBOSE,
)
_BLANK = re.compile(r"(?: \s | -- [^\n]* | /\* .*? (?:\*/|\Z) | ; )*", re.DOTALL | re.VERBOSE)
_WORD = re.compile(r"\w+")
_CHANGING = frozenset({"insert", "update", "delete", "replace"})
_LOOKING = frozenset({"select", "explain", "pragma", "values", "with"})


class Statement(NamedTuple):
    """One statement of a text."""

    text: str
    """Without blanks, comments and semicolons before it."""
    start: int
    """Where it begins in the whole text, in characters."""

    @property
    def verb(self) -> str:
        """Its first word in lower case."""
        found = _WORD.match(self.text)
        return found[0].lower() if found else ""

    @property
    def changes_rows(self) -> bool:
        """Whether it is of a kind that changes rows."""
        return self.verb in _CHANGING

    @property
    def only_looks(self) -> bool:
        """Whether it is of a kind that changes nothing."""
        return self.verb in _LOOKING


def statements_of(text: str) -> Iterator[Statement]:
    """The statements of a text, in order; semicolons within a trigger end none."""
    import apsw  # only here: most hosts have no database

    start = _skipped(text, 0)
    for token in _TOKEN.finditer(text):
        if token[0] == ";" and token.end() > start and apsw.complete(text[start : token.end()]):
            yield Statement(text[start : token.end()], start)
            start = _skipped(text, token.end())
    if start < len(text):
        yield Statement(text[start:], start)


def _skipped(text: str, start: int) -> int:
    """Where blanks, comments and semicolons end."""
    found = _BLANK.match(text, start)
    assert found is not None, "it matches nothing, too"
    return found.end()
