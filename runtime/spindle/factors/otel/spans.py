"""Spans of `wasi:otel/tracing` as OTLP's messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from spindle.factors.otel.sizes import SPAN_ID, TRACE_ID
from spindle.factors.otel.values import (
    attributes,
    hex_id,
    nanoseconds,
    scope,
)

_KINDS = {
    "internal": Span.SPAN_KIND_INTERNAL,
    "server": Span.SPAN_KIND_SERVER,
    "client": Span.SPAN_KIND_CLIENT,
    "producer": Span.SPAN_KIND_PRODUCER,
    "consumer": Span.SPAN_KIND_CONSUMER,
}
_HAS_IS_REMOTE, _IS_REMOTE = 0x100, 0x200


def span_of(data: Any) -> ScopeSpans:
    """A `span-data`, in its scope; traps if its ids are none."""
    context = data.span_context
    span = Span(
        trace_id=hex_id(context.trace_id, TRACE_ID),
        span_id=hex_id(context.span_id, SPAN_ID),
        trace_state=_state(context.trace_state),
        flags=_flags(context),
        parent_span_id=hex_id(data.parent_span_id, SPAN_ID),
        name=data.name,
        kind=_KINDS[data.span_kind],
        start_time_unix_nano=nanoseconds(data.start_time),
        end_time_unix_nano=nanoseconds(data.end_time),
        attributes=attributes(data.attributes),
        dropped_attributes_count=data.dropped_attributes,
        events=map(_event, data.events),
        dropped_events_count=data.dropped_events,
        links=map(_link, data.links),
        dropped_links_count=data.dropped_links,
        status=_status(data.status),
    )
    of = data.instrumentation_scope
    return ScopeSpans(scope=scope(of), spans=[span], schema_url=of.schema_url or "")


def request_of(resource: Resource, spans: Iterable[ScopeSpans]) -> bytes:
    """A request that exports spans."""
    message = ExportTraceServiceRequest(
        resource_spans=[ResourceSpans(resource=resource, scope_spans=spans)]
    )
    encoded: bytes = message.SerializeToString()
    return encoded


def _event(event: Any) -> Span.Event:
    return Span.Event(
        name=event.name,
        time_unix_nano=nanoseconds(event.time),
        attributes=attributes(event.attributes),
    )


def _link(link: Any) -> Span.Link:
    context = link.span_context
    return Span.Link(
        trace_id=hex_id(context.trace_id, TRACE_ID),
        span_id=hex_id(context.span_id, SPAN_ID),
        trace_state=_state(context.trace_state),
        attributes=attributes(link.attributes),
        flags=_flags(context),
    )


def _status(status: Any) -> Status:
    case, message = status
    if case == "error":
        return Status(code=Status.STATUS_CODE_ERROR, message=message)
    return Status(code=Status.STATUS_CODE_OK if case == "ok" else Status.STATUS_CODE_UNSET)


def _flags(context: Any) -> int:
    remote = _IS_REMOTE if context.is_remote else 0
    return int("sampled" in context.trace_flags) | _HAS_IS_REMOTE | remote


def _state(pairs: Iterable[tuple[str, str]]) -> str:
    return ",".join(f"{key}={value}" for key, value in pairs)
