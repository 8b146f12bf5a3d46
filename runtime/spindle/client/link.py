"""A connection to a host's control endpoint that calls and follows at the same time (asyncio)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self, cast

from spindle.client.failures import HostUnreachable, check_length, result_of
from spindle.client.framing import BODY_LIMIT, Decoder, FramingError, encode_message
from spindle.client.run_file import PROTOCOL, RunFile

MOST_WAITING = 10_000
"""Events of one stream that wait to be read; of more, the oldest are lost."""


class Event(NamedTuple):
    """Something that happened in the host."""

    kind: str
    """`exchange.finished`, `log`, …; `dropped` for what was read too slowly."""
    at: float
    """Seconds since the epoch."""
    data: Any = None


Read = Callable[[Event], Event]
"""Makes what a stream yields of what came over the wire."""


def _as_it_came(event: Event) -> Event:
    return event


class Link:
    """One connection; calls may be made at the same time."""

    def __init__(self, pid: int) -> None:
        """See `open`."""
        self.pid = pid
        self.closed: asyncio.Future[HostUnreachable | None] = (
            asyncio.get_running_loop().create_future()
        )
        """What ended the connection, once it has ended; None if it was this side."""
        self._wire = _Wire(self._take, self._lost)
        self._calls = 0
        self._waiting: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._streams: dict[int, Stream] = {}
        """By the numbers of their subscriptions."""
        self._subscribing: dict[int, Stream] = {}
        """By the number of the call whose answer has that number."""

    @classmethod
    async def open(cls, run_file: RunFile, *, timeout: float = 5.0) -> Self:  # noqa: ASYNC109 - see `call`
        """A link that is ready for calls; raises `HostUnreachable` and `CallFailed`."""
        link = cls(run_file.pid)
        try:
            async with asyncio.timeout(timeout):
                await link._wire.connect(run_file.endpoint)
                introduction = {"token": run_file.token, "protocol": PROTOCOL}
                await link.call("initialize", introduction, timeout=None)
        except (OSError, ValueError) as error:  # timeouts are OSErrors
            await link.close()
            why = str(error) or f"nothing within {timeout:g} s"
            raise HostUnreachable(f"no host answers at `{run_file.endpoint}`: {why}") from error
        except BaseException:
            await link.close()
            raise
        return link

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = 30.0,  # noqa: ASYNC109 - the error says who timed out
    ) -> Any:
        """A method's result; raises `CallFailed` with the host's words, or `HostUnreachable`."""
        return result_of(await self._ask(method, params or {}, timeout))

    def events(
        self, method: str, params: Mapping[str, Any] | None = None, read: Read = _as_it_came
    ) -> Stream:
        """What a `…/subscribe` method tells, as lists of what has come since the last one."""
        return Stream(self, method, params or {}, read)

    async def close(self) -> None:
        """Hang up; calls under way raise `HostUnreachable`, streams end."""
        self._end(None)
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def subscribe(self, stream: Stream, method: str, params: Mapping[str, Any]) -> int:
        """The number of a new subscription; its events go to a stream."""
        self._subscribing[self._calls + 1] = stream
        answer = await self._ask(method, params, 30.0)
        return int(result_of(answer)["subscription"])

    def unsubscribe(self, number: int) -> None:
        """Want no more events of a subscription."""
        self._streams.pop(number, None)
        if not self.closed.done():
            params = {"subscription": number}
            self._write({"jsonrpc": "2.0", "method": "host/unsubscribe", "params": params})

    async def _ask(
        self, method: str, params: Mapping[str, Any], within: float | None
    ) -> Mapping[str, Any]:
        self._check_open()
        self._calls += 1
        number = self._calls
        coming = asyncio.get_running_loop().create_future()
        self._waiting[number] = coming
        try:
            self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            async with asyncio.timeout(within):
                answer: Mapping[str, Any] = await coming
        except asyncio.CancelledError:
            self._cancel(number)
            raise
        except TimeoutError:
            self._cancel(number)
            raise HostUnreachable(
                f"host {self.pid} does not answer `{method}` within {within:g} s"
            ) from None
        finally:
            self._waiting.pop(number, None)
            self._subscribing.pop(number, None)
        return answer

    def _cancel(self, number: int) -> None:
        """Have the host stop what it does for a call."""
        if not self.closed.done():
            self._write({"jsonrpc": "2.0", "method": "host/cancel", "params": {"id": number}})

    def _write(self, message: Mapping[str, Any]) -> None:
        encoded = encode_message(message)
        self._wire.write(check_length(str(message["method"]), encoded, BODY_LIMIT))

    def _check_open(self) -> None:
        if self.closed.done():
            raise self.closed.result() or HostUnreachable(f"the link to host {self.pid} is closed")

    def _take(self, message: Mapping[str, Any]) -> None:
        if message.get("method") == "events":
            self._take_events(message["params"])
            return
        number = message.get("id", 0)
        stream, result = self._subscribing.get(number), message.get("result")
        if stream is not None and result is not None:
            self._streams[result["subscription"]] = stream  # at once: its events may be next
        coming = self._waiting.get(number)
        if coming is not None and not coming.done():
            coming.set_result(message)

    def _take_events(self, params: Mapping[str, Any]) -> None:
        number = params["subscription"]
        if (stream := self._streams.get(number)) is None:
            self.unsubscribe(number)  # whoever wanted it does no more
        else:
            stream.put([Event(**event) for event in params["events"]])

    def _lost(self, error: Exception | None) -> None:
        why = error or "it closed the connection"
        self._end(HostUnreachable(f"host {self.pid} does not answer: {why}"))

    def _end(self, why: HostUnreachable | None) -> None:
        if self.closed.done():
            return
        self.closed.set_result(why)
        for coming in self._waiting.values():
            if not coming.done():
                coming.set_exception(why or HostUnreachable(f"the link to host {self.pid} closed"))
        for stream in list(self._streams.values()):
            stream.wake()


class Stream:
    """Events of one subscription: `async for events in stream`.

    It begins with the first step, which raises what is wrong with the subscription, and ends with
    the link or `aclose`; `Link.closed` says why.
    """

    def __init__(self, link: Link, method: str, params: Mapping[str, Any], read: Read) -> None:
        """See `Link.events`."""
        self._link = link
        self._method = method
        self._params = params
        self._read = read
        self._number: int | None = None
        self._events: deque[Event] = deque(maxlen=MOST_WAITING)
        self._lost = 0
        """Events lost on this side since the last were read."""
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Subscribe, if that was not done yet: what happens from here on is told."""
        if self._number is None and not self._closed:
            self._number = await self._link.subscribe(self, self._method, self._params)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Event]:
        await self.start()
        while not self._events:
            if self._closed or self._link.closed.done():
                raise StopAsyncIteration
            await self._wait_put()
        return self._taken()

    async def aclose(self) -> None:
        """Listen no more; whoever waits for events is told that there are none."""
        self._closed = True
        if self._number is not None:
            self._link.unsubscribe(self._number)
        self.wake()

    def put(self, events: list[Event]) -> None:
        """Keep events until they are read, at the cost of the oldest."""
        self._lost += max(0, len(self._events) + len(events) - MOST_WAITING)
        self._events.extend(events)
        self.wake()

    def wake(self) -> None:
        """Have whoever waits look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _taken(self) -> list[Event]:
        taken = [self._read(event) for event in self._events]
        if self._lost:
            lost = Event("dropped", taken[0].at, {"count": self._lost})
            taken.insert(0, self._read(lost))
        self._events.clear()
        self._lost = 0
        return taken

    async def _wait_put(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None


class _Wire(asyncio.Protocol):
    """The bytes of a link."""

    def __init__(
        self,
        on_message: Callable[[Mapping[str, Any]], None],
        on_lost: Callable[[Exception | None], None],
    ) -> None:
        self._on_message = on_message
        self._on_lost = on_lost
        self._decoder = Decoder()
        self._transport: asyncio.Transport | None = None
        self._gone = asyncio.Event()

    async def connect(self, endpoint: str) -> None:
        """Reach a host; raises `OSError`, and `ValueError` for what is no endpoint."""
        loop = asyncio.get_running_loop()
        kind, _, address = endpoint.partition(":")
        if kind == "unix":
            await loop.create_unix_connection(lambda: self, address)
        else:
            host, _, port = address.rpartition(":")
            await loop.create_connection(lambda: self, host, int(port))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of that class

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._decoder.feed(data):
                if isinstance(message, dict):
                    self._on_message(message)
        except (FramingError, LookupError, TypeError) as error:
            self._on_lost(error)
            self._abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._gone.set()
        self._on_lost(exc)

    def write(self, message: bytes) -> None:
        """Send bytes, in time."""
        assert self._transport is not None, "the wire is connected"
        self._transport.write(message)

    async def close(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._abort()
            await self._gone.wait()

    def _abort(self) -> None:
        assert self._transport is not None, "the wire is connected"
        self._transport.abort()
