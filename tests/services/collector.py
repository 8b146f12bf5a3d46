"""A collector of telemetry, which reads OTLP's messages as the protocol's own library does."""

from __future__ import annotations

import gzip
from collections import defaultdict
from typing import Any

from aiohttp import web
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from tests.services.web import WebServer

MESSAGES: dict[str, tuple[type[Message], type[Message]]] = {
    "/v1/traces": (
        trace_service_pb2.ExportTraceServiceRequest,
        trace_service_pb2.ExportTraceServiceResponse,
    ),
    "/v1/metrics": (
        metrics_service_pb2.ExportMetricsServiceRequest,
        metrics_service_pb2.ExportMetricsServiceResponse,
    ),
    "/v1/logs": (
        logs_service_pb2.ExportLogsServiceRequest,
        logs_service_pb2.ExportLogsServiceResponse,
    ),
}


class Collector(WebServer):
    """The server; `requests` are the messages it got, by path, and `headers` what came with them.

    `status`, when set, is what it answers to everything.
    """

    def __init__(self) -> None:
        super().__init__()
        self.requests: defaultdict[str, list[Any]] = defaultdict(list)
        self.headers: list[dict[str, str]] = []
        self.status = 200

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 << 20)
        for path in MESSAGES:
            app.router.add_post(path, self._collect)
        return app

    async def _collect(self, request: web.Request) -> web.Response:
        assert request.headers["content-type"] == "application/x-protobuf"
        kind, answer = MESSAGES[request.path]
        body = await request.read()
        message = kind()
        message.ParseFromString(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        self.requests[request.path].append(message)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        return web.Response(status=self.status, body=answer().SerializeToString())
