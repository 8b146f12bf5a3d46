"""Calls of factors, noted on the invocation they belong to."""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Any

from spindle.factors.http_error import HttpError
from spindle.factors.state import Timeouts
from spindle.messages import Headers, Request, Response


def note(task: Any, interface: str, func: str, args: object, result: object, began: int) -> None:
    """Note a call that began at a `time.perf_counter_ns` and ends now."""
    scope = task.scope
    if scope is not None:
        scope.call(interface, func, args, result, time.perf_counter_ns() - began)


async def recorded(task: Any, interface: str, func: str, args: object, work: Awaitable[Any]) -> Any:
    """Await a factor's work and note it, failed or not."""
    began = time.perf_counter_ns()
    try:
        result = await work
    except Exception as error:
        note(task, interface, func, args, {"error": str(error)}, began)
        raise
    note(task, interface, func, args, result, began)
    return result


def _text(headers: Headers) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


async def recorded_send(
    task: Any, interface: str, request: Request, timeouts: Timeouts
) -> Response:
    """Send a guest's request and note both heads; raises `HttpError`."""
    began = time.perf_counter_ns()
    func = "send" if interface.endswith("client") else "handle"
    args = {
        "method": request.method,
        "url": f"{request.scheme}://{request.authority or ''}{request.path_with_query}",
        "headers": _text(request.headers),
    }
    try:
        response: Response = await task.inst.state.send_http(request, timeouts)
    except HttpError as error:
        note(task, interface, func, args, {"error": error.code}, began)
        raise
    head = {"status": response.status, "headers": _text(response.headers)}
    note(task, interface, func, args, head, began)
    return response
