"""Spans of the host's own: each invocation, the guest's work in it, and what that asked for.

They are made of what is recorded anyway, when it is complete, and named as Spin's are.
"""

from __future__ import annotations

from collections.abc import Iterator

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from spindle import __version__
from spindle.exchange import Call, Exchange, HttpInput, HttpOutput
from spindle.factors.otel.context import TraceContext

_SPINS_NAMES = {
    "fermyon:spin/config": "spin_config",
    "fermyon:spin/http": "spin_outbound_http",
    "fermyon:spin/key-value": "spin_key_value",
    "fermyon:spin/llm": "spin_llm",
    "fermyon:spin/mqtt": "spin_outbound_mqtt",
    "fermyon:spin/mysql": "spin_outbound_mysql",
    "fermyon:spin/postgres": "spin_outbound_pg",
    "fermyon:spin/redis": "spin_outbound_redis",
    "fermyon:spin/sqlite": "spin_sqlite",
    "fermyon:spin/variables": "spin_variables",
    "spin:key-value/key-value": "spin_key_value",
    "spin:mqtt/mqtt": "spin_outbound_mqtt",
    "spin:mysql/mysql": "spin_outbound_mysql",
    "spin:postgres/postgres": "spin_outbound_pg",
    "spin:redis/redis": "spin_outbound_redis",
    "spin:sqlite/sqlite": "spin_sqlite",
    "spin:variables/variables": "spin_variables",
    "wasi:config/store": "wasi_config",
    "wasi:http/client": "spin_outbound_http",
    "wasi:http/outgoing-handler": "spin_outbound_http",
    "wasi:keyvalue/atomics": "wasi_key_value_cas",
    "wasi:keyvalue/batch": "spin_key_value",
    "wasi:keyvalue/store": "wasi_key_value",
}
_OWN_TELEMETRY = "wasi:otel/"
_SCOPE = InstrumentationScope(name="spindle", version=__version__)
_SAMPLED = 1


def spans_of(exchange: Exchange, context: TraceContext) -> ScopeSpans:
    """The spans of a finished invocation."""
    began = int(exchange.started_at * 1000) * 1_000_000
    ended = began + (exchange.took or 0)
    whole = Span(
        trace_id=context.trace_id,
        span_id=context.request_id,
        parent_span_id=context.parent_id,
        flags=_SAMPLED,
        name=_name(exchange),
        kind=Span.SPAN_KIND_SERVER if exchange.trigger == "http" else Span.SPAN_KIND_CONSUMER,
        start_time_unix_nano=began,
        end_time_unix_nano=ended,
        attributes=_attributes(_told(exchange)),
        status=_failed(None if exchange.trap is None else exchange.trap.reason),
    )
    guest = Span(
        trace_id=context.trace_id,
        span_id=context.guest_id,
        parent_span_id=context.request_id,
        flags=_SAMPLED,
        name=f"execute_wasm_component {exchange.component}",
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=began,
        end_time_unix_nano=ended,
    )
    calls = _calls(exchange, context, began)
    return ScopeSpans(scope=_SCOPE, spans=[whole, guest, *calls])


def _calls(exchange: Exchange, context: TraceContext, began: int) -> Iterator[Span]:
    for number, call in enumerate(exchange.calls, 1):
        if call.interface.startswith(_OWN_TELEMETRY):
            continue
        yield Span(
            trace_id=context.trace_id,
            span_id=(int.from_bytes(context.guest_id) ^ number).to_bytes(len(context.guest_id)),
            parent_span_id=context.guest_id,
            flags=_SAMPLED,
            name=_call_name(call),
            kind=Span.SPAN_KIND_CLIENT,
            start_time_unix_nano=began + call.at,
            end_time_unix_nano=began + call.at + call.took,
            attributes=_attributes({"spin.interface": call.interface, **_by(call)}),
            status=_failed(_error(call)),
        )


def _name(exchange: Exchange) -> str:
    if isinstance(exchange.input, HttpInput):
        return f"{exchange.input.method} {exchange.target}"
    return f"spin_trigger_{exchange.trigger}.handle_message"


def _told(exchange: Exchange) -> dict[str, str | int]:
    attributes: dict[str, str | int] = {"spindle.exchange": exchange.id}
    asked, answered = exchange.input, exchange.output
    if isinstance(asked, HttpInput):
        path, _, query = asked.path_with_query.partition("?")
        attributes |= {
            "http.request.method": asked.method,
            "http.route": exchange.target,
            "url.path": path,
            "url.query": query,
            "url.scheme": asked.scheme,
        }
    if isinstance(answered, HttpOutput):
        attributes["http.response.status_code"] = answered.status
    return attributes


def _call_name(call: Call) -> str:
    interface = call.interface.partition("@")[0]
    if (prefix := _SPINS_NAMES.get(interface)) is None:
        return f"{call.interface}#{call.func}"
    if prefix == "spin_outbound_http":
        return f"{prefix}.send_request"
    opens = call.func == "open" and prefix in ("spin_outbound_mqtt", "spin_outbound_redis")
    return f"{prefix}.{'open_connection' if opens else call.func.replace('-', '_')}"


def _by(call: Call) -> dict[str, str]:
    return {} if call.dependency is None else {"spin.dependency": call.dependency}


def _error(call: Call) -> str | None:
    result = call.result
    return str(result["error"]) if isinstance(result, dict) and "error" in result else None


def _failed(why: str | None) -> Status | None:
    return None if why is None else Status(code=Status.STATUS_CODE_ERROR, message=why)


def _attributes(values: dict[str, str | int] | dict[str, str]) -> list[KeyValue]:
    return [
        KeyValue(
            key=key,
            value=AnyValue(int_value=value)
            if isinstance(value, int)
            else AnyValue(string_value=value),
        )
        for key, value in values.items()
    ]
