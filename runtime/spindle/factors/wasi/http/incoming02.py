"""WASI 0.2 messages that come in: requests to a handler and responses to a client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spindle.component.host import HostFunc
from spindle.component.trap import trap_if
from spindle.component.values import Err, Ok
from spindle.factors.http_error import code_of
from spindle.factors.wasi.http.fields import FORBIDDEN, Fields
from spindle.factors.wasi.http.parts import method_case, scheme_case
from spindle.factors.wasi.io.poll import Listener, Pollable, Signal, Unsubscribe
from spindle.factors.wasi.io.streams import BodyInput
from spindle.messages import Body, Request, Response


class IncomingBody:
    """The resource `incoming-body`."""

    __slots__ = ("body", "finished", "stream")

    def __init__(self, body: Body) -> None:
        self.body = body
        self.stream: _IncomingStream | None = None
        self.finished = False

    def take_stream(self) -> Ok | Err:
        """The body's bytes; they can be had once."""
        if self.stream is not None:
            return Err(None)
        self.stream = _IncomingStream(self.body)
        return Ok(self.stream)

    def finish(self) -> FutureTrailers:
        """Read no further than to the trailers."""
        trap_if(
            self.stream is not None and self.stream.open,
            "the guest finished an incoming body before dropping its stream",
        )
        self.finished = True
        return FutureTrailers(self.body)

    def drop(self) -> None:
        """Nobody reads the body any more."""
        if not self.finished:
            self.body.cancel()


class _IncomingStream(BodyInput):
    open = True

    def close(self) -> None:
        self.open = False


class FutureTrailers:
    """The resource `future-trailers`: skips the rest of a body and gives its trailers once."""

    __slots__ = ("_body", "_signal", "_taken")

    def __init__(self, body: Body) -> None:
        self._body = body
        self._signal = Signal()
        self._taken = False
        body.on_readable = self._signal.fire

    def is_ready(self) -> bool:
        """Whether the body has ended."""
        while self._body.buffered:
            self._body.read_nowait()
        return self._body.ended

    def subscribe(self, listener: Listener) -> Unsubscribe:
        """Be told when more of the body arrives."""
        return self._signal.subscribe(listener)

    def get(self) -> Any:
        """None while the body goes on, then the trailers, then an error."""
        if not self.is_ready():
            return None
        if self._taken:
            return Err(None)
        self._taken = True
        if self._body.error is not None:
            return Ok(Err(code_of(self._body.error)))
        trailers = self._body.trailers
        return Ok(Ok(Fields.received(trailers, FORBIDDEN) if trailers else None))

    def drop(self) -> None:
        """Nobody waits for the end any more."""
        self._body.cancel()


class _Incoming:
    """What requests and responses share."""

    __slots__ = ("_body", "headers")

    def __init__(self, headers: Fields, body: Body) -> None:
        self.headers = headers
        self._body: Body | None = body

    def consume(self) -> Ok | Err:
        """The body; it can be had once."""
        body, self._body = self._body, None
        return Err(None) if body is None else Ok(IncomingBody(body))

    def drop(self) -> None:
        """Nobody reads the message any more."""
        if self._body is not None:
            self._body.cancel()


class IncomingRequest(_Incoming):
    """The resource `incoming-request`."""

    __slots__ = ("request", "scheme")

    def __init__(self, request: Request, scheme: str | None = None) -> None:
        super().__init__(Fields.received(request.headers, FORBIDDEN), request.body)
        self.request = request
        self.scheme = scheme or request.scheme


class IncomingResponse(_Incoming):
    """The resource `incoming-response`."""

    __slots__ = ("status",)

    def __init__(self, response: Response) -> None:
        super().__init__(Fields.received(response.headers, FORBIDDEN), response.body)
        self.status = response.status


FUNCTIONS: Mapping[str, HostFunc] = {
    "[method]incoming-request.method": lambda _t, r: method_case(r.request.method),
    "[method]incoming-request.path-with-query": lambda _t, r: r.request.path_with_query,
    "[method]incoming-request.scheme": lambda _t, r: scheme_case(r.scheme),
    "[method]incoming-request.authority": lambda _t, r: r.request.authority,
    "[method]incoming-request.headers": lambda _t, r: r.headers,
    "[method]incoming-request.consume": lambda _t, r: r.consume(),
    "[method]incoming-response.status": lambda _t, r: r.status,
    "[method]incoming-response.headers": lambda _t, r: r.headers,
    "[method]incoming-response.consume": lambda _t, r: r.consume(),
    "[method]incoming-body.stream": lambda _t, body: body.take_stream(),
    "[static]incoming-body.finish": lambda _t, body: body.finish(),
    "[method]future-trailers.subscribe": lambda _t, f: Pollable(f.is_ready, f.subscribe),
    "[method]future-trailers.get": lambda _t, f: f.get(),
}

RESOURCES = {
    "incoming-request": lambda r: r.drop(),
    "incoming-response": lambda r: r.drop(),
    "incoming-body": lambda body: body.drop(),
    "future-trailers": lambda f: f.drop(),
}
