"""What recording a small request costs: processor time, in this process, without a guest."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from spindle.events import Bus, EventKind
from spindle.exchange import Exchange
from spindle.executor.http_invocation import HttpInvocation
from spindle.executor.program import Program
from spindle.messages import Body, Request, Response

TIMES = 5000
REPEATS = 5
PROGRAM: Any = SimpleNamespace(stale=False)
"""A program, as far as a record asks for one."""
PROGRAM = cast(Program, SimpleNamespace(stale=False))
HEADERS = [(b"host", b"127.0.0.1"), (b"accept", b"*/*"), (b"user-agent", b"bench")]


class _Reply:
    on_gone: Callable[[], None] | None = None
    at_once = False

    def send(self, response: Response) -> None:
        """Take the response's body, as a trigger would."""
        response.body.read_nowait()

    def fail(self, error: BaseException) -> None:
        """Never called."""
        raise error


def capture_us() -> float:
    """Microseconds that the record of one request adds, with one host call, nobody listening."""
    return _least(_recorded) - _least(_unrecorded)


def _unrecorded(bus: Bus) -> None:
    _, response = _messages()
    _Reply().send(response)


def _recorded(bus: Bus) -> None:
    request, response = _messages()
    exchange = Exchange("http", "/...", "guest", build="0123456789ab")
    bus.publish(EventKind.EXCHANGE_STARTED, exchange)
    invocation = HttpInvocation(exchange, request, _Reply(), lambda _i, _e: None, PROGRAM)
    invocation.call("wasi:clocks/wall-clock@0.2.9", "now", (), 0, 1000)
    invocation.answer(response)
    bus.publish(EventKind.EXCHANGE_FINISHED, exchange)


def _messages() -> tuple[Request, Response]:
    request = Request("GET", "http", "127.0.0.1", "/", list(HEADERS))
    response = Response(200, [(b"content-type", b"text/plain")], Body.of(b"Hello World!"))
    return request, response


def _least(act: Callable[[Bus], None]) -> float:
    return min(_time(act) for _ in range(REPEATS))


def _time(act: Callable[[Bus], None]) -> float:
    bus = Bus()
    started = time.process_time_ns()
    for _ in range(TIMES):
        act(bus)
    return (time.process_time_ns() - started) / TIMES / 1000
