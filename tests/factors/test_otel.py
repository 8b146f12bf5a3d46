"""Telemetry of guests: what reaches a collector, and what guests may not do with it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from tests.labs import Laboratory, Labs, laboratory
from tests.services.collector import Collector
from tests.services.process import free_port

from spindle.errors import UserError
from spindle.factors.otel.settings import Target, resource_attributes, targets_of
from spindle.factors.otel.values import any_value, nanoseconds

Ended = Callable[[str], tuple[Any, str]]
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SCOPE = """{ name: "lab", version: "1.0", schemaUrl: undefined, attributes: [] }"""
CONTEXT = f"""({{
    traceId: "{TRACE}", spanId: "{SPAN}", traceFlags: {{ sampled: true }}, isRemote: false,
    traceState: [["vendor", "x"]],
}})"""
SPANS = f"""
    const tracing = imported["wasi:otel/tracing@0.2.0-rc.2"];
    const context = {CONTEXT};
    const at = (seconds) => ({{ seconds, nanoseconds: 5 }});
    const attributes = [
        {{ key: "text", value: '"hello"' }}, {{ key: "count", value: "3" }},
        {{ key: "ratio", value: "0.5" }}, {{ key: "yes", value: "true" }},
        {{ key: "many", value: "[1, 2]" }}, {{ key: "no json", value: "{{" }},
        {{ key: "bytes", value: '"data:application/octet-stream;base64,AAE="' }},
    ];
    const span = {{
        spanContext: context, parentSpanId: "00f067aa0ba902b7", spanKind: "server",
        name: "work", startTime: at(10n), endTime: at(11n), attributes,
        events: [{{ name: "half way", time: at(10n), attributes: [] }}],
        links: [{{ spanContext: context, attributes: [] }}],
        status: {{ tag: "error", val: "oh no" }},
        instrumentationScope: {SCOPE},
        droppedAttributes: 1, droppedEvents: 2, droppedLinks: 3,
    }};
"""
START_AND_END = f"""
    {SPANS}
    tracing.onStart(context);
    tracing.onEnd(span);
    return tracing.outerSpanContext();
"""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    server = Collector()
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=open%20sesame")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=weavers")
    yield server
    server.stop()


@pytest.fixture
def ended(tmp_path: Path) -> Ended:
    """Call it with code to have a host run it, and end; what the code returned, and the console."""

    def run(code: str) -> tuple[Any, str]:
        options = {"experimental_wasi_otel": True}
        with laboratory(tmp_path, ("lab-javascript",), options=options) as host:
            answer = host.run(code)
        return answer, host.console.text

    return run


def javascript(lab: Labs, *, flag: bool = True) -> Laboratory:
    return lab(("lab-javascript",), options={"experimental_wasi_otel": flag})


def tells(host: Laboratory, text: str) -> bool:
    """Whether the console has a text, or will have it soon."""
    until = time.monotonic() + 60
    while not (found := text in host.console.text) and time.monotonic() < until:
        time.sleep(0.005)
    return found


def test_spans_reach_the_collector(ended: Ended, collector: Collector) -> None:
    ended(START_AND_END)
    request, *_ = collector.requests["/v1/traces"]
    assert collector.headers[0]["api-key"] == "open sesame"
    (spans,) = request.resource_spans
    sender = {pair.key: pair.value.string_value for pair in spans.resource.attributes}
    assert sender["service.name"] == "spin"
    assert sender["team"] == "weavers"
    ((scope, span),) = [
        (s.scope, span) for s in spans.scope_spans for span in s.spans if s.scope.name == "lab"
    ]
    assert (scope.name, scope.version) == ("lab", "1.0")
    assert (span.trace_id.hex(), span.span_id.hex()) == (TRACE, SPAN)
    assert (span.parent_span_id.hex(), span.trace_state) == ("00f067aa0ba902b7", "vendor=x")
    assert (span.name, span.kind) == ("work", span.SPAN_KIND_SERVER)
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (10_000_000_005, 11_000_000_005)
    assert (span.status.code, span.status.message) == (span.status.STATUS_CODE_ERROR, "oh no")
    assert [event.name for event in span.events] == ["half way"]
    assert [link.span_id.hex() for link in span.links] == [SPAN]
    dropped = span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count
    assert dropped == (1, 2, 3)
    assert {pair.key: MessageToDict(pair.value) for pair in span.attributes} == {
        "text": {"stringValue": "hello"},
        "count": {"intValue": "3"},
        "ratio": {"doubleValue": 0.5},
        "yes": {"boolValue": True},
        "many": {"arrayValue": {"values": [{"intValue": "1"}, {"intValue": "2"}]}},
        "no json": {"stringValue": "{"},
        "bytes": {"bytesValue": "AAE="},
    }


LOG = f"""
    const {{ onEmit }} = imported["wasi:otel/logs@0.2.0-rc.2"];
    onEmit({{
        timestamp: {{ seconds: 7n, nanoseconds: 0 }}, observedTimestamp: undefined,
        severityText: "WARN", severityNumber: 13, body: '{{"a": [1, null]}}',
        attributes: [{{ key: "k", value: '"v"' }}], eventName: "spilled", resource: undefined,
        instrumentationScope: {SCOPE}, traceId: "{TRACE}", spanId: "{SPAN}",
        traceFlags: {{ sampled: true }},
    }});
    onEmit({{}});
