"""What every element of a read text is: immutable fields, and the node they were read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self, dataclass_transform

from spindle.manifest.tree import Node
from spindle.text import START, Span

EMPTY: Mapping[str, Any] = {}
"""The default of tables."""
_NOWHERE = Node({}, START)


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Element:
    """Something read from a table; annotated attributes are its fields, given by keyword.

    Elements compare by their fields, without their places. They are not dataclasses because there
    are many kinds, all of which are defined whenever a manifest is read: making a dataclass takes
    ten times as long.
    """

    node: Node = _NOWHERE
    """Where it was read; comparison and representation leave it out."""

    defaults: ClassVar[Mapping[str, object]] = MappingProxyType({"node": _NOWHERE})
    """Fields that may be left out."""
    names: ClassVar[tuple[str, ...]] = ()
    """All fields but `node`."""
    hidden: ClassVar[tuple[str, ...]] = ()
    """Fields whose values must not show in a representation."""

    def __init_subclass__(cls) -> None:
        own = [name for name, kind in cls.__annotations__.items() if "ClassVar" not in str(kind)]
        cls.names = (*cls.names, *(name for name in own if name not in cls.names))
        given = {name: cls.__dict__[name] for name in own if name in cls.__dict__}
        cls.defaults = {**cls.defaults, **given}

    def __init__(self, **values: Any) -> None:
        fields = {**self.defaults, **values}
        if len(fields) != len(self.names) + 1 or not fields.keys() >= {*self.names}:
            wrong = {*self.names, "node"} ^ fields.keys()
            raise TypeError(f"{type(self).__name__}: missing or unknown fields {wrong}")
        self.__dict__.update(fields)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.names)

    __hash__ = None  # type: ignore[assignment]  # fields are tables, which have no hash

    def __repr__(self) -> str:
        shown = (name for name in self.names if name not in self.hidden)
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__name__}({fields})"

    def replaced(self, **changes: Any) -> Self:
        """The same element with some fields changed."""
        return type(self)(**{**self.__dict__, **changes})

    def at(self, *path: str | int) -> Span:
        """Where a value inside stands, or what is nearest to where it should."""
        return self.node.at(*path)

    def key_at(self, *path: str | int) -> Span:
        """Where the key of a value inside stands."""
        return self.node.key_at(*path)

    def texts(self, *path: str | int) -> Iterator[tuple[str, Span]]:
        """The strings of an array inside, each with where it stands."""
        for text, node in self.strings(*path):
            yield text, node.span

    def strings(self, *path: str | int) -> Iterator[tuple[str, Node]]:
        """The strings of an array inside, each with its node, which knows its place when asked."""
        node = self.node.get(*path)
        for item in (node.array if node is not None else None) or ():
            if isinstance(item.value, str):
                yield item.value, item
