"""One front end's connection.

Its first message must be `initialize` with the run file's token; whatever else comes first closes
it. Then each request is answered, and what it subscribed to is told.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import ChainMap
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, cast

from spindle.client.framing import BODY_LIMIT, Decoder, FramingError
from spindle.dev.control.answering import (
    CANCELLED,
    REFUSED,
    Answer,
    BadParams,
    Method,
    Params,
    answer_to,
    failure,
)
from spindle.dev.control.feeds import Feed, Following, Json
from spindle.dev.control.wire import encode

STRANGERS_LIMIT = 4096
"""Bytes of a message from someone who has not shown the token."""
STRANGERS_SECONDS = 10.0
"""How long someone may take to show it."""
MOST_UNDER_WAY = 64
"""Calls of one connection that are answered at the same time; further ones wait."""
MOST_FEEDS = 100
"""Subscriptions of one connection."""


class Door(NamedTuple):
    """What a connection needs of the endpoint it came to."""

    methods: Mapping[str, Method]
    knows: Callable[[object], bool]
    """Whether a token is the right one."""
    came: Callable[[Peer], None]
    left: Callable[[Peer], None]


class Peer(asyncio.Protocol):
    """Answers one front end, and tells it what it follows."""

    def __init__(self, door: Door) -> None:
        self._door = door
        own: dict[str, Method] = {
            "host/cancel": self._cancel,
            "host/unsubscribe": self._unsubscribe,
        }
        self._methods = ChainMap(own, cast(dict[str, Method], door.methods))
        self._decoder = Decoder(STRANGERS_LIMIT)
        self._known = False
        self._transport: asyncio.Transport | None = None
        self._hurry: asyncio.TimerHandle | None = None
        self._under_way: dict[asyncio.Future[None], object] = {}
        """What is answered later, with the call's id."""
        self._feeds: dict[int, Feed] = {}
        self._numbers = itertools.count(1)
        self._writable = True
        self._lost = False

    # The connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are not of that class
        loop = asyncio.get_running_loop()
        self._hurry = loop.call_later(STRANGERS_SECONDS, self.hang_up)
        self._door.came(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._hurry is not None:
            self._hurry.cancel()
        for answering in self._under_way:
            _cancelled_soon(answering)
        for feed in self._feeds.values():
            feed.close()
        self._lost = True
        self._leave()

    def data_received(self, data: bytes) -> None:
        if self._waits:
            self._decoder.hold(data)
        else:
            self._read(data)

    def pause_writing(self) -> None:
        """It does not read: answer nothing more, and keep the newest events for it."""
        self._writable = False

    def resume_writing(self) -> None:
        """It has read: go on."""
        self._writable = True
        self._go_on()
        for feed in self._feeds.values():
            feed.flush()

    def hang_up(self) -> None:
        """Close the connection once what was answered is written."""
        assert self._transport is not None, "the connection is made"
        for feed in self._feeds.values():
            feed.flush()
        self._transport.close()

    # Messages.

    def _read(self, data: bytes) -> None:
        """Take messages as long as their answers are read, and there are not too many."""
        assert self._transport is not None, "the connection is made"
        try:
            for message in self._decoder.feed(data):
                self._take(message)
                if self._waits:
                    break
        except FramingError:
            self.hang_up()
        if self._waits and not self._transport.is_closing():
            self._transport.pause_reading()

    @property
    def _waits(self) -> bool:
        return not self._writable or len(self._under_way) >= MOST_UNDER_WAY

    def _go_on(self) -> None:
        """Take what has come meanwhile."""
        if self._waits or self._transport is None or self._transport.is_closing():
            return
        self._transport.resume_reading()
        self._read(b"")

    def _take(self, message: object) -> None:
        assert self._transport is not None, "the connection is made"
        if self._transport.is_closing():
            return
        if not self._known and not self._introduced(message):
            self.hang_up()
            return
        answer = answer_to(message, self._methods)
        if isinstance(answer, Awaitable):
            assert isinstance(message, dict), "nothing else is answered later"
            id_ = message.get("id")
            later = asyncio.ensure_future(self._write_later(answer, id_))
            self._under_way[later] = id_
            later.add_done_callback(self._done)
        elif answer is not None:
            self._answer(answer)

    def _done(self, answering: asyncio.Future[None]) -> None:
        waited = self._waits
        self._under_way.pop(answering)
        if waited:
            self._go_on()
        self._leave()

    def _leave(self) -> None:
        """Be gone once the connection is, and nothing is under way for it."""
        if self._lost and not self._under_way:
            self._door.left(self)

    def _introduced(self, message: object) -> bool:
        """Whether a first message says who may speak here."""
        if not isinstance(message, dict) or message.get("method") != "initialize":
            return False
        params = message.get("params")
        self._known = isinstance(params, dict) and self._door.knows(params.get("token"))
        if self._known:
            self._decoder.limit = BODY_LIMIT
            if self._hurry is not None:
                self._hurry.cancel()
        return self._known

    async def _write_later(self, coming: Awaitable[Answer | None], id_: object) -> None:
        try:
            answer = await coming
        except asyncio.CancelledError:
            self._answer(failure(id_, CANCELLED, "the call was cancelled"))
            raise
        if answer is not None:
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        following = answer.get("result")
        if isinstance(following, Following):
            answer = self._follow(answer, following)
        encoded = encode(answer)
        if len(encoded) > BODY_LIMIT:
            what = f"the answer has {len(encoded):,} bytes, more than can be sent at once"
            encoded = encode(failure(answer["id"], REFUSED, what))
        self._write(encoded)

    def _write(self, message: bytes) -> None:
        assert self._transport is not None, "the connection is made"
        if not self._transport.is_closing():
            self._transport.write(message)

    # Subscriptions.

    def _follow(self, answer: Answer, following: Following) -> Answer:
        if len(self._feeds) >= MOST_FEEDS:
            following.subscription.close()
            return failure(answer["id"], REFUSED, f"{MOST_FEEDS} subscriptions are enough")
        number = next(self._numbers)

        def send(events: list[Json]) -> bool:
            if not self._writable:
                return False
            for message in _notifications(number, events):
                self._write(message)
            return True

        self._feeds[number] = Feed(following, send)
        return {**answer, "result": {"subscription": number}}

    def _unsubscribe(self, params: Params) -> object:
        number = params.get("subscription")
        if not isinstance(number, int):
            raise BadParams("`subscription` must be a number")
        if (feed := self._feeds.pop(number, None)) is not None:
            feed.close()
        return None

    def _cancel(self, params: Params) -> object:
        if (id_ := params.get("id")) is None:
            raise BadParams("`id` must be that of a call")
        for answering, other in list(self._under_way.items()):
            if other == id_:
                _cancelled_soon(answering)
        return None


def _cancelled_soon(answering: asyncio.Future[None]) -> None:
    """Cancel in the loop's next turn: what has not begun would not answer, nor end the rest."""
    answering.get_loop().call_soon(answering.cancel)


def _notifications(number: int, events: list[Json]) -> list[bytes]:
    """The messages that tell of some events: one, unless that would be too long."""
    params = {"subscription": number, "events": events}
    message = encode({"jsonrpc": "2.0", "method": "events", "params": params})
    if len(message) <= BODY_LIMIT:
        return [message]
    if len(events) == 1:
        count = {**events[0], "kind": "dropped", "data": {"count": 1}}
        return _notifications(number, [count])
    middle = len(events) // 2
    return [*_notifications(number, events[:middle]), *_notifications(number, events[middle:])]