"""


def test_records_reach_the_collector(ended: Ended, collector: Collector) -> None:
    ended(LOG)
    (request,) = collector.requests["/v1/logs"]
    full, empty = [
        record for scopes in request.resource_logs[0].scope_logs for record in scopes.log_records
    ]
    assert (full.time_unix_nano, full.severity_number, full.severity_text) == (
        7_000_000_000,
        13,
        "WARN",
    )
    assert (full.trace_id.hex(), full.span_id.hex(), full.flags) == (TRACE, SPAN, 1)
    assert full.event_name == "spilled"
    assert MessageToDict(full.body) == {
        "kvlistValue": {
            "values": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": "1"}, {}]}}}]
        }
    }
    assert MessageToDict(empty) == {}


METRICS = f"""
    const {{ export: send }} = imported["wasi:otel/metrics@0.2.0-rc.2"];
    const time = {{ seconds: 9n, nanoseconds: 0 }};
    const startTime = {{ seconds: 8n, nanoseconds: 0 }};
    const f64 = (val) => ({{ tag: "f64", val }});
    const u64 = (val) => ({{ tag: "u64", val }});
    const exemplars = [
        {{ filteredAttributes: [], time, value: f64(1.5), spanId: "{SPAN}", traceId: "{TRACE}" }},
    ];
    const point = (value) => ({{ attributes: [], value, exemplars }});
    const metric = (name, tag, val) =>
        ({{ name, description: "d", unit: "1", data: {{ tag, val }} }});
    const histogram = {{
        attributes: [], count: 3n, sum: f64(4.5), min: f64(1), max: undefined, exemplars: [],
    }};
    const bucket = {{ offset: -2, counts: new BigUint64Array([1n, 2n]) }};
    send({{
        resource: {{
            attributes: [{{ key: "service.name", value: '"mine"' }}], schemaUrl: undefined,
        }},
        scopeMetrics: [{{ scope: {SCOPE}, metrics: [
            metric("level", "f64-gauge", {{ dataPoints: [point(f64(0.5))], startTime, time }}),
            metric("total", "u64-sum", {{
                dataPoints: [point(u64(18446744073709551615n))], startTime, time,
                temporality: "delta", isMonotonic: true,
            }}),
            metric("spread", "f64-histogram", {{
                dataPoints: [{{
                    ...histogram, bounds: new Float64Array([1, 2]),
                    bucketCounts: new BigUint64Array([1n, 2n, 0n]),
                }}],
                startTime, time, temporality: "cumulative",
            }}),
            metric("wide", "s64-exponential-histogram", {{
                dataPoints: [{{
                    ...histogram, scale: 3, zeroCount: 1n, positiveBucket: bucket,
                    negativeBucket: bucket, zeroThreshold: 0.25,
                }}],
                startTime, time, temporality: "low-memory",
            }}),
        ] }}],
    }});
