"""Streams and futures that people give to guests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator
from contextvars import ContextVar
from itertools import islice
from typing import TYPE_CHECKING, Any

from spindle.component.ends import HostFuture, HostReadable, ItemsSource
from spindle.component.values import ValueTypeError
from spindle.typed.conversion import given
from spindle.typed.errors import ArgumentError
from spindle.wasm.types import PrimValType, ValType

if TYPE_CHECKING:
    from spindle.typed.conversion import Conversion
    from spindle.typed.home import Home

awaiting = ContextVar("awaiting", default=False)
"""Whether arguments are converted for a call that is awaited."""


def listed(values: Any, element: ValType | None, give: Conversion, *, is_bytes: bool) -> Any:
    """A stream of what is there already."""
    if is_bytes:
        return Chunks(iter((_chunk(values),)))
    return ItemsSource([_item(value, element, give) for value in values])


def iterated(
    values: Iterable[Any], element: ValType | None, give: Conversion, *, is_bytes: bool
) -> Any:
    """A stream of what an iterable gives, taken as the guest reads."""
    if is_bytes:
        return Chunks(_chunk(value) for value in values)
    return Items(_item(value, element, give) for value in values)


class Chunks(HostReadable):
    """Bytes from an iterator of chunks."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks

    def take(self, limit: int) -> bytes:
        """The next chunk that is not empty."""
        del limit
        return next(filter(None, self._chunks), b"")


class Items(HostReadable):
    """Items from an iterator, one at a time."""

    def __init__(self, items: Iterator[Any]) -> None:
        super().__init__()
        self._items = items

    def take(self, limit: int) -> list[Any]:
        """The next item."""
        del limit
        return list(islice(self._items, 1))


def _chunk(value: Any) -> bytes:
    try:
        return bytes([value]) if isinstance(value, int) else bytes(value)
    except (TypeError, ValueError):
        message = f"a stream<u8> takes bytes, got {type(value).__name__}"
        raise ArgumentError(message) from None


def _item(value: Any, element: ValType | None, give: Conversion) -> Any:
    return None if element is None else given(element, give, value, "an item of the stream: ")


def fed_stream(
    home: Home, values: AsyncIterable[Any], element: ValType | None, give: Conversion
) -> HostReadable:
    """A stream that a task on the running event loop feeds."""
    if element is PrimValType.U8:
        source: Any = BytesFed()
    else:
        source = ItemsSource(ended=False)

    async def feed(post: Callable[..., None]) -> None:
        try:
            async for value in values:
                item = _chunk(value) if element is PrimValType.U8 else _item(value, element, give)
                post(source.put, item)
        finally:
            post(source.end)

    _begin_feeding(home, feed, "an asynchronous iterable")
    return source  # type: ignore[no-any-return]  # either of two


class BytesFed(HostReadable):
    """Bytes that are put in."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: list[bytes] = []
        self._ended = False

    def put(self, chunk: bytes) -> None:
        """Add some."""
        self._chunks.append(chunk)
        self.notify()

    def end(self) -> None:
        """Say that no more will come."""
        self._ended = True
        self.notify()

    def take(self, limit: int) -> bytes | None:
        """All there is."""
        del limit
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks) or (b"" if self._ended else None)


def fed_future(
    home: Home,
    awaited: Awaitable[Any] | None,
    value: Any,
    element: ValType | None,
    give: Conversion,
) -> HostFuture:
    """A future of a value, or one that a task on the running event loop resolves."""
    if awaited is None:
        return HostFuture.of(_item(value, element, give))
    future = HostFuture()

    async def feed(post: Callable[..., None]) -> None:
        post(future.resolve, _item(await awaited, element, give))

    _begin_feeding(home, feed, "an awaitable")
    return future


def _begin_feeding(home: Home, feed: Any, what: str) -> None:
    if not awaiting.get():
        raise ValueTypeError(f"{what} can be given to an awaited call only: use `.aio`")
    task = asyncio.get_running_loop().create_task(feed(home.feeding()))
    task.add_done_callback(lambda done: home.fed(None if done.cancelled() else done.exception()))
