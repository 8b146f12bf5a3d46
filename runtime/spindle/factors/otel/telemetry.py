"""What exports guests' telemetry, as far as the environment says where to."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from spindle import __version__
from spindle.errors import UserError
from spindle.exchange import Exchange
from spindle.factors.otel.context import context_of
from spindle.factors.otel.exporter import Batches, Exporter, ExportError
from spindle.factors.otel.settings import resource_attributes, targets_of

LAST_SECONDS = 5.0
"""How long the host's end waits for what is still to be sent."""


class Telemetry:
    """Spans, records and metrics, each on its way; what has no target is dropped."""

    def __init__(self, environment: Mapping[str, str], on_trouble: Callable[[str], None]) -> None:
        """Raises `UserError` for an environment that makes no sense."""
        targets = targets_of(environment)
        self.active = bool(targets)
        if self.active and not _installed():
            raise UserError(
                "exporting telemetry needs packages that are not installed",
                hints=("pip install 'spindle[otel]'",),
            )
        self._exporters = {signal: Exporter(target) for signal, target in targets.items()}
        self._resource = {
            **resource_attributes(environment),
            "service.version": __version__,
            "telemetry.sdk.name": "spindle",
            "telemetry.sdk.language": "python",
            "telemetry.sdk.version": __version__,
        }
        self._say = on_trouble
        self._said = ""
        self._batches: dict[str, Batches[Any]] = {}

    @property
    def traces(self) -> bool:
        """Whether spans go anywhere."""
        return "traces" in self._exporters

    def add_span(self, data: Any) -> None:
        """Export a `span-data`."""
        if self.traces:
            from spindle.factors.otel import spans

            self._add("traces", spans.span_of(data), spans.request_of)

    def add_exchange(self, exchange: Exchange) -> None:
        """Export an invocation's spans, if its client wants any."""
        if self.traces and (context := context_of(exchange)).sampled:
            from spindle.factors.otel import host_spans, spans

            self._add("traces", host_spans.spans_of(exchange, context), spans.request_of)

    def add_log(self, data: Any) -> None:
        """Export a `log-record`."""
        if "logs" in self._exporters:
            from spindle.factors.otel import logs

            self._add("logs", logs.record_of(data), logs.request_of)

    async def send_metrics(self, data: Any) -> None:
        """Export a `resource-metrics`, now; raises `ExportError`."""
        exporter = self._exporters.get("metrics")
        if exporter is not None:
            from spindle.factors.otel import metrics

            try:
                await exporter.send(metrics.request_of(data))
            except ExportError as error:
                self._on_trouble(str(error))
                raise

    async def close(self) -> None:
        """Send what waits, as far as that is soon done, and close the connections."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await asyncio.gather(*(batches.flush() for batches in self._batches.values()))
        for exporter in self._exporters.values():
            await exporter.close()

    def _on_trouble(self, trouble: str) -> None:
        """Tell of it, unless it is what was told last."""
        if trouble != self._said:
            self._said = trouble
            self._say(trouble)

    def _add(self, signal: str, thing: Any, request_of: Callable[[Any, Any], bytes]) -> None:
        batches = self._batches.get(signal)
        if batches is None:
            from spindle.factors.otel.values import resource

            sender = resource(self._resource)
            batches = self._batches[signal] = Batches(
                self._exporters[signal],
                lambda things: request_of(sender, things),
                self._on_trouble,
            )
        batches.add(thing)


def _installed() -> bool:
    try:
        return importlib.util.find_spec("opentelemetry.proto") is not None
    except ModuleNotFoundError:
        return False
