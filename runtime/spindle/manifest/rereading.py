"""Reads one text again and again while it is edited, without reading again what didn't change.

A text is cut into sections, each a header and what follows it. The sections of one component, of
one trigger, or of any other top-level table make a unit; a unit is read by itself and kept until
its text changes. What is read is what `read_document` reads, but that a mistake in one unit hides
nothing of the others.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from spindle.diagnostics import Diagnostic
from spindle.manifest.model import Manifest
from spindle.manifest.reader import Memory, Reader
from spindle.manifest.reading import read_manifest_document
from spindle.manifest.syntax import SyntaxProblem, first_complaint, repaired
from spindle.manifest.tree import (
    Builder,
    Document,
    Node,
    Origin,
    read_document,
    syntax_diagnostic,
)
from spindle.text import START

Place = tuple[str | int, ...]
"""What a unit is about: `component, a`, `trigger, http, 3`, `variables`; the root is empty."""


MANY = frozenset({"component", "trigger"})
"""Tables that are made of several units."""


class Irregular(Exception):
    """A text has tables in an order or of kinds that can't be told apart section by section."""


class _Section(NamedTuple):
    """A header with its pairs, or the pairs before the first header."""

    text: str
    line: int


@dataclass(slots=True, eq=False)
class _Unit:
    """What was read of some sections."""

    root: Node
    origins: tuple[Origin, ...]
    problems: list[SyntaxProblem]
    open_ended: bool
    """Whether a section ends before its last value does: a string or array may go on beyond."""


@dataclass(slots=True, eq=False)
class Rereader:
    """The last reading of one text."""

    moved: bool = False
    """Whether anything kept from the reading before now stands in another line."""
    _kept: dict[tuple[str, ...], list[_Unit]] = field(default_factory=dict)

    def read(self, path: Path, text: str) -> Document:
        """Read the text as it is now; trees of earlier readings are of no more use."""
        try:
            return self._read_units(path, text)
        except (Irregular, RecursionError, tomllib.TOMLDecodeError):
            # The last when only sections together are valid: what looks like a header is none.
            self._kept = {}
            return read_document(path, text)

    def _read_units(self, path: Path, text: str) -> Document:
        self.moved = False
        kept: dict[tuple[str, ...], list[_Unit]] = defaultdict(list)
        units: dict[Place, tuple[Sequence[_Section], _Unit]] = {}
        for place, sections in _by_place(_sections(text)).items():
            texts = tuple(section.text for section in sections)
            unit = self._unit(texts, [section.line for section in sections])
            kept[texts].append(unit)
            units[place] = (sections, unit)
        self._kept = kept
        if any(unit.open_ended for _, unit in units.values()) and first_complaint(text) is None:
            raise Irregular
        root = _assembled((place, unit.root) for place, (_, unit) in units.items())
        problems = [p for sections, unit in units.values() for p in _placed(unit, sections)]
        lines = text.split("\n") if problems else []
        said = tuple(syntax_diagnostic(path, lines[p.line], root, p) for p in problems)
        return Document(path, text, root, said)

    def _unit(self, texts: tuple[str, ...], lines: Sequence[int]) -> _Unit:
        """What was read of these texts before, or now."""
        before = self._kept.get(texts)
        if not before:
            return _read_unit(texts, lines)
        unit = before.pop(0)
        for origin, line in zip(unit.origins, lines, strict=True):
            if origin.line != line:
                self.moved = True
                origin.line = line
        return unit


@dataclass(slots=True, eq=False)
class ManifestRereader:
    """Reads the text of one manifest as it is edited."""

    _texts: Rereader = field(default_factory=Rereader)
    _memory: Memory = field(default_factory=dict)

    def read(
        self, path: Path, text: str
    ) -> tuple[Document, Manifest | None, tuple[Diagnostic, ...]]:
        """Read the text as it is now; what earlier readings gave is of no more use."""
        document = self._texts.read(path, text)
        before = self._memory
        if self._texts.moved:
            # What is wrong is remembered with its place.
            before = {key: known for key, known in before.items() if not known.diagnostics}
        reader = Reader(path, before=before)
        manifest, diagnostics = read_manifest_document(document, reader)
        self._memory = reader.now
        return document, manifest, diagnostics