"""


def test_metrics_reach_the_collector(lab: Labs, collector: Collector) -> None:
    javascript(lab).run(METRICS)
    (request,) = collector.requests["/v1/metrics"]
    (sent,) = request.resource_metrics
    assert [pair.value.string_value for pair in sent.resource.attributes] == ["mine"]
    level, total, spread, wide = sent.scope_metrics[0].metrics
    assert level.gauge.data_points[0].as_double == 0.5
    assert level.gauge.data_points[0].exemplars[0].span_id.hex() == SPAN
    assert (total.sum.is_monotonic, total.sum.aggregation_temporality) == (True, 1)
    assert total.sum.data_points[0].as_int == 2**63 - 1
    (point,) = spread.histogram.data_points
    assert (point.count, point.sum, point.min, point.HasField("max")) == (3, 4.5, 1.0, False)
    assert (list(point.explicit_bounds), list(point.bucket_counts)) == ([1, 2], [1, 2, 0])
    (point,) = wide.exponential_histogram.data_points
    assert (point.scale, point.positive.offset, list(point.negative.bucket_counts)) == (
        3,
        -2,
        [1, 2],
    )
    assert wide.exponential_histogram.aggregation_temporality == 2


def test_a_collector_that_refuses(lab: Labs, collector: Collector) -> None:
    collector.status = 503
    host = javascript(lab)
    error = "try { " + METRICS + " } catch (error) { return error.payload ?? String(error); }"
    assert host.run(error) == "Internal failure."
    assert f"telemetry is lost: `{collector.url}/v1/metrics` answered 503" in host.console.text


def test_a_collector_that_is_down(ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    assert "can't be reached" in ended(START_AND_END)[1]


FLOOD = f"""
    {SPANS}
    const huge = {{ ...span, name: "x".repeat(1 << 20) }};
    for (let i = 0; i < 40; i++) {{
        tracing.onStart(context);
        tracing.onEnd(huge);
    }}
"""


def test_a_guest_that_makes_more_than_goes_out(ended: Ended, collector: Collector) -> None:
    _, console = ended(FLOOD)
    assert "more waits to be sent than there is room for" in console
    names = [
        len(span.name)
        for request in collector.requests["/v1/traces"]
        for scopes in request.resource_spans[0].scope_spans
        for span in scopes.spans
        if scopes.scope.name == "lab"
    ]
    assert 0 < len(names) < 40
    assert set(names) == {1 << 20}


def test_nothing_is_sent_if_nobody_says_where(lab: Labs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    host = javascript(lab)
    host.run(START_AND_END)
    host.run(LOG)
    host.run(METRICS)
    nobody = host.run(f"{SPANS} return tracing.outerSpanContext();")
    assert nobody == {
        "traceId": "0" * 32,
        "spanId": "0" * 16,
        "traceFlags": {"sampled": False},
        "isRemote": False,
        "traceState": [],
    }
    assert "guests may make telemetry, but it goes nowhere" in host.console.text


def test_without_the_flag_it_is_told_of(lab: Labs, collector: Collector) -> None:
    host = javascript(lab, flag=False)
    assert host.run("return 1") == 1
    status, _ = host.post("/lab-javascript", START_AND_END.encode())
    assert status == 500
    assert tells(host, "`wasi:otel/tracing@0.2.0-rc.2#on-start`, which is experimental")
    assert "spindle up --experimental-wasi-otel" in host.console.text


HOST = """
    imported["fermyon:spin/key-value@2.0.0"].Store.open("default").set("a", new Uint8Array([1]));
    try { imported["fermyon:spin/key-value@2.0.0"].Store.open("other"); } catch {}
    return imported["wasi:otel/tracing@0.2.0-rc.2"].outerSpanContext();
