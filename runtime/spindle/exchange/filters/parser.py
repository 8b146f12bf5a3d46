"""Texts to filters.

filter  = { unary | "or" }            "or" binds less than standing side by side, or "and"
unary   = { "not" | "-" } primary
primary = "(" filter ")" | comparison | word
"""

from __future__ import annotations

import time

from spindle.exchange.filters.fields import FAILED, FIELDS, Field
from spindle.exchange.filters.filter import (
    All,
    Failed,
    Filter,
    Inside,
    Not,
    Number,
    Term,
    Text,
    Word,
    any_of,
)
from spindle.exchange.filters.patterns import Pattern, containing, exactly, globbing
from spindle.exchange.filters.problems import FilterError
from spindle.exchange.filters.tokens import Token, Value, cut
from spindle.text import nearest_name, quoted_list

MOST_TERMS = 100
DEEPEST = 20
"""Parentheses and negations within one another."""


def parse_filter(text: str, now: float | None = None) -> Filter:
    """The filter a text says; an empty one lets everything pass. Raises `FilterError`.

    `now`, seconds since the epoch, is what `at>-5m` counts from.
    """
    parser = _Parser(list(cut(text)), len(text), time.time() if now is None else now)
    return Filter(text, parser.whole())


class _Parser:
    """Goes over the tokens once."""

    def __init__(self, tokens: list[Token], end: int, now: float) -> None:
        self._tokens = tokens
        self._at = 0
        self._end = end
        self._now = now
        self._terms = 0

    def whole(self) -> Term:
        if not self._tokens:
            return All(())
        term = self._any(0)
        if (token := self._next()) is not None:
            raise FilterError("`)` closes no parenthesis", token.start, 1)
        return term

    def _any(self, depth: int) -> Term:
        terms = [self._all(depth)]
        while self._take("or"):
            terms.append(self._all(depth))
        return terms[0] if len(terms) == 1 else any_of(terms)

    def _all(self, depth: int) -> Term:
        terms = [self._unary(depth)]
        while (token := self._next()) is not None and token.mark != ")" and not _says(token, "or"):
            self._take("and")
            terms.append(self._unary(depth))
        return terms[0] if len(terms) == 1 else All(tuple(terms))

    def _unary(self, depth: int) -> Term:
        token = self._next()
        if token is None:
            raise FilterError("the filter ends too early", self._end, 0, "leave out the last word")
        if depth > DEEPEST:
            raise FilterError("too much is nested here", token.start, token.end - token.start)
        self._at += 1
        if token.mark == "-" or _says(token, "not"):
            return Not(self._unary(depth + 1))
        if token.mark == "(":
            return self._nested(token, depth + 1)
        if token.mark == ")" or _says(token, "or") or _says(token, "and"):
            written = token.mark or (token.value.text if token.value else "")
            raise FilterError(
                f"nothing stands before `{written}`", token.start, token.end - token.start
            )
        return self._leaf(token)

    def _nested(self, opening: Token, depth: int) -> Term:
        term = self._any(depth)
        token = self._next()
        if token is None:
            raise FilterError("a parenthesis is not closed", opening.start, 1, "end it with `)`")
        self._at += 1
        return term

    def _leaf(self, token: Token) -> Term:
        assert token.value is not None
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise FilterError(f"a filter has at most {MOST_TERMS} terms", token.start)
        if token.name is not None:
            return _compared(_field(token.name), token.operator, token.value, token, self._now)
        if token.value.text.lower() == FAILED and not token.value.quoted:
            return Failed()
        return Word(token.value.text)

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, word: str) -> bool:
        token = self._next()
        if token is None or not _says(token, word):
            return False
        self._at += 1
        return True


_NO_FIELD = f"there are {quoted_list(FIELDS)}; a text that is looked for can be quoted"


def _says(token: Token, word: str) -> bool:
    """Whether a token is one of the words that join terms."""
    value = token.value
    return (
        token.name is None and value is not None and not value.quoted and value.text.lower() == word
    )


def _field(name: Value) -> Field:
    field = FIELDS.get(name.text.lower())
    if field is not None:
        return field
    length = name.end - name.start
    if name.text.lower() == FAILED:
        hint = f"write `{FAILED}` alone, or `not {FAILED}`"
        raise FilterError(f"`{FAILED}` has no value", name.start, length, hint)
    near = nearest_name(name.text.lower(), FIELDS)
    hint = f"did you mean `{near}`?" if near else _NO_FIELD
    raise FilterError(f"exchanges have no `{name.text}`", name.start, length, hint)


def _compared(field: Field, operator: str, value: Value, token: Token, now: float) -> Term:
    if operator not in field.operators:
        kind = "a text" if field.notation is None else "a number"
        hint = f"it can be compared by {quoted_list(field.operators)}"
        raise FilterError(
            f"`{field.name}` is {kind}, which `{operator}` does not compare",
            token.start,
            token.end - token.start,
            hint,
        )
    if operator == "!=":
        return Not(_compared(field, "=", value, token, now))
    if field.notation is not None:
        return _number(field, operator, value, now)
    pattern = _pattern(operator, value.text)
    if field.inside is None:
        return Text(field, pattern)
    words = tuple(word for word in pattern.words if word not in field.unpacked)
    return Inside(field, pattern, words)


def _pattern(operator: str, text: str) -> Pattern:
    if operator == "~":
        return containing(text)
    return globbing(text) if operator == ":" else exactly(text)


def _number(field: Field, operator: str, value: Value, now: float) -> Term:
    assert field.notation is not None
    numbers = field.notation.read(value.text, now)
    if numbers is None:
        message = f"`{value.text}` is not what `{field.name}` is compared with"
        length = value.end - value.start
        raise FilterError(message, value.start, length, f"write {field.notation.form}")
    return Number(field, "=" if operator == ":" else operator, numbers)
