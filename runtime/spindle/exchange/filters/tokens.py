"""Filters cut into tokens.

filter     = { "(" | ")" | "-" | word }        between blanks
word       = comparison | value
comparison = field operator value              with or without blanks around the operator
value      = "quoted, with \\" and \\\\" | what has no blank, parenthesis or quote
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from spindle.exchange.filters.problems import FilterError

LONGEST = 2000
"""Characters a filter may have."""


class Value(NamedTuple):
    """A text of a filter, without its quotes."""

    text: str
    quoted: bool
    start: int
    end: int


class Token(NamedTuple):
    """A mark (`(`, `)`, `-`), a comparison, or a word."""

    mark: str
    name: Value | None
    """The field of a comparison."""
    operator: str
    value: Value | None
    start: int
    end: int


_BLANKS = re.compile(r"\s*")
_MARK = re.compile(r"[()]|-(?=\S)")
_COMPARED = re.compile(r"([A-Za-z_]+)\s*(!=|>=|<=|[:=><~])")
_OPERATOR = re.compile(r"[:=<>~!]")
_PLAIN = re.compile(r'[^\s()"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


def cut(text: str) -> Iterator[Token]:
    """The tokens of a filter; raises `FilterError`."""
    if len(text) > LONGEST:
        raise FilterError(f"a filter has at most {LONGEST} characters", LONGEST)
    if "\0" in text:
        raise FilterError("a filter has no zero characters", text.index("\0"), 1)
    at = _past_blanks(text, 0)
    while at < len(text):
        token = _token(text, at)
        yield token
        at = _past_blanks(text, token.end)


def _token(text: str, at: int) -> Token:
    if mark := _MARK.match(text, at):
        return Token(mark[0], None, "", None, at, mark.end())
    if compared := _COMPARED.match(text, at):
        return _comparison(text, compared)
    if operator := _OPERATOR.match(text, at):
        hint = "write a field before it, as in `status>=500`, or put the text in quotes"
        raise FilterError(f"`{operator[0]}` compares nothing", at, 1, hint)
    value = _value(text, at)
    return Token("", None, "", value, at, value.end)


def _comparison(text: str, compared: re.Match[str]) -> Token:
    name = Value(compared[1], False, compared.start(), compared.end(1))
    at = _past_blanks(text, compared.end())
    if at == len(text) or text[at] in "()":
        written = f"{compared[1]}{compared[2]}"
        raise FilterError(f"nothing follows `{written}`", compared.start(), len(written))
    value = _value(text, at)
    return Token("", name, compared[2], value, name.start, value.end)


def _value(text: str, at: int) -> Value:
    if text[at] != '"':
        plain = _PLAIN.match(text, at)
        assert plain is not None
        return Value(plain[0], False, at, plain.end())
    quoted = _QUOTED.match(text, at)
    if quoted is None:
        raise FilterError("a quote is not closed", at, len(text) - at, 'end it with `"`')
    unescaped = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
    return Value(unescaped, True, at, quoted.end())


def _past_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return at if blanks is None else blanks.end()
