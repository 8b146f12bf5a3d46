"""WASI 0.2 messages that go out: responses of a handler and requests of a client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.host import HostFunc
from spindle.component.trap import Trap, trap_if
from spindle.component.values import Err, Ok, Variant
from spindle.factors.http_error import GuestEnded, HttpError
from spindle.factors.wasi.http.fields import Fields
from spindle.factors.wasi.http.parts import Target, method_case, scheme_case
from spindle.factors.wasi.io.streams import BodyOutput, IoError, StreamError
from spindle.messages import HIGH_WATER, Body, Request, Response

if TYPE_CHECKING:
    from spindle.component.store import Store


class _Kind(NamedTuple):
    """What differs between the bodies of requests and of responses."""

    size_case: str
    """The error of one that is not as long as was promised."""
    unread: int
    """Bytes that are taken although nobody reads any more."""


# Requests take what a buffer does: whether one fails that is answered without being read must not
# depend on which of the two is sooner.
_REQUEST = _Kind("HTTP-request-body-size", HIGH_WATER)
_RESPONSE = _Kind("HTTP-response-body-size", 0)


class OutgoingBody:
    """The resource `outgoing-body`: what is written to it must be as long as was promised."""

    __slots__ = ("_done", "_kind", "_stream", "body")

    def __init__(self, body: Body, kind: _Kind) -> None:
        self.body = body
        self._kind = kind
        self._stream: _OutgoingStream | None = None
        self._done = False

    def take_stream(self) -> Ok | Err:
        """Where to write the body; it can be had once."""
        if self._stream is not None:
            return Err(None)
        self._stream = _OutgoingStream(self.body, self._kind)
        return Ok(self._stream)

    def finish(self, trailers: Fields | None) -> Ok | Err:
        """End the body; too few bytes are an error, and cut the message short."""
        trap_if(
            self._stream is not None and self._stream.open,
            "the guest finished an outgoing body before dropping its stream",
        )
        self._done = True
        written = self._stream.written if self._stream is not None else 0
        if self.body.size is not None and written != self.body.size:
            error = HttpError(self._kind.size_case, written)
            self.body.fail(error)
            return Err(error.code)
        self.body.finish(trailers.headers() if trailers is not None else None)
        return Ok(None)

    def drop(self) -> None:
        """Without `finish` the message is incomplete, and its receiver must see that."""
        if not self._done:
            self.body.fail(HttpError("HTTP-protocol-error"))


class _OutgoingStream(BodyOutput):
    def __init__(self, body: Body, kind: _Kind) -> None:
        super().__init__(body)
        self._kind = kind
        self.written = 0
        self.open = True

    def check_write(self) -> int:
        """How many bytes may be written now; some although nobody reads them."""
        if self.body.cancelled and self.written < self._kind.unread:
            return self._kind.unread - self.written
        return super().check_write()

    def write(self, data: bytes) -> None:
        self.written += len(data)
        size = self.body.size
        if size is not None and self.written > size:
            code = (self._kind.size_case, self.written)
            raise StreamError(IoError("the body is longer than its content-length", "http", code))
        self.body.feed(data)

    def close(self) -> None:
        self.open = False


class _Outgoing:
    """What requests and responses share: immutable headers and at most one body."""

    __slots__ = ("_kind", "headers", "outgoing_body")

    def __init__(self, headers: Fields, kind: _Kind) -> None:
        self.headers = headers.freeze()
        self._kind = kind
        self.outgoing_body: Body | None = None

    def make_body(self, store: Store) -> Ok | Err:
        """The body; it can be had once. It fails if the guest's store ends before it."""
        if self.outgoing_body is not None:
            return Err(None)
        body = self.outgoing_body = Body(self.headers.content_length())
        store.at_end.add(lambda: body.fail(GuestEnded()))
        return Ok(OutgoingBody(body, self._kind))

    def message_body(self) -> Body:
        """The body as the message carries it; empty if the guest never asked for one."""
        return Body.of(b"") if self.outgoing_body is None else self.outgoing_body


