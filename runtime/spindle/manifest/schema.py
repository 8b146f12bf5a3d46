"""The vocabulary in which a manifest's schema is written.

A schema is data: the reader checks a tree against it and builds the model from it, and hover,
completion, the JSON schema and the reference pages are drawn from the same data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field

from spindle.manifest.ids import Grammar


@dataclass(frozen=True, slots=True)
class Text:
    """A string, possibly of a grammar."""

    grammar: Grammar | None = None


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within inclusive limits."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value, kept as it is."""


@dataclass(frozen=True, slots=True)
class AnyTable:
    """A table with any content, kept as it is."""


@dataclass(frozen=True, slots=True)
class Array:
    """Elements of one type, read into a tuple; bad elements are left out."""

    of: Type


@dataclass(frozen=True, slots=True)
class Map:
    """A table whose keys the person chooses, read into a dict; bad entries are left out."""

    of: Type
    keys: Grammar | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table."""

    name: str
    type: Type
    doc: str
    """Markdown: what it is, in a sentence or two."""
    required: bool = False
    deprecated: str | None = None
    """What to use instead."""
    field: str | None = None
    """The model's field when it isn't named like the key."""


@dataclass(frozen=True, slots=True)
class Record:
    """A table with known keys, read into `model(**values, node=…)`.

    A key that is missing or wrong takes the default of the model's field; without one the whole
    table is left out.
    """

    name: str
    keys: tuple[Key, ...]
    model: Callable[..., object]
    doc: str = ""
    rest: Type | None = None
    """The type of keys not listed; without one they are unknown. They go to the field `rest`."""
    lenient: bool = False
    """Whether Spin ignores unknown keys here, so that they are only warned of."""
    mistaken: Mapping[str, str] = field(default_factory=dict)
    """Keys people write by mistake, and what they mean."""

    def key(self, name: str) -> Key | None:
        """The key of a name."""
        return next((key for key in self.keys if key.name == name), None)

    def default(self, key: Key) -> object:
        """What a key means when it is missing; None when it has no default."""
        found = self._field(key)
        if found is None:
            return None
        if found.default_factory is not MISSING:
            return found.default_factory()
        return None if found.default is MISSING else found.default

    def needs(self, key: Key) -> bool:
        """Whether the model can't be built without a key."""
        found = self._field(key)
        return found is not None and found.default is MISSING and found.default_factory is MISSING

    def _field(self, key: Key) -> Field[object] | None:
        fields: dict[str, Field[object]] = getattr(self.model, "__dataclass_fields__", {})
        return fields.get(key.name if key.field is None else key.field)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several types, told apart by the kind of value, tables by their keys."""

    alternatives: tuple[Type, ...]
    expected: str
    """What to call them all in a message: `a string or a table`."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Tables of several kinds, told apart by the text of their `type`."""

    variants: Mapping[str, Record]


Type = Text | Integer | Boolean | Anything | AnyTable | Array | Map | Record | Choice | Tagged
