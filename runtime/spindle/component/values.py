"""Component values as Python values.

| type | Python |
|---|---|
| `bool`, integers, floats, `char`, `string` | `bool`, `int`, `float`, `str`, `str` |
| `list<u8>` | `bytes`; bytes-like objects and iterables of integers are taken too |
| other lists, `tuple` | `list`, `tuple` |
| `map` | `dict`, or a list of pairs where a key is there twice; either is taken |
| `record` | a named tuple with the fields in snake_case; a tuple, dict or object is taken too |
| `variant` | `Variant(case, value)`; a pair, or a bare label without payload, is taken too |
| `enum` | its label |
| `flags` | `frozenset` of labels; any iterable of labels is taken |
| `option<T>` | `None` or the value; `Some(value)` where `T` is an option itself |
| `result` | `Ok(value)` or `Err(value)`, the value None where there is no payload |
| `own`, `borrow` | the host's own object, or `Resource` for one a guest implements |
| `stream`, `future` | the readable side |
| `error-context` | `ErrorContext` |
"""

from __future__ import annotations

import functools
import keyword
from collections import namedtuple
from typing import Any, NamedTuple, TypeVar

from spindle.errors import UserError
from spindle.wasm.types import RecordType

_T = TypeVar("_T")


class ValueTypeError(UserError):
    """A Python value does not fit the component type it is passed as."""

    code = "value-type"


def _equal_to_its_kind(cls: type[_T]) -> type[_T]:
    """Named tuples compare as tuples; `Ok(1)` must differ from `Err(1)`."""

    def equal(self: tuple[Any], other: object) -> bool:
        return self.__class__ is other.__class__ and tuple.__eq__(self, other)

    def differ(self: tuple[Any], other: object) -> bool:
        return not equal(self, other)

    def hashed(self: tuple[Any]) -> int:
        return hash((cls.__name__, *self))

    cls.__eq__ = equal  # type: ignore[method-assign,assignment]  # the named tuple's own
    cls.__ne__ = differ  # type: ignore[method-assign,assignment]  # the named tuple's own
    cls.__hash__ = hashed  # type: ignore[method-assign,assignment]  # the named tuple's own
    return cls


@_equal_to_its_kind
class Ok(NamedTuple):
    """The success of a `result`."""

    value: Any = None


@_equal_to_its_kind
class Err(NamedTuple):
    """The error of a `result`."""

    value: Any = None


@_equal_to_its_kind
class Some(NamedTuple):
    """The value of an `option` whose type is an option itself."""

    value: Any


class Variant(NamedTuple):
    """A case of a `variant` by its label, with its payload if it has one."""

    case: str
    value: Any = None


def attribute(label: str) -> str:
    """A label as a Python attribute: `content-type` is `content_type`, `from` is `from_`."""
    name = label.replace("-", "_").lower()
    return name + "_" if keyword.iskeyword(name) else name


@functools.lru_cache(maxsize=4096)
def record_class(t: RecordType) -> type[tuple[Any, ...]]:
    """The named tuple a record type's values are instances of."""
    return namedtuple("Record", [attribute(field.label) for field in t.fields])