class OutgoingResponse(_Outgoing):
    """The resource `outgoing-response`."""

    __slots__ = ("status",)

    def __init__(self, headers: Fields) -> None:
        super().__init__(headers, _RESPONSE)
        self.status = 200

    def set_status(self, status: int) -> Ok | Err:
        """Only codes of three digits are any."""
        if not 100 <= status <= 999:
            return Err(None)
        self.status = status
        return Ok(None)

    def message(self) -> Response:
        """The response to send."""
        return Response(self.status, self.headers.headers(), self.message_body())


class OutgoingRequest(_Outgoing):
    """The resource `outgoing-request`."""

    __slots__ = ("target",)

    def __init__(self, headers: Fields) -> None:
        super().__init__(headers, _REQUEST)
        self.target = Target()

    def message(self) -> Request:
        """The request to send; raises `HttpError`."""
        target = self.target
        if target.path_with_query is None and target.authority:
            raise HttpError("HTTP-request-URI-invalid")
        return Request(
            target.method,
            target.checked_scheme(),
            target.authority,
            target.path_with_query or "/",
            self.headers.headers(),
            self.message_body(),
        )


class ResponseOutparam:
    """The resource `response-outparam`: takes the handler's answer, once."""

    __slots__ = ("_answer",)

    def __init__(self, answer: Callable[[Response | HttpError], None]) -> None:
        self._answer = answer

    def set(self, result: Ok | Err) -> None:
        """Answer with a response, or with the error there is instead."""
        if isinstance(result, Ok):
            self._answer(result.value.message())
        else:
            self._answer(HttpError(*result.value))


def _result(valid: bool) -> Ok | Err:
    return Ok(None) if valid else Err(None)


def _optional_scheme(scheme: str | None) -> Variant | None:
    return None if scheme is None else scheme_case(scheme)


def _send_informational(_task: Any, _param: ResponseOutparam, _status: int, _h: Fields) -> Any:
    raise Trap("the guest sent an informational response, which this host does not support")


FUNCTIONS: Mapping[str, HostFunc] = {
    "[constructor]outgoing-request": lambda _t, headers: OutgoingRequest(headers),
    "[method]outgoing-request.body": lambda t, r: r.make_body(t.inst.store),
    "[method]outgoing-request.method": lambda _t, r: method_case(r.target.method),
    "[method]outgoing-request.set-method": lambda _t, r, v: _result(r.target.set_method(v)),
    "[method]outgoing-request.path-with-query": lambda _t, r: r.target.path_with_query,
    "[method]outgoing-request.set-path-with-query": lambda _t, r, v: _result(
        r.target.set_path_with_query(v)
    ),
    "[method]outgoing-request.scheme": lambda _t, r: _optional_scheme(r.target.scheme),
    "[method]outgoing-request.set-scheme": lambda _t, r, v: _result(r.target.set_scheme(v)),
    "[method]outgoing-request.authority": lambda _t, r: r.target.authority,
    "[method]outgoing-request.set-authority": lambda _t, r, v: _result(r.target.set_authority(v)),
    "[method]outgoing-request.headers": lambda _t, r: r.headers,
    "[constructor]outgoing-response": lambda _t, headers: OutgoingResponse(headers),
    "[method]outgoing-response.status-code": lambda _t, r: r.status,
    "[method]outgoing-response.set-status-code": lambda _t, r, status: r.set_status(status),
    "[method]outgoing-response.headers": lambda _t, r: r.headers,
    "[method]outgoing-response.body": lambda t, r: r.make_body(t.inst.store),
    "[method]outgoing-body.write": lambda _t, body: body.take_stream(),
    "[static]outgoing-body.finish": lambda _t, body, trailers: body.finish(trailers),
    "[static]response-outparam.set": lambda _t, param, result: param.set(result),
    "[method]response-outparam.send-informational": _send_informational,
}

RESOURCES = {
    "outgoing-request": None,
    "outgoing-response": None,
    "outgoing-body": lambda body: body.drop(),
    "response-outparam": None,
}
