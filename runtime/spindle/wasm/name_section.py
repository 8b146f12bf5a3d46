"""The names a component's `component-name` section gives it and its definitions.

The section is for people only and may be wrong: what cannot be read is left out.

Spec: Binary.md#name-section.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from spindle.wasm.decoder import Buffer
from spindle.wasm.definitions import Component, CustomSection, Sort
from spindle.wasm.deftypes import read_sort
from spindle.wasm.reader import DecodeError, Reader

SECTION = "component-name"
COMPONENT, SORT = 0, 1


@dataclass(slots=True)
class ComponentNames:
    """What a component and its definitions are called in its source."""

    component: str | None = None
    definitions: dict[Sort, Mapping[int, str]] = field(default_factory=dict)
    """For each sort, names by index."""

    def find(self, sort: Sort, index: int) -> str | None:
        """The name of a definition, if it has one."""
        return self.definitions.get(sort, {}).get(index)


def read_names(data: Buffer, component: Component) -> ComponentNames:
    """The names in a component of a file, not those of components nested in it."""
    names = ComponentNames()
    with memoryview(data) as view:
        for section in component.definitions:
            if isinstance(section, CustomSection) and section.name == SECTION:
                with suppress(DecodeError):
                    read_subsections(Reader(view, section.start, section.end), names)
    return names


def read_subsections(
    reader: Reader, names: ComponentNames, sorts: Container[Sort] = tuple(Sort)
) -> None:
    """Add what a name section says, of definitions of some sorts."""
    while not reader.at_end:
        kind = reader.byte()
        body = reader.section()
        if kind == COMPONENT:
            names.component = body.name()
        elif kind == SORT:
            sort = read_sort(body)
            if sort in sorts:
                names.definitions[sort] = dict(body.vector(read_name))


def read_name(reader: Reader) -> tuple[int, str]:
    """An index and its name."""
    return reader.u32(), reader.name()