"""


def test_the_host_makes_spans_of_its_own(tmp_path: Path, collector: Collector) -> None:
    options = {"experimental_wasi_otel": True}
    labs, traceparent = ("lab-javascript",), f"00-{TRACE}-{SPAN}-01"
    with laboratory(tmp_path, labs, options=options, key_value_stores=["default"]) as host:
        outer = host.run(HOST)
        connection = http.client.HTTPConnection(str(host.host.base_url).removeprefix("http://"))
        with closing(connection):
            headers = {"traceparent": traceparent}
            connection.request("POST", "/lab-javascript?x=1", "return 1", headers)
            assert connection.getresponse().read() == b"1"
            unsampled = {"traceparent": traceparent[:-1] + "0"}
            connection.request("POST", "/lab-javascript", "return 2", unsampled)
            connection.getresponse().read()
            connection.request("POST", "/lab-javascript", MISUSES["an id that is none"][0])
            connection.getresponse().read()
        assert tells(host, MISUSES["an id that is none"][1])
    spans = {
        span.span_id: span
        for request in collector.requests["/v1/traces"]
        for scopes in request.resource_spans[0].scope_spans
        if scopes.scope.name == "spindle"
        for span in scopes.spans
    }
    assert len(spans) == 2 + 3 + 2 + 2
    guest = spans[bytes.fromhex(outer["spanId"])]
    assert guest.name == "execute_wasm_component lab-javascript"
    assert guest.trace_id.hex() == outer["traceId"]
    whole = spans[guest.parent_span_id]
    assert (whole.name, whole.parent_span_id) == ("POST /lab-javascript", b"")
    told = {pair.key: MessageToDict(pair.value) for pair in whole.attributes}
    assert told["http.response.status_code"] == {"intValue": "200"}
    calls = [span for span in spans.values() if span.parent_span_id == guest.span_id]
    opened, set_, refused = sorted(calls, key=lambda span: span.start_time_unix_nano)
    assert (opened.name, set_.name) == ("spin_key_value.open", "spin_key_value.set")
    assert opened.status.code == opened.status.STATUS_CODE_UNSET
    assert "access-denied" in refused.status.message
    assert whole.start_time_unix_nano <= opened.start_time_unix_nano
    assert set_.end_time_unix_nano <= whole.end_time_unix_nano
    (given,) = [span for span in spans.values() if span.parent_span_id.hex() == SPAN]
    assert given.trace_id.hex() == TRACE
    (trapped,) = [span for span in spans.values() if "id of 8 bytes" in span.status.message]
    assert trapped.name == "POST /lab-javascript"


def test_an_environment_for_others_is_no_obstacle(
    lab: Labs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    host = javascript(lab, flag=False)
    assert host.run("return 1") == 1
    assert "telemetry can't be sent by `grpc`" in host.console.text
    with pytest.raises(UserError, match="by `grpc`"):
        javascript(lab)


MISUSES = {
    "end what is not begun": (f"{SPANS} tracing.onEnd(span);", "that it had not started"),
    "an id that is none": (
        f'{SPANS} span.parentSpanId = "xyz"; tracing.onStart(context); tracing.onEnd(span);',
        "gave `xyz` for an id of 8 bytes",
    ),
    "a severity that is none": (
        'imported["wasi:otel/logs@0.2.0-rc.2"].onEmit({ severityNumber: 200 });',
        "gave 200 for a severity",
    ),
    "spans without end": (
        f"{SPANS} for (let i = 0; ; i++) tracing.onStart({{ ...context, spanId: String(i) }});",
        "has begun 10000 spans that have not ended",
    ),
}


@pytest.mark.parametrize(("code", "why"), MISUSES.values(), ids=MISUSES)
def test_a_guest_that_breaks_the_rules_ends(
    lab: Labs, collector: Collector, code: str, why: str
) -> None:
    host = javascript(lab)
    assert host.post("/lab-javascript", code.encode())[0] == 500
    assert tells(host, why)
    assert host.run("return 1") == 1


def test_targets_are_where_the_environment_says() -> None:
    both = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a:4318/x/"}
    assert targets_of(both)["logs"] == Target("http://a:4318/x/v1/logs", {}, 10.0, False)
    special = {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://b/here",
        "OTEL_EXPORTER_OTLP_HEADERS": "a=1,b=x%3Dy,nonsense, c = 3 ",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1500",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
    }
    headers = {"a": "1", "b": "x=y", "c": "3"}
    assert targets_of(special) == {"traces": Target("https://b/here", headers, 1.5, True)}
    assert targets_of(both | {"OTEL_SDK_DISABLED": "true"}) == {}
    assert targets_of({}) == {}
    assert resource_attributes({"OTEL_SERVICE_NAME": "me"})["service.name"] == "me"


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("PROTOCOL", "grpc", "by `grpc`"),
        ("TRACES_PROTOCOL", "http/json", "by `http/json`"),
        ("ENDPOINT", "localhost:4318", "no address of a server"),
        ("METRICS_ENDPOINT", "http://[", "no address of a server"),
    ],
)
def test_an_environment_that_makes_no_sense(name: str, value: str, why: str) -> None:
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", f"OTEL_EXPORTER_OTLP_{name}": value}
    with pytest.raises(UserError, match=why):
        targets_of(environment)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_a_value(text: str) -> None:
    value = any_value(text.encode("utf-8", "replace").decode())
    assert AnyValue.FromString(value.SerializeToString()) == value or "nan" in str(value)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 5000, "1e999", str(2**70)])
def test_any_value_may_be_strange(text: str) -> None:
    any_value(text)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_times_are_bounded(seconds: int, nanos: int) -> None:
    moment: Any = SimpleNamespace(seconds=seconds, nanoseconds=nanos)
    assert 0 <= nanoseconds(moment) < 2**64
