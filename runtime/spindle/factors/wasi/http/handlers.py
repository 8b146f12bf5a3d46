"""Calling a guest's HTTP handler: a message in, a message out, for every version.

`spindle.executor` finds a component's handler with `handlers_of`, passes `Handler.arguments` to the
exported function and gives back what it returned with `Handler.returned`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.values import Ok
from spindle.factors.http_error import HttpError, internal_error
from spindle.factors.wasi.http.fields import FieldError, Fields
from spindle.factors.wasi.http.incoming02 import IncomingRequest
from spindle.factors.wasi.http.messages03 import OwnedRequest, outgoing_response
from spindle.factors.wasi.http.outgoing02 import ResponseOutparam
from spindle.interfaces import find_interface
from spindle.messages import Body, Headers, Request, Response

if TYPE_CHECKING:
    from spindle.component.store import Store

Answer = Callable[[Response | HttpError], None]
"""Takes the guest's response, or the error it answered with; called once at most."""


class Handling02:
    """One call of `wasi:http/incoming-handler@0.2#handle`."""

    __slots__ = ("arguments",)

    def __init__(self, request: Request, answer: Answer) -> None:
        # Spin tells these guests `http` whatever the connection is.
        self.arguments = [IncomingRequest(request, "http"), ResponseOutparam(answer)]

    def returned(self, _store: Store, _result: Any) -> None:
        """The answer went another way: through the outparam, perhaps long ago."""


class Handling03:
    """One call of `wasi:http/handler@0.3#handle`."""

    __slots__ = ("_answer", "arguments")

    def __init__(self, request: Request, answer: Answer) -> None:
        self.arguments = [OwnedRequest.received(request)]
        self._answer = answer

    def returned(self, store: Store, result: Any) -> None:
        """Answer with what the guest returned; its body may still be arriving."""
        if isinstance(result, Ok):
            self._answer(outgoing_response(store, result.value))
        else:
            self._answer(HttpError(*result.value))


class HandlingSpin:
    """One call of `fermyon:spin/inbound-http#handle-request`: whole messages, headers as text."""

    __slots__ = ("_answer", "arguments")

    def __init__(self, request: Request, answer: Answer) -> None:
        headers = [(name.decode("latin-1").lower(), v.decode()) for name, v in request.headers]
        body = request.body.read_nowait()
        method = request.method.lower()
        self.arguments: list[Any] = [(method, request.path_with_query, headers, [], body)]
        self._answer = answer

    def returned(self, _store: Store, result: Any) -> None:
        """Answer with what the guest returned, if it is a response."""
        status, headers, body = result
        try:
            fields = {name.lower(): value for name, value in headers or ()}  # the last one counts
            checked = Fields.of((n, v.encode("ascii")) for n, v in fields.items()).headers()
        except (FieldError, UnicodeEncodeError):
            self._answer(internal_error("a header of the response is malformed"))
            return
        if 100 <= status <= 600:
            self._answer(Response(status, _framed_by_host(checked), Body.of(body or b"")))
        else:
            self._answer(internal_error(f"the status {status} of the response is malformed"))


def _framed_by_host(headers: Headers) -> Headers:
    """A whole body says itself how long it is."""
    return [(name, value) for name, value in headers if name != b"content-length"]


class Handler(NamedTuple):
    """How a component handles HTTP."""

    export: str
    """The exported interface, as the component names it."""
    is_async: bool
    """WASI 0.3: an instance may handle several requests, at the same time too."""
    handling: type[Handling02] | type[Handling03] | type[HandlingSpin]
    function: str = "handle"
    methods: frozenset[str] | None = None
    """The only methods it can be asked with; None for all."""
    takes_whole: bool = False
    """Whether the request's body must be there before the handler is called."""

    @property
    def path(self) -> tuple[str, str]:
        """The exported function, behind its interface."""
        return self.export, self.function


_SPIN_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

_KINDS = {
    "wasi:http/incoming-handler": Handler("", False, Handling02),
    "wasi:http/handler": Handler("", True, Handling03),
    "fermyon:spin/inbound-http": Handler(
        "", False, HandlingSpin, "handle-request", _SPIN_METHODS, takes_whole=True
    ),
}


def handlers_of(exports: Iterable[str]) -> list[Handler]:
    """The HTTP handlers among a component's exports; a good component has exactly one."""
    return [
        _KINDS[hosted.name]._replace(export=name)
        for name in exports
        if (hosted := find_interface(name)) is not None and hosted.name in _KINDS
    ]
