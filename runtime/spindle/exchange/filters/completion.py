"""How an unfinished filter may go on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from spindle.exchange.filters.fields import FAILED, FAILED_HELP, FIELDS, Field

MOST = 50
"""Values of one field that are proposed."""


class Completion(NamedTuple):
    """What may stand in place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str
    help: str


_JOINING = {"not": "the opposite of what follows", "or": "this or that"}
_VALUES: Mapping[str, Iterable[str]] = {
    "status": ("2xx", "3xx", "4xx", "5xx"),
    "method": ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
    "trigger": ("http", "redis", "mqtt", "cron", "command"),
    "slow": ("10ms", "100ms", "1s"),
    "at": ("-5m", "-1h", "-1d"),
    "size": ("1kb", "100kb", "1mb"),
}
_WORD = re.compile(r'(?:"(?:[^"\\]|\\.)*"?|[^\s()"])*$', re.DOTALL)
_COMPARED = re.compile(r"([A-Za-z_]+)(!=|>=|<=|[:=><~])")


def complete(
    text: str, cursor: int, known: Mapping[str, Iterable[str]] | None = None
) -> list[Completion]:
    """What may be written at a cursor; `known` are values of fields, `{"component": ["api"]}`."""
    cursor = max(0, min(cursor, len(text)))
    start = _word_start(text[:cursor])
    word = text[start:cursor]
    if compared := _COMPARED.match(word):
        start += compared.end()
        typed = word[compared.end() :].lstrip('"').lower()
        values = _values(compared[1].lower(), known or {})
        found = [Completion(start, cursor, _quoted(value), "") for value in values]
        return [one for one in found if one.text.lstrip('"').lower().startswith(typed)][:MOST]
    offered = (Completion(start, cursor, text, help) for text, help in _words())
    return [one for one in offered if one.text.startswith(word.lower())]


def _word_start(before: str) -> int:
    """Where the word begins that ends at the end of a text; past a `-` that negates it."""
    word = _WORD.search(before)
    assert word is not None
    return word.start() + (1 if word[0].startswith("-") else 0)


def _words() -> Iterator[tuple[str, str]]:
    for field in FIELDS.values():
        yield f"{field.name}{_usual_operator(field)}", field.help
    yield FAILED, FAILED_HELP
    yield from _JOINING.items()


def _usual_operator(field: Field) -> str:
    if field.inside is not None or field.name == "path":
        return "~"
    return ":" if field.notation is None or field.name == "status" else ">"


def _values(name: str, known: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The values of a field that are known, each once."""
    seen: dict[str, None] = {}
    for value in (*known.get(name, ()), *_VALUES.get(name, ())):
        seen.setdefault(value)
    return iter(seen)


def _quoted(value: str) -> str:
    """A value as it must be written."""
    if value and not re.search(r'[\s()"\\]', value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
