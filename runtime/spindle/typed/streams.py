"""Streams and futures that guests give, for people: to iterate over and to wait for."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Self

from spindle.component.ends import Pump, on_future
from spindle.component.future import ReadableFuture
from spindle.component.stream import ReadableStream
from spindle.component.values import ValueTypeError
from spindle.errors import GuestError

if TYPE_CHECKING:
    from spindle.component.exports import Instance
    from spindle.typed.conversion import Conversion
    from spindle.typed.home import Home, Running


class StreamEnded(GuestError):
    """A guest let go of a future without a value."""

    code = "stream-ended"


class GuestStream:
    """What a guest streams: an iterator, and an asynchronous one, of chunks of bytes or of items.

    The guest goes on as it is read; closing it, or letting it go, tells the guest.
    """

    def __init__(
        self, home: Home, readable: ReadableStream, take: Conversion, *, is_bytes: bool
    ) -> None:
        self._home = home
        self._readable: ReadableStream | None = readable
        self._take = take
        self._is_bytes = is_bytes
        self._items: deque[Any] = deque()
        self._pump: Pump | None = None
        self._asked: Running | None = None
        """Who waits for the next item."""
        self._ended = False

    def is_of(self, home: Home) -> bool:
        """Whether it is a stream of the instance that lives there."""
        return self._home is home

    def passed(self) -> ReadableStream:
        """The stream to give to the guest it is of, unread."""
        if self._readable is None or self._pump is not None or self._ended:
            raise ValueTypeError("the stream was read, closed or given away before")
        readable, self._readable, self._ended = self._readable, None, True
        return readable

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        found = self._home.run(self._begin_next, "the stream")
        if found is None:
            raise StopIteration
        return found[0]

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        found = await self._home.wait(self._begin_next, "the stream")
        if found is None:
            raise StopAsyncIteration
        return found[0]

    def read(self) -> Any:
        """All that is left: bytes, or a list of items."""
        return self._joined(list(self))

    async def aread(self) -> Any:
        """The same, awaited."""
        return self._joined([item async for item in self])

    def _joined(self, items: list[Any]) -> Any:
        return b"".join(items) if self._is_bytes else items

    def close(self) -> None:
        """Tell the guest that nobody reads any more."""
        if not self._ended:
            self._home.run(self._begin_close, "the stream")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __del__(self) -> None:
        if not getattr(self, "_ended", True) and not self._home.closed:
            self._home.later(_closing(self._pump, self._readable))

    def __repr__(self) -> str:
        return f"<GuestStream{', ended' if self._ended and not self._items else ''}>"

    def _begin_next(self, instance: Instance, running: Running) -> None:
        if self._items:
            running.resolve((self._next(),))
        elif self._ended:
            running.resolve((None,))
        else:
            self._asked = running
            if self._pump is None:
                assert self._readable is not None
                self._pump = Pump(
                    instance.store, self._readable, self._on_chunk, self._on_end, self._wanted
                )
            else:
                self._pump.resume()

    def _wanted(self) -> bool:
        return self._asked is not None

    def _next(self) -> tuple[Any]:
        item = self._items.popleft()
        return (item if self._take is None else self._take(item),)

    def _on_chunk(self, chunk: Any) -> None:
        if self._is_bytes:
            self._items.append(bytes(chunk))
        else:
            self._items.extend(chunk)
        if self._items:
            self._answer()

    def _on_end(self) -> None:
        self._ended = True
        self._answer()

    def _answer(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.resolve((self._next(),) if self._items else (None,))

    def _begin_close(self, _instance: Instance, running: Running) -> None:
        self._ended = True
        self._items.clear()
        _close(self._pump, self._readable)
        running.resolve(())


def _closing(pump: Pump | None, readable: Any) -> Any:
    def begin(_instance: Instance, running: Running) -> None:
        _close(pump, readable)
        running.resolve(())

    return begin


def _close(pump: Pump | None, readable: Any) -> None:
    if pump is not None:
        pump.stop()
    elif readable is not None:
        readable.drop()


class GuestFuture:
    """A value that a guest gives later: `result()` waits for it, and it can be awaited."""

    def __init__(self, home: Home, readable: ReadableFuture, take: Conversion) -> None:
        self._home = home
        self._readable: ReadableFuture | None = readable
        self._take = take
        self._value: tuple[Any] | None = None

    def is_of(self, home: Home) -> bool:
        """Whether it is a future of the instance that lives there."""
        return self._home is home

    def passed(self) -> ReadableFuture:
        """The future to give to the guest it is of."""
        if self._readable is None:
            raise ValueTypeError("the future was read or given away before")
        readable, self._readable = self._readable, None
        return readable

    def result(self) -> Any:
        """The value, once there is one."""
        return self._home.run(self._begin, "the future")

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._home.wait(self._begin, "the future").__await__()

    def __del__(self) -> None:
        readable = getattr(self, "_readable", None)
        if readable is not None and not self._home.closed:
            self._home.later(_closing(None, readable))

    def _begin(self, instance: Instance, running: Running) -> None:
        if self._value is not None:
            running.resolve(self._value)
            return
        if self._readable is None:
            running.fail(StreamEnded("the future is read by somebody else, or was given away"))
            return

        def on_value(value: Any) -> None:
            self._value = (value if self._take is None else self._take(value),)
            running.resolve(self._value)

        readable, self._readable = self._readable, None
        on_future(instance.store, readable, on_value)
