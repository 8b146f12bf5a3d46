"""The components a composition is made of, and what it is made into."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from spindle.errors import ComponentError
from spindle.wasm.decoder import decode
from spindle.wasm.definitions import Attributes, Export, ImportDecl
from spindle.wasm.types import ComponentType
from spindle.wasm.validator import component_type


class CompositionError(ComponentError):
    """Components do not fit together."""

    code = "composition"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One component of a composition, equal to itself alone: it is instantiated once."""

    name: str
    """What people call it; any text."""
    data: bytes
    type: ComponentType
    """With resources of its own, shared with no other part."""
    attributes: Mapping[tuple[str, str], Attributes]
    """Those of names that have any, by `import` or `export` and name."""


def read_part(name: str, data: bytes) -> Part:
    """A component's bytes as a part; raises `DecodeError` and `ValidationError`."""
    component = decode(data)
    attributes = {
        ("import" if isinstance(one, ImportDecl) else "export", one.name): one.attributes
        for one in component.definitions
        if isinstance(one, ImportDecl | Export) and any(one.attributes)
    }
    return Part(name, data, component_type(component, data), attributes)


class Import(NamedTuple):
    """An import of a part."""

    part: Part
    name: str


class Provided(NamedTuple):
    """An export of a part."""

    part: Part
    name: str


Wires: TypeAlias = Mapping[Import, Provided]
"""What each import that a part satisfies is satisfied by."""


@dataclass(frozen=True, slots=True, eq=False)
class Composition:
    """One component that nests others."""

    pieces: tuple[bytes, ...]
    """Its bytes, those of the parts as they were given."""
    parts: tuple[Part, ...]
    """In the order of the root's instances: the n-th instance nested in the root is of the n-th
    part."""

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(map(len, self.pieces))

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes, in hexadecimal."""
        whole = hashlib.sha256()
        for piece in self.pieces:
            whole.update(piece)
        return whole.hexdigest()
