"""Telemetry for guests: `wasi:otel`, which Spin calls experimental and so do we."""

from __future__ import annotations

from collections.abc import Mapping

from spindle.app import AppComponent
from spindle.component.host import HostInterface
from spindle.factors.factor import Factor
from spindle.factors.otel.following import Following
from spindle.factors.otel.interfaces import INTERFACES, REFUSED
from spindle.factors.otel.telemetry import Telemetry
from spindle.factors.state import InstanceState


class OtelFactor(Factor):
    """Telemetry of all components; None if guests may not make any."""

    def __init__(self, telemetry: Telemetry | None) -> None:
        self._telemetry = telemetry

    def init(self) -> Mapping[str, HostInterface]:
        """The interfaces of `wasi:otel`; without telemetry, what says how to have it."""
        return REFUSED if self._telemetry is None else INTERFACES

    def prepare(self, component: AppComponent, state: InstanceState) -> None:
        """What exports the component's telemetry."""
        if self._telemetry is not None:
            state.factors["otel"] = self._telemetry


__all__ = ["Following", "OtelFactor", "Telemetry"]
