"""Resources, streams and futures between people and guests: what values cannot stand for."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Iterable, Mapping, Sequence
from typing import Any

from spindle.component.canon.mismatch import type_name
from spindle.component.future import ReadableFuture
from spindle.component.resource import Resource
from spindle.component.stream import ReadableStream
from spindle.component.values import ValueTypeError
from spindle.typed.conversion import Conversion
from spindle.typed.feeding import fed_future, fed_stream, iterated, listed
from spindle.typed.home import Home
from spindle.typed.resources import GuestResource
from spindle.typed.streams import GuestFuture, GuestStream
from spindle.wasm.types import BorrowType, OwnType, PrimValType, ResourceType, ValType


class Handles:
    """The conversions of one component's handles."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.resources: dict[ResourceType, type[GuestResource]] = {}
        """The classes of the resources the component implements."""

    def give_resource(self, t: OwnType | BorrowType) -> Conversion:
        """The host's own objects pass as they are."""
        cls = self.resources.get(t.resource)
        if cls is None:
            return None
        owned = isinstance(t, OwnType)

        def converted(value: Any) -> Resource:
            if not isinstance(value, cls):
                raise ValueTypeError(f"expected {cls.__name__}, got {type(value).__name__}")
            return value._passed(owned=owned)

        return converted

    def take_resource(self, resource: ResourceType) -> Conversion:
        """A guest's resource becomes an object of its class."""
        cls = self.resources.get(resource)
        return None if cls is None else cls._of

    def give_stream(self, element: ValType | None, give: Conversion) -> Conversion:
        """Bytes, sequences, iterables and asynchronous iterables become streams."""
        is_bytes = element is PrimValType.U8

        def converted(value: Any) -> Any:
            if isinstance(value, GuestStream) and value.is_of(self._home):
                return value.passed()
            if isinstance(value, ReadableStream):
                return value
            if isinstance(value, AsyncIterable):
                return fed_stream(self._home, value, element, give)
            if isinstance(value, str | Mapping) or not isinstance(value, Iterable):
                wrong = f"expected {_stream_name(element)}, got {type(value).__name__}"
                raise ValueTypeError(f"{wrong}; it takes bytes or an iterable")
            if isinstance(value, Sequence | bytearray | memoryview):
                return listed(value, element, give, is_bytes=is_bytes)
            return iterated(value, element, give, is_bytes=is_bytes)

        return converted

    def take_stream(self, element: ValType | None, take: Conversion) -> Conversion:
        """A guest's stream becomes something to iterate over."""
        is_bytes = element is PrimValType.U8
        return lambda readable: GuestStream(self._home, readable, take, is_bytes=is_bytes)

    def give_future(self, element: ValType | None, give: Conversion) -> Conversion:
        """A value is a future that is done; what can be awaited becomes one that will be."""

        def converted(value: Any) -> Any:
            if isinstance(value, GuestFuture) and value.is_of(self._home):
                return value.passed()
            if isinstance(value, ReadableFuture):
                return value
            awaited = value if isinstance(value, Awaitable) else None
            return fed_future(self._home, awaited, value, element, give)

        return converted

    def take_future(self, take: Conversion) -> Conversion:
        """A guest's future becomes something to wait for."""
        return lambda readable: GuestFuture(self._home, readable, take)


def _stream_name(element: ValType | None) -> str:
    return f"stream<{type_name(element)}>"
