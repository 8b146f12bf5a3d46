"""Where telemetry goes, as the environment says it.

Spec: https://opentelemetry.io/docs/specs/otel/protocol/exporter/; what turns it on is as in Spin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from spindle.errors import UserError

SIGNALS = ("traces", "metrics", "logs")
_DEFAULT_TIMEOUT = 10.0
_HTTP = "http/protobuf"


class Target(NamedTuple):
    """Where the telemetry of one kind goes."""

    url: str
    headers: Mapping[str, str]
    timeout: float
    """Seconds."""
    gzip: bool


def targets_of(environment: Mapping[str, str]) -> dict[str, Target]:
    """Targets by signal, without those that go nowhere; raises `UserError`."""
    if environment.get("OTEL_SDK_DISABLED"):
        return {}
    found = ((signal, _target(environment, signal)) for signal in SIGNALS)
    return {signal: target for signal, target in found if target is not None}


def resource_attributes(environment: Mapping[str, str]) -> dict[str, str]:
    """What `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME` say of who sends."""
    attributes = {"service.name": "spin"}
    attributes.update(_pairs(environment.get("OTEL_RESOURCE_ATTRIBUTES", "")))
    if name := environment.get("OTEL_SERVICE_NAME"):
        attributes["service.name"] = name
    return attributes


def _target(environment: Mapping[str, str], signal: str) -> Target | None:
    def setting(name: str) -> str:
        special = environment.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_{name}", "")
        return special or environment.get(f"OTEL_EXPORTER_OTLP_{name}", "")

    url = setting("ENDPOINT")
    if not url:
        return None
    if not environment.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT"):
        url = f"{url.rstrip('/')}/v1/{signal}"
    _check_url(url)
    _check_protocol(setting("PROTOCOL"))
    headers = dict(_pairs(setting("HEADERS")))
    return Target(url, headers, _seconds(setting("TIMEOUT")), setting("COMPRESSION") == "gzip")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """`name=value,…`, percent-encoded; what is neither is left out."""
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        if equals and name.strip():
            yield unquote(name.strip()), unquote(value.strip())


def _seconds(milliseconds: str) -> float:
    try:
        return max(0.001, int(milliseconds) / 1000)
    except ValueError:
        return _DEFAULT_TIMEOUT


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        sensible = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sensible = False
    if not sensible:
        raise UserError(
            f"telemetry can't be sent to `{url}`, which is no address of a server",
            hints=("write `OTEL_EXPORTER_OTLP_ENDPOINT` like `http://localhost:4318`",),
        )


def _check_protocol(protocol: str) -> None:
    """Spin takes what it doesn't know for HTTP, and refuses JSON; gRPC is refused here as well."""
    if protocol in ("grpc", "http/json"):
        raise UserError(
            f"telemetry can't be sent by `{protocol}`",
            hints=(f"set `OTEL_EXPORTER_OTLP_PROTOCOL={_HTTP}`; collectors take it on port 4318",),
        )
