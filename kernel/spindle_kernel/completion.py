"""What may come next in a cell: routes, headers, exports, imports, keys and filters.

Pure: what there is to choose from is in `Known`, which whoever runs the notebook fills in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from spindle_kernel.cells import VERBS, is_request

HEADERS = (
    "accept", "authorization", "cache-control", "content-type", "cookie", "host", "if-none-match",
    "origin", "range", "user-agent", "x-forwarded-for",
)  # fmt: skip
MEDIA_TYPES = (
    "application/json", "application/octet-stream", "application/x-www-form-urlencoded",
    "text/html", "text/plain",
)  # fmt: skip
TRIGGERS = ("redis", "mqtt", "cron", "command")
"""Types of triggers that can be fired by hand."""

_VERB = re.compile(r"[A-Z]{1,7}")
_TARGET = re.compile(rf"(?:{'|'.join(VERBS)})[ \t]+(\S*)")
_CALL = re.compile(
    r"app\.(?:aio\.)?(?:get|post|put|patch|delete|head|options|match|bench|request)"
    r"\((?:\s*[\"'][A-Z]+[\"']\s*,)?\s*[\"'](?:[A-Z]+ )?([^\"']*)$"
)
_TRIGGER = re.compile(r"app\.(?:aio\.)?fire\([\"']([^\"']*)$")
_INTERFACE = re.compile(r"app\.mock\([\"']([^\"']*)$")
_KEY = re.compile(r"app\.kv(?:\([\"']([^\"']*)[\"']\))?\[[\"']([^\"']*)$")
_FILTER = re.compile(r"exchanges\((?:where\s*=\s*)?(?:\"([^\"]*)|'([^']*))$")
_COMPONENT = re.compile(r"app\.(?:build|logs)\((?:[^)]*,\s*)?[\"']([^\"']*)$")
_ATTRIBUTE = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\.(\w*)$")


class Completions(NamedTuple):
    """Texts for what is between two places of the cell."""

    matches: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Known:
    """What there is, each asked for when it is needed."""

    routes: Callable[[], Iterable[str]] = tuple
    components: Callable[[], Iterable[str]] = tuple
    interfaces: Callable[[], Iterable[str]] = tuple
    """What guests import, without versions."""
    keys: Callable[[str, str], Iterable[str]] = lambda _store, _prefix: ()
    """The keys of a store that begin with a text."""
    attributes: Callable[[str], Iterable[str]] = lambda _expression: ()
    """The attributes of an expression that names a component, a part of it or the application."""
    filters: Callable[[str], tuple[int, Sequence[str]]] = lambda text: (len(text), ())
    """Where the last part of a filter begins, and how it may go on."""


def complete_cell(cell: str, cursor: int, known: Known) -> Completions | None:
    """What may come next at a place; None if that is for Python to say."""
    before = cell[:cursor]
    line = before.rpartition("\n")[2]
    if line.startswith("%"):
        return None  # IPython knows ours as well
    if is_request(cell) or cell.startswith("%%http"):
        return _in_request(before, line, cursor, known)
    if _VERB.fullmatch(before.strip()) and "\n" not in before.strip():
        found = _chosen([f"{verb} " for verb in VERBS], line, cursor)
        return found if found.matches else None
    return _in_python(line, cursor, known)


def _in_request(before: str, line: str, cursor: int, known: Known) -> Completions | None:
    if "{{" in line and "}}" not in line.rpartition("{{")[2]:
        return _in_python(line.rpartition("{{")[2], cursor, known)
    if target := _TARGET.fullmatch(line):
        return _chosen(known.routes(), target.group(1), cursor)
    if _VERB.fullmatch(line):
        return _chosen([f"{verb} " for verb in VERBS], line, cursor)
    request = re.split(r"^###.*$", before, flags=re.MULTILINE)[-1].lstrip("\n")
    if "\n\n" in request or "\n" not in request:
        return None  # a body, or a comment
    name, colon, value = line.partition(":")
    if not colon:
        return _chosen([f"{header}: " for header in HEADERS], line.lower(), cursor)
    if name.lower() in ("content-type", "accept"):
        return _chosen(MEDIA_TYPES, value.lstrip(), cursor)
    return None


def _in_python(line: str, cursor: int, known: Known) -> Completions | None:
    if call := _CALL.search(line):
        return _chosen(known.routes(), call.group(1), cursor)
    if key := _KEY.search(line):
        return _chosen(known.keys(key.group(1) or "default", key.group(2)), key.group(2), cursor)
    if where := _FILTER.search(line):
        text = where.group(1) or where.group(2) or ""
        start, matches = known.filters(text)
        return Completions(tuple(matches), cursor - len(text) + start, cursor)
    if trigger := _TRIGGER.search(line):
        return _chosen(TRIGGERS, trigger.group(1), cursor)
    if interface := _INTERFACE.search(line):
        return _chosen(known.interfaces(), interface.group(1), cursor)
    if component := _COMPONENT.search(line):
        return _chosen(known.components(), component.group(1), cursor)
    if attribute := _ATTRIBUTE.search(line):
        names = tuple(known.attributes(attribute.group(1)))
        return _chosen(names, attribute.group(2), cursor) if names else None
    return None


def _chosen(candidates: Iterable[str], typed: str, cursor: int) -> Completions:
    matches = tuple(dict.fromkeys(each for each in candidates if each.startswith(typed)))
    return Completions(matches, cursor - len(typed), cursor)
