"""A schema as a page of a reference: every table with its keys, in Markdown."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from spindle.manifest.schema import (
    AnyTable,
    Anything,
    Array,
    Boolean,
    Choice,
    Integer,
    Key,
    Map,
    Record,
    Tagged,
    Text,
    Type,
)


class Section(NamedTuple):
    """One table: where it stands first, and how that is written."""

    place: tuple[int, ...]
    """The numbers of the keys on the way there."""
    heading: str
    record: Record


class _Place(NamedTuple):
    """A value's place while tables are looked for."""

    numbers: tuple[int, ...]
    path: str
    within_array: bool = False
    tag: str = ""
    one_of_many: bool = False
    """Whether tables of other kinds may stand here as well."""


def render_reference(root: Record, title: str, introduction: str) -> str:
    """The page; the first table is the file itself."""
    sections = _sections(root)
    anchors = _anchors(sections)
    lines = [f"# {title}", "", introduction, ""]
    for section in sections:
        lines += _section(section, anchors)
    return "\n".join(lines).rstrip() + "\n"


def _sections(root: Record) -> list[Section]:
    """All tables in the order of their keys; one that stands in several places has the topmost."""
    found: dict[int, Section] = {}
    waiting = deque([(_Place((), ""), root)])
    while waiting:
        place, record = waiting.popleft()
        if id(record) in found:
            continue
        found[id(record)] = Section(place.numbers, _heading(place, record), record)
        for number, key in enumerate(record.keys):
            path = f"{place.path}.{key.name}".lstrip(".")
            waiting += _tables(_Place((*place.numbers, number), path), key.type)
        if record.rest is not None:
            path = f"{place.path}.<type>"
            waiting += _tables(_Place((*place.numbers, len(record.keys)), path), record.rest)
    return sorted(found.values(), key=lambda section: section.place)


def _tables(place: _Place, type_: Type) -> Iterator[tuple[_Place, Record]]:
    match type_:
        case Record():
            yield place, type_
        case Array(of):
            yield from _tables(place._replace(within_array=True), of)
        case Map(of):
            yield from _tables(place._replace(path=f"{place.path}.<name>"), of)
        case Choice(alternatives):
            many = sum(isinstance(one, Record) for one in alternatives) > 1
            for number, one in enumerate(alternatives):
                numbers = (*place.numbers, number)
                yield from _tables(place._replace(numbers=numbers, one_of_many=many), one)
        case Tagged(variants):
            for number, (tag, record) in enumerate(variants.items()):
                numbers = (*place.numbers, number)
                yield place._replace(numbers=numbers, tag=tag), record


def _heading(place: _Place, record: Record) -> str:
    if not place.path:
        return "The file"
    path = f"[{place.path}]" if place.within_array else place.path
    if place.tag:
        return f"`[{path}]` of type `{place.tag}`"
    needed = ", ".join(f"`{key.name}`" for key in record.keys if key.required)
    return f"`[{path}]` with {needed}" if place.one_of_many else f"`[{path}]`"


def _section(section: Section, anchors: dict[int, str]) -> Iterator[str]:
    record = section.record
    yield f"## {section.heading}"
    yield ""
    if record.doc:
        yield record.doc
        yield ""
    yield "| Key | Value | |"
    yield "|---|---|---|"
    for key in record.keys:
        yield _row(f"`{key.name}`", _value(key.type, anchors), _meaning(record, key))
    if record.rest is not None:
        yield _row("any other", _value(record.rest, anchors), "")
    yield ""


def _meaning(record: Record, key: Key) -> str:
    parts = [key.doc]
    if key.required:
        parts.append("**Required.**")
    if key.deprecated is not None:
        parts.append(f"**Deprecated:** use {key.deprecated}.")
    default = record.default(key)
    if isinstance(default, bool):
        parts.append(f"`{str(default).lower()}` when missing.")
    return " ".join(parts)


def _value(type_: Type, anchors: dict[int, str]) -> str:
    match type_:
        case Text(grammar):
            return "string" if grammar is None else f"string: {grammar.noun.strip(chr(39))}"
        case Integer(minimum, maximum):
            return "integer" + _limits(minimum, maximum)
        case Boolean():
            return "boolean"
        case Anything():
            return "anything"
        case AnyTable():
            return "table"
        case Array(of):
            return f"array of {_value(of, anchors)}"
        case Map(of):
            return f"table by name of {_value(of, anchors)}"
        case Record():
            return f"[table](#{anchors[id(type_)]})"
        case Choice(alternatives):
            return " or ".join(dict.fromkeys(_value(one, anchors) for one in alternatives))
        case Tagged(variants):
            kinds = (f"[`{tag}`](#{anchors[id(record)]})" for tag, record in variants.items())
            return f"table of `type` {', '.join(kinds)}"


def _limits(minimum: int | None, maximum: int | None) -> str:
    if minimum is None and maximum is None:
        return ""
    if minimum == maximum:
        return f" {minimum}"
    return f" from {minimum}" + (f" to {maximum}" if maximum is not None else "")


def _anchors(sections: list[Section]) -> dict[int, str]:
    """Where each table's heading is, as GitHub names it."""
    counts: dict[str, int] = {}
    anchors = {}
    for section in sections:
        name = re.sub(r"[^\w\- ]", "", section.heading.lower()).replace(" ", "-")
        number = counts.get(name, 0)
        counts[name] = number + 1
        anchors[id(section.record)] = f"{name}-{number}" if number else name
    return anchors


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
