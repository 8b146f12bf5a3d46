"""What `wasi:otel/metrics` exports as OTLP's messages."""

from __future__ import annotations

from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    Exemplar,
    ExponentialHistogram,
    ExponentialHistogramDataPoint,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from spindle.factors.otel.sizes import SPAN_ID, TRACE_ID
from spindle.factors.otel.values import (
    INTEGERS,
    attributes,
    hex_id,
    nanoseconds,
    scope,
)


def request_of(data: Any) -> bytes:
    """A request that exports a `resource-metrics`, which says itself whose they are."""
    metrics = ResourceMetrics(
        resource=Resource(attributes=attributes(data.resource.attributes)),
        schema_url=data.resource.schema_url or "",
        scope_metrics=map(_scope_metrics, data.scope_metrics),
    )
    message = ExportMetricsServiceRequest(resource_metrics=[metrics])
    encoded: bytes = message.SerializeToString()
    return encoded


def _scope_metrics(value: Any) -> ScopeMetrics:
    return ScopeMetrics(
        scope=scope(value.scope),
        schema_url=value.scope.schema_url or "",
        metrics=map(_metric, value.metrics),
    )


def _metric(value: Any) -> Metric:
    case, data = value.data
    metric = Metric(name=value.name, description=value.description, unit=value.unit)
    match case.partition("-")[2]:
        case "gauge":
            metric.gauge.CopyFrom(Gauge(data_points=_points(data)))
        case "sum":
            metric.sum.CopyFrom(
                Sum(
                    data_points=_points(data),
                    aggregation_temporality=_temporality(data),
                    is_monotonic=data.is_monotonic,
                )
            )
        case "histogram":
            points = [_histogram_point(data, point) for point in data.data_points]
            metric.histogram.CopyFrom(
                Histogram(data_points=points, aggregation_temporality=_temporality(data))
            )
        case _:
            metric.exponential_histogram.CopyFrom(
                ExponentialHistogram(
                    data_points=[_exponential_point(data, point) for point in data.data_points],
                    aggregation_temporality=_temporality(data),
                )
            )
    return metric


def _temporality(data: Any) -> AggregationTemporality.ValueType:
    if data.temporality == "delta":
        return AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    return AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE


def _points(data: Any) -> list[NumberDataPoint]:
    return [
        NumberDataPoint(
            **_times(data),
            **_number(point.value),
            attributes=attributes(point.attributes),
            exemplars=map(_exemplar, point.exemplars),
        )
        for point in data.data_points
    ]


def _histogram_point(data: Any, point: Any) -> HistogramDataPoint:
    return HistogramDataPoint(
        **_times(data),
        **_summary(point),
        attributes=attributes(point.attributes),
        bucket_counts=point.bucket_counts,
        explicit_bounds=point.bounds,
        exemplars=map(_exemplar, point.exemplars),
    )


def _exponential_point(data: Any, point: Any) -> ExponentialHistogramDataPoint:
    return ExponentialHistogramDataPoint(
        **_times(data),
        **_summary(point),
        attributes=attributes(point.attributes),
        scale=point.scale,
        zero_count=point.zero_count,
        positive=_buckets(point.positive_bucket),
        negative=_buckets(point.negative_bucket),
        zero_threshold=point.zero_threshold,
        exemplars=map(_exemplar, point.exemplars),
    )


def _buckets(value: Any) -> ExponentialHistogramDataPoint.Buckets:
    return ExponentialHistogramDataPoint.Buckets(offset=value.offset, bucket_counts=value.counts)


def _exemplar(value: Any) -> Exemplar:
    return Exemplar(
        **_number(value.value),
        filtered_attributes=attributes(value.filtered_attributes),
        time_unix_nano=nanoseconds(value.time),
        span_id=hex_id(value.span_id, SPAN_ID),
        trace_id=hex_id(value.trace_id, TRACE_ID),
    )


def _summary(point: Any) -> dict[str, Any]:
    """Count, sum and ends, which are all floats in OTLP."""
    ends = {"min": point.min, "max": point.max}
    known = {name: float(end[1]) for name, end in ends.items() if end is not None}
    return {"count": point.count, "sum": float(point.sum[1]), **known}


def _times(data: Any) -> dict[str, int]:
    return {
        "start_time_unix_nano": nanoseconds(data.start_time),
        "time_unix_nano": nanoseconds(data.time),
    }


def _number(number: Any) -> dict[str, Any]:
    """A `metric-number`; OTLP's integers are signed."""
    case, value = number
    if case == "f64":
        return {"as_double": value}
    return {"as_int": min(value, INTEGERS[-1])}
