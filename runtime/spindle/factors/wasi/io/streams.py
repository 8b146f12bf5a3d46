"""Byte streams in WASI 0.2, as classes the interfaces hand out.

An `InputStream` reads like `spindle.messages.Body`: some bytes, `b""` at the end, None when there
is nothing yet. A failed stream raises `StreamError`, a closed output stream `Closed`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spindle.factors.http_error import code_of
from spindle.factors.wasi.io.poll import Listener, Pollable, Signal, Unsubscribe
from spindle.messages import Body

WRITE_PERMIT = 1024 * 1024
"""Bytes a stream that is ready takes in one write."""


class IoError:
    """The resource `error`: why the last operation of a stream failed."""

    __slots__ = ("code", "kind", "message")

    def __init__(self, message: str, kind: str = "", code: Any = None) -> None:
        self.message = message
        self.kind = kind
        """Which interface can make more of it: `http`, `filesystem`, `sockets` or none."""
        self.code = code


class StreamError(Exception):
    """An operation on a stream failed."""

    def __init__(self, error: IoError) -> None:
        super().__init__(error.message)
        self.error = error


class Closed(Exception):
    """The stream takes no more bytes."""


class InputStream:
    """Bytes for the guest to read; this one is at its end."""

    def read_nowait(self, limit: int) -> bytes | None:
        """Up to `limit` bytes; `b""` at the end, None when nothing is there yet."""
        return b""

    def is_ready(self) -> bool:
        """Whether a read would tell something new."""
        return True

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told once when readiness may have changed."""
        return lambda: None

    def pollable(self) -> Pollable:
        """What waits for this stream."""
        return Pollable(self.is_ready, self.subscribe)

    def close(self) -> None:
        """The guest dropped the stream."""


class BytesInput(InputStream):
    """Bytes that are all there."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read_nowait(self, limit: int) -> bytes | None:
        """The next bytes."""
        chunk, self._data = self._data[:limit], self._data[limit:]
        return bytes(chunk)


class BodyInput(InputStream):
    """The bytes of a message's body."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._signal = Signal()
        body.on_readable = self._signal.fire

    def read_nowait(self, limit: int) -> bytes | None:
        """The next bytes; the body's failure is an HTTP error."""
        try:
            return self._body.read_nowait(limit)
        except Exception as error:
            raise StreamError(IoError(str(error), "http", code_of(error))) from error

    def is_ready(self) -> bool:
        """Whether bytes, the end or a failure are there."""
        return bool(self._body.buffered) or self._body.ended

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told when more arrives."""
        return self._signal.subscribe(listener)


class OutputStream:
    """Takes the guest's bytes; this one passes them to a function that never waits."""

    def __init__(self, sink: Callable[[bytes], None]) -> None:
        self._sink = sink

    def check_write(self) -> int:
        """How many bytes may be written now; raises `Closed`."""
        return WRITE_PERMIT

    def write(self, data: bytes) -> None:
        """Take bytes; raises `StreamError` or `Closed`."""
        if data:
            self._sink(data)

    def is_ready(self) -> bool:
        """Whether `check_write` would say more than nothing."""
        return True

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told once when readiness may have changed."""
        return lambda: None

    def pollable(self) -> Pollable:
        """What waits for this stream."""
        return Pollable(self.is_ready, self.subscribe)

    def close(self) -> None:
        """The guest dropped the stream."""


class BodyOutput(OutputStream):
    """Writes a message's body."""

    def __init__(self, body: Body) -> None:
        super().__init__(body.feed)
        self.body = body
        self._signal = Signal()
        body.on_drained = self._signal.fire
        body.on_cancelled = self._signal.fire

    def check_write(self) -> int:
        """How many bytes may be written now; a body nobody reads any more is closed."""
        if self.body.cancelled or self.body.ended:
            raise Closed
        return WRITE_PERMIT if self.body.wants_more else 0

    def is_ready(self) -> bool:
        """Whether there is room, or nobody to write for."""
        return self.body.wants_more or self.body.cancelled or self.body.ended

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told when room is made."""
        return self._signal.subscribe(listener)
