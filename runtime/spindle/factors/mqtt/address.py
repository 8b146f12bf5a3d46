"""Addresses of MQTT brokers, as Spin's client reads them.

`mqtt[s]://host[:port]?client_id=ID`, with `clean_session`, `max_outgoing_packet_size_bytes` and
others; `tcp` and `ssl` are other names of the schemes. A user in it is overlooked: who connects
says that apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from spindle.factors.mqtt.errors import MqttError

LARGEST_PACKET = 10 * 1024
"""Bytes of a packet that Spin's client sends, unless the address says otherwise."""


class Address(NamedTuple):
    """Where a broker is, and whom it is to know us as."""

    host: str
    port: int
    client_id: str
    tls: bool = False
    clean_session: bool = True
    largest_packet: int = LARGEST_PACKET

    def __str__(self) -> str:
        """As it may be shown and recorded."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtt{'s' * self.tls}://{host}:{self.port}"


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


_TLS = {"mqtt": False, "tcp": False, "mqtts": True, "ssl": True}
_INCOMING, _OUTGOING = (f"max_{way}_packet_size_bytes" for way in ("incoming", "outgoing"))
LIMITS = f"{_INCOMING}=…&{_OUTGOING}=…"
"""What in an address allows larger packets."""
_OPTIONS: dict[str, Callable[[str], Any]] = {
    "client_id": str,
    "clean_session": _boolean,
    _INCOMING: int,
    _OUTGOING: int,
    # Of no consequence here, but known.
    "keep_alive_secs": int,
    "request_channel_capacity_num": int,
    "max_request_batch_num": int,
    "pending_throttle_usecs": int,
    "inflight_num": int,
}


def parse_address(text: str) -> Address:
    """What a text means; raises `MqttError` `invalid-address`."""
    try:
        return _parsed(text)
    except (KeyError, ValueError):
        raise MqttError("invalid-address") from None


def _parsed(text: str) -> Address:
    url = urlsplit(text)
    tls = _TLS[url.scheme]
    pairs = dict(parse_qsl(url.query, keep_blank_values=True))
    options = {name: _OPTIONS[name](value) for name, value in pairs.items()}
    limits = _INCOMING in options and _OUTGOING in options  # one alone changes nothing
    return Address(
        host=url.hostname or "",
        port=url.port or (8883 if tls else 1883),
        client_id=options["client_id"],
        tls=tls,
        clean_session=options.get("clean_session", True),
        largest_packet=options[_OUTGOING] if limits else LARGEST_PACKET,
    )
