"""Records of `wasi:otel/logs` as OTLP's messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import (
    LogRecord,
    ResourceLogs,
    ScopeLogs,
    SeverityNumber,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from spindle.component.trap import trap_if
from spindle.factors.otel.sizes import SPAN_ID, TRACE_ID
from spindle.factors.otel.values import (
    any_value,
    attributes,
    hex_id,
    nanoseconds,
    scope,
)

MOST_SEVERE = 24


def record_of(data: Any) -> ScopeLogs:
    """A `log-record`, in its scope; traps if an id or the severity is none."""
    severity = data.severity_number or 0
    trap_if(severity > MOST_SEVERE, f"gave {severity} for a severity, which ends at {MOST_SEVERE}")
    traced = data.trace_id is not None and data.span_id is not None
    record = LogRecord(
        time_unix_nano=nanoseconds(data.timestamp),
        observed_time_unix_nano=nanoseconds(data.observed_timestamp),
        severity_number=SeverityNumber.ValueType(severity),
        severity_text=data.severity_text or "",
        body=None if data.body is None else any_value(data.body),
        attributes=attributes(data.attributes or ()),
        event_name=data.event_name or "",
        trace_id=hex_id(data.trace_id, TRACE_ID) if traced else b"",
        span_id=hex_id(data.span_id, SPAN_ID) if traced else b"",
        flags=int("sampled" in (data.trace_flags or ())) if traced else 0,
    )
    of = data.instrumentation_scope
    if of is None:
        return ScopeLogs(log_records=[record])
    return ScopeLogs(scope=scope(of), log_records=[record], schema_url=of.schema_url or "")


def request_of(resource: Resource, records: Iterable[ScopeLogs]) -> bytes:
    """A request that exports records."""
    message = ExportLogsServiceRequest(
        resource_logs=[ResourceLogs(resource=resource, scope_logs=records)]
    )
    encoded: bytes = message.SerializeToString()
    return encoded
