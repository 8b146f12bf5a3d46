"""HTTP/1.0 and 1.1 on one connection.

Theory of operation. The reader cuts bytes into requests; each becomes a `Turn`, which is also the
handler's `Reply`. Turns are answered one at a time in the order they came; while one runs, at most
`Limits.pipelined` more are read ahead.

Reading pauses while a request's body is full or too many turns wait; writing a streamed response
pauses while the transport is full. A client that only stops sending still gets its response, if
that begins soon: one that closed its connection looks the same until something is written to it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast

from spindle.messages import Body, Request, first
from spindle.trigger.http.departure import Departure, departure_of
from spindle.trigger.http.reader import ParsedRequest, Rejection, RequestReader
from spindle.trigger.http.site import Site
from spindle.trigger.http.turn import Turn
from spindle.trigger.http.wire import encode_rejection

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_JOIN_BELOW = 32 * 1024
"""Writes smaller than this are copied into one buffer; larger ones are handed over in pieces."""


class Http1Connection(asyncio.Protocol):
    """One client's connection, until it turns out to speak HTTP/2."""

    __slots__ = (
        "_client",
        "_closing",
        "_deadline",
        "_discarded",
        "_half_closed",
        "_incoming",
        "_paused_reading",
        "_prefix",
        "_reader",
        "_rejection",
        "_running",
        "_tls",
        "_transport",
        "_turn",
        "_turns",
        "loop",
        "site",
        "write_paused",
    )

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self.site = site
        self.write_paused = False
        self.loop = loop
        self._transport = cast("asyncio.Transport", None)
        self._client = ("", 0)
        self._tls = False
        self._prefix: bytes | None = b""
        """The first bytes, while they may be HTTP/2's preface."""
        self._reader = RequestReader(site.limits, self._take_request)
        self._deadline: float | None = None
        self._closing = False
        self._half_closed = False
        self._rejection = 0
        """The status that ends the connection once earlier turns are answered."""
        self._paused_reading = False
        self._discarded = 0
        """Bytes read of a request's body after its response was complete."""
        self._turn: Turn | None = None
        self._turns: deque[Turn] = deque()
        self._running = False
        self._incoming: Body | None = None
        """The body of the request read last, while it is incomplete."""

    # The transport's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self._client = (peer[0], peer[1])
        self.site.connections.add(self)
        tls = transport.get_extra_info("ssl_object")
        self._tls = tls is not None
        if tls is not None and tls.selected_alpn_protocol() == "h2":
            self._become_http2(b"")

    def data_received(self, data: bytes) -> None:
        if self._closing or self._rejection:
            return
        if self._prefix is not None:
            data = self._prefix + data
            if _PREFACE.startswith(data[: len(_PREFACE)]):
                self._take_preface(data)
                return
            self._prefix = None
        self._read(data)

    def eof_received(self) -> bool:
        self._reader.fail_body("the client stopped sending before the body's end")
        if self._turn is None or self._closing:
            return False
        for turn in (self._turn, *self._turns):
            turn.last = turn is (self._turns[-1] if self._turns else self._turn)
        self._half_closed = True
        self._deadline = self.loop.time() + self.site.limits.half_closed_seconds
        return not self._tls  # A TLS transport cannot stay half open.

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self.site.leave(self)
        lost = [] if self._turn is None else [self._turn, *self._turns]
        self.site.requests -= self._turn is not None
        self._turn = None
        self._turns.clear()
        self._reader.fail_body("the client went away before the body's end")
        for turn in lost:
            turn.lose()

    def pause_writing(self) -> None:
        self.write_paused = True

    def resume_writing(self) -> None:
        self.write_paused = False
        if self._turn is not None:
            self._turn.pump()

    # The server's side.

    def check_deadline(self, now: float) -> None:
        if self._paused_reading and not self._half_closed:
            self._notice_departure(now)
        if self._deadline is None or now < self._deadline:
            return
        if self._closing:
            self._transport.abort()
        elif self._half_closed:
            self._deadline = now + self.site.limits.half_closed_seconds
            if self._turn is not None and not self._turn.answered:
                self._transport.abort()
        else:
            self._deadline = None
            self._reject(408)

    def _notice_departure(self, now: float) -> None:
        """Find out what reading would tell, if what came before were read."""
        departure = departure_of(self._transport)
        if departure is Departure.GONE:
            self._transport.abort()
        elif departure is Departure.STOPPED:
            self._half_closed = True
            self._deadline = now + self.site.limits.half_closed_seconds

    def drain(self) -> None:
        if self._turn is None:
            self._close()

    def abort(self) -> None:
        self._transport.abort()

    # Reading: bytes to turns.

    def _take_preface(self, data: bytes) -> None:
        if len(data) >= len(_PREFACE):
            self._become_http2(data)
        else:
            self._prefix = data
            self._watch_head(begun=True)

    def _become_http2(self, data: bytes) -> None:
        # Imported by the first such connection: it costs every start 20 ms otherwise.
        from spindle.trigger.http.h2 import Http2Connection

        self.site.connections.discard(self)
        protocol = Http2Connection(self.site, self.loop)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        if data:
            protocol.data_received(data)

    def _read(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
        except Rejection as rejection:
            self._reject(rejection.status)
            return
        if self._incoming is not None:
            self._watch_body(len(data))
        if self._closing:
            return
        if self._reader.in_head or self._deadline is not None:
            self._watch_head(begun=self._reader.in_head)
        if self._turns or self._incoming is not None or self._paused_reading:
            self._update_reading()

    def _watch_head(self, *, begun: bool) -> None:
        if not begun:
            self._deadline = None
        elif self._deadline is None:
            self._deadline = self.loop.time() + self.site.limits.head_seconds

    def _watch_body(self, size: int) -> None:
        assert self._incoming is not None
        if self._incoming.ended:
            self._incoming = None
            self._discarded = 0
        elif self._turn is None:
            self._discarded += size
            if self._discarded > self.site.limits.discarded_bytes:
                self._linger()

    def _update_reading(self) -> None:
        self._reader.blocked = len(self._turns) >= self.site.limits.pipelined
        body = self._incoming
        full = body is not None and not (body.wants_more or body.cancelled)
        pause = not self._closing and (full or self._reader.blocked)
        if pause == self._paused_reading or self._transport.is_closing():
            return
        self._paused_reading = pause
        if pause:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _take_request(self, parsed: ParsedRequest) -> None:
        method, target, headers, body, http10, keep_alive = parsed
        request = Request(
            method,
            self.site.scheme,
            target.authority,
            target.path_with_query,
            headers,
            body,
            self._client,
            "1.0" if http10 else "1.1",
        )
        if not body.ended:
            self._incoming = body
            body.on_drained = body.on_cancelled = self._update_reading
        turn = Turn(self, request, http10=http10, last=not keep_alive)
        self._turns.append(turn)
        self._reader.blocked = len(self._turns) > self.site.limits.pipelined
        if self._turn is None:
            self._run_turns()

    # Answering: turns in order.

    def _run_turns(self) -> None:
        # A handler may answer at once, and so may the next: a loop, not recursion.
        if self._running:
            return
        self._running = True
        try:
            while self._turn is None and self._turns and not self._closing:
                self._turn = turn = self._turns.popleft()
                self._run(turn)
        finally:
            self._running = False

    def _run(self, turn: Turn) -> None:
        request = turn.request
        self.site.requests += 1
        try:
            self.site.handle(request, turn)
        except Exception as error:
            turn.fail(error)
        if (
            not request.body.ended
            and not turn.answered
            and not self._closing
            and first(request.headers, b"expect") is not None
        ):
            self._transport.write(_CONTINUE)

    def write(self, parts: list[bytes]) -> None:
        """Write the pieces of a response."""
        if len(parts) == 1:
            self._transport.write(parts[0])
        elif sum(map(len, parts)) < _JOIN_BELOW:
            self._transport.write(b"".join(parts))
        else:
            self._transport.writelines(parts)

    def finish_turn(self, turn: Turn) -> None:
        """Go on after a response was handed to the transport."""
        if turn is not self._turn:
            return
        self._turn = None
        self.site.requests -= 1
        if turn.last or (self.site.draining and not self._turns):
            if turn.request.body.ended:
                self._close()
            else:
                turn.request.body.cancel()
                self._linger()
            return
        if not turn.request.body.ended:
            turn.request.body.cancel()
        self._run_turns()
        if self._turn is None and not self._turns:
            if self._rejection:
                self._reject(self._rejection)
            elif self._reader.blocked:
                self._reader.blocked = False
                self._read(b"")

    def _reject(self, status: int) -> None:
        if self._reader.in_body:
            # The request this belongs to has its own response: there is no place for another.
            self._reader.fail_body("the client sent a malformed or overlong body")
            if self._turn is None:
                self._linger()
                return
            (self._turns[-1] if self._turns else self._turn).last = True
        self._rejection = status
        if self._turn is None:
            self._transport.write(encode_rejection(status))
            self._linger()

    def _close(self) -> None:
        self._closing = True
        self._transport.close()

    def _linger(self) -> None:
        """Close once the client has seen the response: cutting off its sending would lose it."""
        self._closing = True
        if not self._transport.can_write_eof():
            self._transport.close()
            return
        self._transport.write_eof()
        self._deadline = self.loop.time() + self.site.limits.linger_seconds
        if self._paused_reading:
            self._paused_reading = False
            self._transport.resume_reading()
