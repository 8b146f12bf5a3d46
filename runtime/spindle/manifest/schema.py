"""The vocabulary in which a manifest's schema is written.

A schema is data: the reader checks a tree against it and builds the model from it, and hover,
completion, the JSON schema and the reference pages are drawn from the same data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from spindle.manifest.ids import Grammar


class Text(NamedTuple):
    """A string, possibly of a grammar."""

    grammar: Grammar | None = None


class Integer(NamedTuple):
    """A whole number within inclusive limits."""

    minimum: int | None = None
    maximum: int | None = None


class Boolean(NamedTuple):
    """`true` or `false`."""


class Anything(NamedTuple):
    """Any value, kept as it is."""


class AnyTable(NamedTuple):
    """A table with any content, kept as it is."""


class Array(NamedTuple):
    """Elements of one type, read into a tuple; bad elements are left out."""

    of: Type


class Map(NamedTuple):
    """A table whose keys the person chooses, read into a dict; bad entries are left out."""

    of: Type
    keys: Grammar | None = None


class Key(NamedTuple):
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
    renamed: str | None = None
    """The key that means the same and is not deprecated."""
    converted: Callable[[object], str | None] | None = None
    """The value, as plain data, as the renamed key takes it in TOML; None when it can't be."""


class Record(NamedTuple):
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
    mistaken: Mapping[str, str] = MappingProxyType({})
    """Keys people write by mistake, and what they mean."""

    def key(self, name: str) -> Key | None:
        """The key of a name."""
        return next((key for key in self.keys if key.name == name), None)

    def default(self, key: Key) -> object:
        """What a key means when it is missing; None when it has no default."""
        return self._defaults.get(key.field or key.name)

    def needs(self, key: Key) -> bool:
        """Whether the model can't be built without a key."""
        name = key.name if key.field is None else key.field
        return key.required and name != "" and name not in self._defaults

    @property
    def _defaults(self) -> Mapping[str, object]:
        return getattr(self.model, "defaults", {})


class Choice(NamedTuple):
    """One of several types, told apart by the kind of value, tables by their keys."""

    alternatives: tuple[Type, ...]
    expected: str
    """What to call them all in a message: `a string or a table`."""


class Tagged(NamedTuple):
    """Tables of several kinds, told apart by the text of their `type`."""

    variants: Mapping[str, Record]


Type = Text | Integer | Boolean | Anything | AnyTable | Array | Map | Record | Choice | Tagged
