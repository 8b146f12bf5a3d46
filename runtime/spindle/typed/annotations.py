"""Python's names for types of WIT: annotations and signatures."""

from __future__ import annotations

import inspect
import types
from collections.abc import Awaitable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Optional

from spindle.component.error_context import ErrorContext
from spindle.component.values import Err, Ok, attribute
from spindle.typed.classes import NOMINAL, Classes
from spindle.typed.streams import GuestFuture, GuestStream
from spindle.wasm.types import (
    BorrowType,
    FuncType,
    FutureType,
    ListType,
    MapType,
    OptionType,
    OwnType,
    PrimValType,
    ResourceType,
    ResultType,
    StreamType,
    TupleType,
    ValType,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRIMITIVES: dict[PrimValType, type] = {
    PrimValType.BOOL: bool,
    PrimValType.F32: float,
    PrimValType.F64: float,
    PrimValType.CHAR: str,
    PrimValType.STRING: str,
    PrimValType.ERROR_CONTEXT: ErrorContext,
}


class Annotations:
    """The annotations of one component's types."""

    def __init__(self, classes: Classes, resources: Mapping[ResourceType, type]) -> None:
        self._classes = classes
        self._resources = resources

    def signature(self, ft: FuncType, *, method: bool = False) -> inspect.Signature:
        """A function's signature; a method's first parameter is its object."""
        params = [
            inspect.Parameter(
                "self" if method and not number else parameter_name(param.label),
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                annotation=inspect.Parameter.empty
                if method and not number
                else self.of(param.type, given=True),
            )
            for number, param in enumerate(ft.params)
        ]
        return inspect.Signature(params, return_annotation=self.result(ft.result))

    def result(self, t: ValType | None) -> Any:
        """What a function gives: of a `result`, the success."""
        if isinstance(t, ResultType):
            t = t.ok
        return None if t is None else self.of(t)

    def of(self, t: ValType, *, given: bool = False) -> Any:
        """A type's annotation, as it is given to or taken from a guest."""
        if isinstance(t, NOMINAL):
            return self._classes.of(t)
        match t:
            case PrimValType():
                return _PRIMITIVES.get(t, int)
            case ListType(PrimValType.U8):
                return bytes
            case ListType(element):
                return types.GenericAlias(list, (self.of(element),))
            case MapType(key, value):
                return types.GenericAlias(dict, (self.of(key), self.of(value)))
            case TupleType(items):
                return types.GenericAlias(tuple, tuple(map(self.of, items)))
            case OptionType(inner):
                return Optional[self.of(inner)]  # noqa: UP045  # made of types known at run time
            case ResultType():
                return Ok | Err
            case OwnType(resource) | BorrowType(resource):
                return self._resources.get(resource, object)
            case StreamType(element_or_none):
                return self._stream(element_or_none) if given else GuestStream
            case FutureType():
                return Awaitable[Any] if given else GuestFuture
            case _:
                raise AssertionError(f"{t} has no annotation")

    def _stream(self, element: ValType | None) -> Any:
        if element is PrimValType.U8:
            return bytes | Iterator[bytes]
        return types.GenericAlias(Iterable, (None if element is None else self.of(element),))


def parameter_name(label: str) -> str:
    """A parameter's label in Python."""
    name = attribute(label)
    return name + "_" if name == "self" else name