_HEADER_LINE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def _sections(text: str) -> Iterator[_Section]:
    """The text cut before each line that looks like a header; the first has none."""
    starts = [0, *(found.start() for found in _HEADER_LINE.finditer(text))]
    line = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        part = text[start:end]
        yield _Section(part, line)
        line += part.count("\n")


def _by_place(sections: Iterable[_Section]) -> dict[Place, list[_Section]]:
    """Sections by what they are about, in the order in which each is first spoken of."""
    units: dict[Place, list[_Section]] = {}
    triggers: dict[str, int] = defaultdict(int)
    for number, section in enumerate(sections):
        match _header(section.text.partition("\n")[0]) if number else ():
            case ():
                place: Place = ()
            case ("component", id_, *_), False:
                place = ("component", id_)
            case ("trigger", type_), True:
                triggers[type_] += 1
                place = ("trigger", type_, triggers[type_])
            case ("trigger", type_, _, *_), _ if triggers[type_]:
                place = ("trigger", type_, triggers[type_])
            case ("component" | "trigger", *_), _:
                raise Irregular
            case (key, *_), _:
                place = (key,)
            case _:
                # A broken header takes its table with it and touches nothing else.
                place = (number,)
        units.setdefault(place, []).append(section)
    return units


@lru_cache(4096)
def _header(line: str) -> tuple[tuple[str, ...], bool] | None:
    """The keys of a header, and whether it begins an array's element; None when it is broken."""
    try:
        table: object = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    keys = []
    while isinstance(table, dict) and table:
        ((key, table),) = table.items()
        keys.append(key)
    return tuple(keys), isinstance(table, list)


def _read_unit(texts: tuple[str, ...], lines: Sequence[int]) -> _Unit:
    valid, problems = repaired("".join(texts))
    open_ended = bool(problems) and any(map(_is_open_ended, texts))
    origins = tuple(map(Origin, lines))
    builder = Builder()
    start = 0
    for text, origin in zip(texts, origins, strict=True):
        end = start + len(text)
        builder.add(valid[start:end], origin)
        start = end
    return _Unit(builder.root, origins, problems, open_ended)


def _is_open_ended(text: str) -> bool:
    complaint = first_complaint(text)
    return complaint is not None and complaint.at_end


def _assembled(units: Iterable[tuple[Place, Node]]) -> Node:
    """One tree of all units; raises `Irregular` when two of them speak of the same table."""
    root = Node({}, START)
    for place, unit in units:
        if len(place) < 2 and not MANY.isdisjoint(unit.table or ()):
            raise Irregular
        _graft(root, unit, max(0, len(place) - 1))
    return root


def _graft(into: Node, tree: Node, shared: int) -> None:
    """Add what a tree holds; `shared` levels of it are tables that other units add to as well."""
    into_table, tree_table = into.table, tree.table
    assert into_table is not None
    for key, child in (tree_table or {}).items():
        if shared == 0:
            if key in into_table:
                raise Irregular
            into_table[key] = child
            continue
        if child.array is None:
            _graft(into_table.setdefault(key, child.copied({})), child, shared - 1)
            continue
        elements = into_table.setdefault(key, child.copied([])).array
        assert elements is not None
        elements += child.array


def _placed(unit: _Unit, sections: Sequence[_Section]) -> Iterator[SyntaxProblem]:
    """A unit's problems, which count lines from its first section, in the lines of the text."""
    for problem in unit.problems:
        line = problem.line
        for section in sections:
            lines = section.text.count("\n")
            if line < lines or section is sections[-1]:
                yield problem._replace(line=section.line + line)
                break
            line -= lines
