"""`wasi:otel`: telemetry that guests make themselves, handed to the host."""

from __future__ import annotations

import time
from typing import Any

from spindle.component.host import HostFunc, HostInterface
from spindle.component.trap import Trap, trap_if
from spindle.component.values import Err, Ok
from spindle.factors.answering import seen
from spindle.factors.otel.context import context_of
from spindle.factors.otel.exporter import ExportError
from spindle.factors.recording import note

MOST_OPEN = 10_000
"""Spans an instance may have begun and not ended."""
NO_CONTEXT = ("0" * 32, "0" * 16, (), False, ())
"""The `span-context` of no span."""
FLAG = "--experimental-wasi-otel"

TRACING, METRICS, LOGS = (f"wasi:otel/{name}@0.2.0-rc.2" for name in ("tracing", "metrics", "logs"))
_OPEN = "otel.open"


def _open(task: Any) -> set[str]:
    """The ids of the instance's spans that have begun."""
    spans: set[str] = task.inst.state.factors.setdefault(_OPEN, set())
    return spans


def _on_start(task: Any, context: Any) -> None:
    spans = _open(task)
    trap_if(len(spans) >= MOST_OPEN, f"has begun {MOST_OPEN} spans that have not ended")
    spans.add(context.span_id)


def _on_end(task: Any, data: Any) -> None:
    began = time.perf_counter_ns()
    spans, span = _open(task), data.span_context.span_id
    trap_if(span not in spans, "ended a span that it had not started")
    spans.discard(span)
    task.inst.state.factors["otel"].add_span(data)
    note(task, TRACING, "on-end", seen((data.name, data.span_context.trace_id, span)), None, began)


def _outer_span_context(task: Any) -> Any:
    state, exchange = task.inst.state, getattr(task.scope, "exchange", None)
    state.touched = True
    if exchange is None or not state.factors["otel"].traces:
        return NO_CONTEXT
    context = context_of(exchange)
    flags = ("sampled",) if context.sampled else ()
    return context.trace_id.hex(), context.guest_id.hex(), flags, False, ()


def _on_emit(task: Any, data: Any) -> None:
    began = time.perf_counter_ns()
    task.inst.state.factors["otel"].add_log(data)
    note(task, LOGS, "on-emit", seen((data.severity_text, data.body)), None, began)


async def _export(task: Any, data: Any) -> Ok | Err:
    began = time.perf_counter_ns()
    names = [metric.name for scope in data.scope_metrics for metric in scope.metrics]
    result: Ok | Err = Ok(None)
    try:
        await task.inst.state.factors["otel"].send_metrics(data)
    except ExportError:
        result = Err("Internal failure.")
    note(task, METRICS, "export", seen(names), isinstance(result, Ok), began)
    return result


_FUNCTIONS: dict[str, dict[str, HostFunc]] = {
    TRACING: {
        "on-start": _on_start,
        "on-end": _on_end,
        "outer-span-context": _outer_span_context,
    },
    METRICS: {"export": _export},
    LOGS: {"on-emit": _on_emit},
}


def _refused(interface: str, name: str) -> HostFunc:
    def refuse(_task: Any, *_args: Any) -> Any:
        raise Trap(
            f"the guest called `{interface}#{name}`, which is experimental: "
            f"`spindle up {FLAG}` provides it"
        )

    return refuse


INTERFACES = {name: HostInterface(functions) for name, functions in _FUNCTIONS.items()}
REFUSED = {
    interface: HostInterface({name: _refused(interface, name) for name in functions})
    for interface, functions in _FUNCTIONS.items()
}
"""The same for those who didn't ask for it."""
