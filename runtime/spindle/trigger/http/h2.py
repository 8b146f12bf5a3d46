"""HTTP/2 on one connection: `h2` keeps the protocol's state, streams carry requests.

A request's bytes are acknowledged only as fast as its body is read, so that a stalled guest holds
back its client and nobody else; a response is written as far as its windows and the transport go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
from hyperframe.frame import GoAwayFrame

from spindle.messages import Body, BodyError, Headers, Request, Response
from spindle.trigger.http.target import MAX_TARGET, parse_target
from spindle.trigger.http.wire import HeadError, http2_fields, lower_names

if TYPE_CHECKING:
    from spindle.trigger.http.site import Site

_WINDOW = 256 * 1024
"""Bytes a client may send on a stream before it is acknowledged."""
_UNREAD = 1024 * 1024
"""Bytes a client may leave unread before nothing more is read from it: most frames are answered."""
_CONFIG = h2.config.H2Configuration(
    client_side=False, header_encoding=None, validate_outbound_headers=False
)


class Http2Connection(asyncio.Protocol):
    """One client's connection, speaking HTTP/2 from its preface on."""

    def __init__(self, site: Site, loop: asyncio.AbstractEventLoop) -> None:
        self.site = site
        self._loop = loop
        self._transport = cast("asyncio.Transport", None)
        self._client = ("", 0)
        self._h2 = h2.connection.H2Connection(_CONFIG)
        self._streams: dict[int, Stream] = {}
        self._resets = 0
        self._write_paused = False
        self._receiving = False
        self._deadline: float | None = None

    # The transport's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        if isinstance(peer, tuple):
            self._client = (peer[0], peer[1])
        self.site.connections.add(self)
        limits = self.site.limits
        codes = h2.settings.SettingCodes
        head_bytes = min(limits.head_bytes, 128 * 1024)
        self._h2.decoder.max_header_list_size = head_bytes
        self._h2.local_settings = h2.settings.Settings(
            client=False,
            initial_values={
                codes.MAX_CONCURRENT_STREAMS: limits.streams,
                codes.INITIAL_WINDOW_SIZE: _WINDOW,
                codes.MAX_HEADER_LIST_SIZE: head_bytes,
                codes.ENABLE_CONNECT_PROTOCOL: 0,
            },
        )
        self._h2.initiate_connection()
        # The windows of streams bound what is held; the connection's own only must not be less.
        self._h2.increment_flow_control_window(limits.streams * _WINDOW)
        self._deadline = self._loop.time() + limits.head_seconds
        self.flush()

    def data_received(self, data: bytes) -> None:
        self._receiving = True
        try:
            for event in self._h2.receive_data(data):
                if self._transport.is_closing():
                    break  # it has hung up on what came before in the same read
                self._deadline = None  # It does speak HTTP/2.
                self._take_event(event)
        except h2.exceptions.ProtocolError:
            self._receiving = False
            self._hang_up()
            return
        finally:
            self._receiving = False
        self._write_streams()
        self.flush()
        if self._transport.get_write_buffer_size() > _UNREAD:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.site.leave(self)
        streams = list(self._streams.values())
        self._streams.clear()
        self.site.requests -= len(streams)
        for stream in streams:
            stream.lose("the client went away before the body's end")

    def pause_writing(self) -> None:
        self._write_paused = True

    def resume_writing(self) -> None:
        self._write_paused = False
        self._transport.resume_reading()
        self._write_streams()
        self.flush()

    # The server's side.

    def check_deadline(self, now: float) -> None:
        if self._deadline is not None and now >= self._deadline:
            self._transport.abort()

    def drain(self) -> None:
        # `h2` would refuse to send anything after a GOAWAY of its own.
        goaway = GoAwayFrame(0, last_stream_id=self._h2.highest_inbound_stream_id)
        self._transport.write(goaway.serialize())
        self._close_if_drained()

    def abort(self) -> None:
        self._transport.abort()

    # Events.

    def _take_event(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                self._begin(event)
            case h2.events.DataReceived():
                self._take_data(event)
            case h2.events.TrailersReceived():
                self._stream_of(event, lambda stream: stream.take_trailers(event.headers))
            case h2.events.StreamEnded():
                self._stream_of(event, Stream.end_request)
            case h2.events.StreamReset():
                self._reset(event)
            case h2.events.ConnectionTerminated():
                self._transport.close()

    def _stream_of(self, event: object, act: Callable[[Stream], None]) -> None:
        stream = self._streams.get(event.stream_id)  # type: ignore[attr-defined]  # has one
        if stream is not None:
            act(stream)

    def _begin(self, event: h2.events.RequestReceived) -> None:
        stream_id = event.stream_id
        request = _read_request(event.headers, self.site.scheme, self._client)
        ended = event.stream_ended is not None
        if isinstance(request, int):
            self._refuse(stream_id, request, ended=ended)
            return
        if ended:
            request.body = Body.of(b"")
        stream = Stream(self, stream_id, request)
        self._streams[stream_id] = stream
        self.site.requests += 1
        try:
            self.site.handle(request, stream)
        except Exception as error:
            stream.fail(error)

    def _refuse(self, stream_id: int, status: int, *, ended: bool) -> None:
        self._h2.send_headers(stream_id, [(b":status", b"%d" % status)], end_stream=True)
        if not ended:
            self._h2.reset_stream(stream_id, h2.errors.ErrorCodes.NO_ERROR)

    def _take_data(self, event: h2.events.DataReceived) -> None:
        stream = self._streams.get(event.stream_id)
        size = event.flow_controlled_length or 0
        if stream is not None:
            stream.take_data(event.data or b"", size)
        elif size:
            self.acknowledge(event.stream_id, size)

    def _reset(self, event: h2.events.StreamReset) -> None:
        stream = self._streams.pop(event.stream_id, None)
        if stream is None:
            return
        self.site.requests -= 1
        self._resets += not stream.answered
        stream.lose("the client cancelled the request")
        if self._resets > self.site.limits.reset_streams:
            self._h2.close_connection(h2.errors.ErrorCodes.ENHANCE_YOUR_CALM)
            self._hang_up()

    def _hang_up(self) -> None:
        """Say why and close, whether the client reads it or not."""
        self.flush()
        self._transport.close()
        self._deadline = self._loop.time() + self.site.limits.linger_seconds

    # What streams ask for.

    def acknowledge(self, stream_id: int, size: int) -> None:
        """Let the client send as many bytes again."""
        try:
            self._h2.acknowledge_received_data(size, stream_id)
        except (h2.exceptions.StreamClosedError, h2.exceptions.ProtocolError):
            return
        self.flush()

    def room(self, stream_id: int) -> int:
        """Bytes that may be sent on a stream now."""
        if self._write_paused:
            return 0
        return min(self._h2.local_flow_control_window(stream_id), self._h2.max_outbound_frame_size)

    def send_head(self, stream_id: int, fields: Headers, *, end: bool) -> None:
        """Send a response's head, or trailers."""
        self._h2.send_headers(stream_id, fields, end_stream=end)

    def send_data(self, stream_id: int, data: bytes, *, end: bool) -> None:
        """Send at most `room` bytes."""
        self._h2.send_data(stream_id, data, end_stream=end)

    def finish(self, stream: Stream, error: h2.errors.ErrorCodes | None = None) -> None:
        """Forget a stream whose response is sent, resetting it if either side is unfinished."""
        if self._streams.pop(stream.stream_id, None) is not None:
            self.site.requests -= 1
        if error is not None:
            self._h2.reset_stream(stream.stream_id, error)
        self.flush()
        self._close_if_drained()

    def flush(self) -> None:
        """Hand the transport what `h2` has to say; once a read, however many events it held."""
        if not self._receiving and (data := self._h2.data_to_send()):
            self._transport.write(data)

    def _write_streams(self) -> None:
        for stream in list(self._streams.values()):
            if self._write_paused:
                return
            stream.pump()

    def _close_if_drained(self) -> None:
        if self.site.draining and not self._streams:
            self._transport.close()


class Stream:
    """One request on an HTTP/2 connection: the `Reply` its handler gets."""

    __slots__ = (
        "_body",
        "_connection",
        "_pumping",
        "_trailers",
        "_unacknowledged",
        "answered",
        "on_gone",
        "request",
        "stream_id",
    )

    at_once = False
    """A guest may end what it does for a client that went away."""

    def __init__(self, connection: Http2Connection, stream_id: int, request: Request) -> None:
        self.stream_id = stream_id
        self.request = request
        self.answered = False
        self.on_gone: Callable[[], None] | None = None
        self._connection: Http2Connection | None = connection
        self._body: Body | None = None
        self._pumping = False
        self._trailers: Headers | None = None
        self._unacknowledged = 0
        request.body.on_drained = request.body.on_cancelled = self._acknowledge

    # The handler's side.

    def send(self, response: Response) -> None:
        connection = self._connection
        if connection is None or self.answered:
            response.body.cancel()
            return
        try:
            fields = http2_fields(response)
        except HeadError as error:
            response.body.cancel()
            self.fail(error)
            return
        self.answered = True
        body = response.body
        bodiless = self.request.method == "HEAD" or response.status in (204, 304)
        if bodiless or (body.at_end and body.error is None and not body.trailers):
            connection.send_head(self.stream_id, fields, end=True)
            body.cancel()
            self._finish()
            return
        connection.send_head(self.stream_id, fields, end=False)
        self._body = body
        if not body.ended:
            body.on_readable = self._pump_and_flush
        self._pump_and_flush()

    def fail(self, error: BaseException) -> None:
        connection = self._connection
        if connection is None or self.answered:
            return
        connection.site.on_error(self.request, error)
        self.send(Response(500))

    def drop(self, reason: str) -> None:
        connection = self._connection
        if connection is None or self.answered:
            return
        self.answered = True
        connection.site.on_error(self.request, ConnectionError(reason))
        self._finish(h2.errors.ErrorCodes.PROTOCOL_ERROR)

    # The connection's side.

    def take_data(self, data: bytes, size: int) -> None:
        """Body bytes came; `size` counts padding, too."""
        body = self.request.body
        self._unacknowledged += size
        body.feed(data)
        if body.wants_more or body.cancelled:
            self._acknowledge()

    def take_trailers(self, fields: Headers | None) -> None:
        """Trailers came; the end follows."""
        self._trailers = fields

    def end_request(self) -> None:
        """The request's body is complete."""
        self.request.body.finish(self._trailers)

    def lose(self, why: str) -> None:
        """The client is gone, or wants no answer."""
        self._connection = None
        self.request.body.fail(BodyError(why))
        body, self._body = self._body, None
        if body is not None:
            body.on_readable = None
            body.cancel()
        if self.on_gone is not None:
            self.on_gone()

    def pump(self) -> None:
        """Send what the response's body has, as far as there is room."""
        # Reading may make the producer feed more at once, which must not be sent first.
        if self._pumping:
            return
        self._pumping = True
        try:
            while self._body is not None and self._connection is not None and self._pump_frame():
                pass
        finally:
            self._pumping = False

    def _pump_and_flush(self) -> None:
        connection = self._connection
        self.pump()
        if connection is not None:
            connection.flush()

    def _pump_frame(self) -> bool:
        connection, body = self._connection, self._body
        assert connection is not None
        assert body is not None
        room = connection.room(self.stream_id) if body.buffered else 1
        if room <= 0:
            return False
        try:
            data = body.read_nowait(room)  # what does not fit stays where it is, uncopied
        except Exception:
            # As in HTTP/1.1: what a late failure leaves ends like a whole body.
            data = b""
        if data is None:
            return False
        if not data:
            self._end(connection, body.trailers)
            return False
        ended = body.at_end and body.error is None and not body.trailers
        connection.send_data(self.stream_id, data, end=ended)
        if ended:
            self._finish()
        return not ended

    def _end(self, connection: Http2Connection, trailers: Headers | None) -> None:
        if trailers:
            connection.send_head(self.stream_id, lower_names(trailers), end=True)
        else:
            connection.send_data(self.stream_id, b"", end=True)
        self._finish()

    def _acknowledge(self) -> None:
        size, self._unacknowledged = self._unacknowledged, 0
        if size and self._connection is not None:
            self._connection.acknowledge(self.stream_id, size)

    def _finish(self, error: h2.errors.ErrorCodes | None = None) -> None:
        connection, self._connection = self._connection, None
        if self._body is not None:
            self._body.on_readable = None
            self._body = None
        assert connection is not None
        if error is None and not self.request.body.ended:
            # The client may stop sending: RFC 9113 section 8.1.
            error = h2.errors.ErrorCodes.NO_ERROR
        connection.finish(self, error)
        self.request.body.cancel()


def _read_request(fields: Headers, scheme: str, client: tuple[str, int]) -> Request | int:
    """The request a stream's head asks for, or the status that refuses it."""
    pseudo: dict[bytes, bytes] = {}
    headers: Headers = []
    for name, value in fields:
        if name.startswith(b":"):
            pseudo[name] = value
        else:
            headers.append((bytes(name), bytes(value)))
    path = pseudo.get(b":path", b"")
    if len(path) > MAX_TARGET:
        return 414
    target = parse_target(path)
    if target is None:
        return 400
    authority = pseudo.get(b":authority")
    return Request(
        pseudo[b":method"].decode("latin-1"),
        scheme,
        authority.decode("latin-1") if authority is not None else None,
        target.path_with_query,
        headers,
        Body(),
        client,
        "2",
    )
