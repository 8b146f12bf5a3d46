"""What a binary is made of, by its section headers: quick however large the file.

Only imports, exports and the custom sections that name things are read. Nothing is validated, so a
binary that can't run has an outline too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from spindle.wasm import decoder, modules
from spindle.wasm.decoder import Buffer, Kind, kind_of
from spindle.wasm.definitions import Sort
from spindle.wasm.deftypes import MAX_NESTING, read_import
from spindle.wasm.name_section import SECTION as COMPONENT_NAMES
from spindle.wasm.name_section import ComponentNames, read_subsections
from spindle.wasm.reader import DecodeError, Reader
from spindle.wasm.sections import read_export

LONGEST_NAME = 1000
"""Names are cut after so many characters: they are for people."""
SDK = re.compile(rb"spin-sdk-(version|language|commit)-([0-9A-Za-z._+-]+)\0")
"""An export by which a Spin SDK says what it is, and the code of a function after it."""


class Section(NamedTuple):
    """One section."""

    name: str
    """What kind it is, or what a custom section calls itself."""
    is_custom: bool
    size: int
    """In bytes, its header included."""
    items: int | None = None
    """How many definitions it has; of instances, how many are instantiated."""


@dataclass(slots=True)
class Outline:
    """A component or a core module, and what is nested in it."""

    kind: Kind
    start: int
    end: int
    name: str | None = None
    """What it is called in its source."""
    sections: list[Section] = field(default_factory=list)
    nested: list[Outline] = field(default_factory=list)
    """Components and core modules, in order."""
    imports: list[str] = field(default_factory=list)
    """A component's, without types."""
    exports: list[str] = field(default_factory=list)
    """A component's, without types."""
    producers: list[tuple[str, str, str]] = field(default_factory=list)
    """What made it: the field (`language`, `processed-by`, `sdk`), a name and a version."""

    @property
    def size(self) -> int:
        """In bytes."""
        return self.end - self.start

    def count(self, section: str) -> int:
        """How many items all sections of a kind have."""
        return sum(s.items or 0 for s in self.sections if s.name == section and not s.is_custom)

    def walk(self) -> Iterator[Outline]:
        """This and all that is nested in it, outermost first."""
        yield self
        for part in self.nested:
            yield from part.walk()


def read_outline(data: Buffer) -> Outline:
    """The outline of a binary; raises `DecodeError`."""
    with memoryview(data) as view:
        return _read(Reader(view), kind_of(view), 0)


def _read(reader: Reader, kind: Kind, depth: int) -> Outline:
    if depth >= MAX_NESTING:
        reader.fail(f"components nest more than {MAX_NESTING} deep")
    outline = Outline(kind, reader.position, reader.end)
    names = ComponentNames()
    known = modules.NAMES if kind is Kind.MODULE else decoder.NAMES
    reader.position += 8
    while not reader.at_end:
        at = reader.position
        code = reader.byte()
        body = reader.section()
        if code not in known:
            raise DecodeError(f"unknown section {code:#04x}", at)
        try:
            section = _section(outline, names, code, known[code], body, depth)
        except DecodeError as error:
            raise error.within(f"{known[code]} section") from None
        outline.sections.append(section._replace(size=reader.position - at))
    _give_names(outline, names)
    return outline


def _section(
    outline: Outline, names: ComponentNames, code: int, name: str, body: Reader, depth: int
) -> Section:
    if code == 0:
        name = shortened(body.name())
        # What only people read may be wrong.
        with suppress(DecodeError):
            _custom(outline, names, name, body)
        return Section(name, True, 0)
    if code in (1, 4) and outline.kind is Kind.COMPONENT:
        kind = Kind.MODULE if code == 1 else Kind.COMPONENT
        decoder.check_preamble(body, kind)
        outline.nested.append(_read(body, kind, depth + 1))
        return Section(name, False, 0, 1)
    count = None if name == "start" else Reader(body.data, body.position, body.end).u32()
    if outline.kind is Kind.MODULE:
        if name == "export":
            outline.producers += _sdk(bytes(body.data[body.position : body.end]))
    elif name == "import":
        items = body.vector(read_import)
        outline.imports += [shortened(i.name) for i in items if i.type.sort is not Sort.TYPE]
    elif name == "export":
        found = body.vector(read_export)
        outline.exports += [shortened(e.name) for e in found if e.target.sort is not Sort.TYPE]
    elif name in ("core instance", "instance"):
        count = _instantiated(body)
    return Section(name, False, 0, count)


def _instantiated(body: Reader) -> int | None:
    """How many instances are made of components and modules, in a section of one; else unknown."""
    return int(body.byte() == 0) if body.u32() == 1 else None


def _custom(outline: Outline, names: ComponentNames, name: str, body: Reader) -> None:
    if name == "producers":
        outline.producers += _producers(body)
    elif name == "name" and outline.kind is Kind.MODULE and body.byte() == 0:
        outline.name = shortened(body.section().name())
    elif name == COMPONENT_NAMES and outline.kind is Kind.COMPONENT:
        read_subsections(body, names, (Sort.CORE_MODULE, Sort.COMPONENT))


def _producers(reader: Reader) -> Iterator[tuple[str, str, str]]:
    for _ in range(reader.count()):
        field_ = shortened(reader.name())
        for _ in range(reader.count()):
            yield field_, shortened(reader.name()), shortened(reader.name())


def _sdk(exports: bytes) -> Iterator[tuple[str, str, str]]:
    found = {key.decode(): value.decode() for key, value in SDK.findall(exports)}
    if version := found.get("version"):
        # A version is a name here, and a name has no dots.
        yield "sdk", "Spin SDK", shortened(re.sub(r"(?<=\d)-(?=\d)", ".", version))
    if language := found.get("language"):
        yield "language", shortened(language.capitalize()), ""


def _give_names(outline: Outline, names: ComponentNames) -> None:
    """Name what is nested by what the component around it calls it."""
    outline.name = outline.name or (names.component and shortened(names.component))
    for kind, sort in ((Kind.MODULE, Sort.CORE_MODULE), (Kind.COMPONENT, Sort.COMPONENT)):
        for index, part in enumerate(part for part in outline.nested if part.kind is kind):
            name = names.find(sort, index)
            part.name = shortened(name) if name else part.name


def shortened(name: str) -> str:
    """A name that is not too long."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"
