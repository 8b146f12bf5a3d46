"""Calls of factors, noted on the invocation they belong to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from spindle.exchange import Body as Copy
from spindle.exchange import HttpInput, HttpOutput
from spindle.factors.http_error import Denied, HttpError
from spindle.factors.state import Timeouts
from spindle.messages import Request, Response


def note(task: Any, interface: str, func: str, args: object, result: object, began: int) -> None:
    """Note a call that began at a `time.perf_counter_ns` and ends now.

    The result of one that asked for a connection that is not allowed says which, as `denied`.
    """
    scope, state = task.scope, task.inst.state
    if state.refused is not None:
        denied, state.refused = state.refused, None
        said = result if isinstance(result, Mapping) else {"result": result}
        result = {**said, "denied": denied}
    if scope is not None:
        took = time.perf_counter_ns() - began
        scope.call(interface, func, args, result, took, state.dependency)


class _Copying:
    """Copies a body that goes by."""

    __slots__ = ("chunk",)

    def __init__(self, copy: Copy) -> None:
        self.chunk = copy.add

    def end(self) -> None:
        """The copy is complete."""


async def recorded_send(
    task: Any, interface: str, func: str, request: Request, timeouts: Timeouts
) -> Response:
    """Send a guest's request and note it with its answer; raises `HttpError`.

    Both bodies are copied as they go by, so a record may still grow after it was made.
    """
    began = time.perf_counter_ns()
    task.inst.state.touched = True
    asked = HttpInput(
        request.method,
        request.scheme,
        _shown(request.authority),
        request.path_with_query,
        tuple(request.headers),
    )
    request.body.watch(_Copying(asked.body))
    request.asked_by = task.scope
    request.depth = 1 if task.scope is None else task.scope.depth + 1
    try:
        response: Response = await task.inst.state.send_http(request, timeouts)
    except HttpError as error:
        if isinstance(error, Denied):
            task.inst.state.refuse(error.destination)
        elif error.reason is not None:
            task.inst.state.on_failed(_origin(request), error.reason)
        note(task, interface, func, asked, _failed(error), began)
        raise
    answered = HttpOutput(response.status, tuple(response.headers))
    response.body.watch(_Copying(answered.body))
    note(task, interface, func, asked, answered, began)
    return response


def _origin(request: Request) -> str:
    return f"{request.scheme}://{_shown(request.authority)}"


def _shown(authority: str | None) -> str | None:
    """An authority without what may be a password."""
    return authority if authority is None else authority.rpartition("@")[2]


def _failed(error: HttpError) -> dict[str, object]:
    failed: dict[str, object] = {"error": error.code}
    if error.reason is not None:
        failed["reason"] = error.reason
    return failed
