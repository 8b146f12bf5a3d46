"""Calling a guest's HTTP handler: a message in, a message out, for every version.

`spindle.executor` finds a component's handler with `handler_of`, passes `Handler.arguments` to the
exported function and gives back what it returned with `Handler.returned`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from spindle.component.values import Ok
from spindle.factors.http_error import HttpError
from spindle.factors.wasi.http.incoming02 import IncomingRequest
from spindle.factors.wasi.http.messages03 import OwnedRequest, outgoing_response
from spindle.factors.wasi.http.outgoing02 import ResponseOutparam
from spindle.messages import Request, Response

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


class Handler(NamedTuple):
    """How a component handles HTTP."""

    export: str
    """The exported interface, as the component names it."""
    is_async: bool
    """WASI 0.3: an instance may handle several requests, at the same time too."""
    handling: type[Handling02] | type[Handling03]
    function: str = "handle"


_KINDS = (
    ("wasi:http/incoming-handler@0.2.", False, Handling02),
    ("wasi:http/handler@0.3.", True, Handling03),
)
_UNSUPPORTED_PRERELEASE = "-rc-2023-"


def handlers_of(exports: Iterable[str]) -> list[Handler]:
    """The HTTP handlers among a component's exports; a good component has exactly one."""
    return [
        Handler(name, is_async, handling)
        for name in exports
        for prefix, is_async, handling in _KINDS
        if name.startswith(prefix) and _UNSUPPORTED_PRERELEASE not in name
    ]
