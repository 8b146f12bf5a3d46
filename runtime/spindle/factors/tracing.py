"""Tracing: each call of the host by a guest, with lifted values, on the record of its invocation.

A trace has all that goes over the border, also what factors do not note as calls: clocks, streams,
fields of requests. Values are bounded copies; a resource, a stream or a future is its kind, and
what is secret stays so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from spindle.component.future import ReadableFuture
from spindle.component.host import HostFunc
from spindle.component.stream import ReadableStream
from spindle.component.values import Err, Ok, Some, Variant
from spindle.exchange import Secret, plain_json
from spindle.factors.answering import MOST_ITEMS, seen
from spindle.factors.interposing import observed
from spindle.factors.tapes.told import is_secret, shown_args

_INNER_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def traced(interface: str, func: str, real: HostFunc) -> HostFunc:
    """A host function whose calls are noted on the trace of its caller's record: interposer."""
    first = 1 if getattr(real, "over_memory", False) else 0

    def call(task: Any, *args: Any) -> Any:
        if task.scope is None:
            return real(task, *args)
        given = args[first:]
        asked = shown_args(interface, func, tuple(map(told, given)))
        dependency = task.inst.state.dependency
        end = task.scope.exchange.tracing().begin(interface, func, asked, dependency)

        def ended(result: Any) -> None:
            secret = is_secret(interface, task, given, result)
            end("result", plain_json(Secret(func) if secret else told(result)))

        return observed(lambda: real(task, *args), ended, lambda error: end("trap", _why(error)))

    return call


def _why(error: BaseException) -> str:
    return str(error) or type(error).__name__


def told(value: Any) -> object:
    """A lifted value as a trace has it."""
    match value:
        case None | bool() | int() | float() | str() | bytes() | bytearray():
            return seen(value)
        case Ok():
            return {"ok": told(value.value)}
        case Err():
            return {"error": told(value.value)}
        case Some():
            return {"some": told(value.value)}
        case Variant():
            return {value.case: told(value.value)}
        case tuple() if hasattr(value, "_fields"):
            return {name: told(getattr(value, name)) for name in value._fields}
        case Mapping():
            return {str(key): told(item) for key, item in value.items()}
        case frozenset() | set():
            return sorted(map(str, value))
        case tuple() | list():
            items = [told(item) for item in value[:MOST_ITEMS]]
            left = len(value) - MOST_ITEMS
            return items if left <= 0 else [*items, f"… and {left} more"]
        case ReadableStream():
            return "<stream>"
        case ReadableFuture():
            return "<future>"
    shown = seen(value)
    return f"<{_kind(value)}>" if shown is value else shown


def _kind(value: object) -> str:
    """What a thing of the host is, in the words of WIT: `outgoing-stream`."""
    return _INNER_CAPITAL.sub("-", type(value).__name__.lstrip("_")).lower()
