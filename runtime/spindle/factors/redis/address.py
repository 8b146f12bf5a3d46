"""Addresses of Redis servers, as Spin's client reads them.

`redis[s]://[[user][:password]@]host[:port][/database][?protocol=resp3][#insecure]`
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from spindle.factors.redis.errors import RedisError

DEFAULT_PORT = 6379
_PROTOCOLS = {"2": 2, "resp2": 2, "3": 3, "resp3": 3}


class Address(NamedTuple):
    """Where a server is, and how to introduce oneself to it."""

    host: str
    port: int = DEFAULT_PORT
    tls: bool = False
    verify: bool = True
    """Whether the server must prove by its certificate who it is."""
    database: int = 0
    user: str | None = None
    password: str | None = None
    protocol: int = 2

    def __str__(self) -> str:
        """As it may be shown and recorded."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        path = f"/{self.database}" if self.database else ""
        return f"redis{'s' * self.tls}://{host}:{self.port}{path}"


def parse_address(text: str) -> Address:
    """What a text means; raises `RedisError` `invalid-address`."""
    try:
        return _parsed(text)
    except ValueError:
        raise RedisError("invalid-address") from None


def _parsed(text: str) -> Address:
    url = urlsplit(text)
    tls = url.scheme in ("rediss", "valkeys")
    if not (tls or url.scheme in ("redis", "valkey")) or not url.hostname:
        raise ValueError(text)
    if url.hostname in ("0.0.0.0", "::") or (tls and url.fragment not in ("", "insecure")):
        raise ValueError(text)
    return Address(
        host=url.hostname,
        port=DEFAULT_PORT if url.port is None else url.port,
        tls=tls,
        verify=not (tls and url.fragment == "insecure"),
        database=int(url.path.strip("/") or "0"),
        user=_decoded(url.username) or None,
        password=_decoded(url.password),
        protocol=_protocol(url.query),
    )


def _decoded(text: str | None) -> str | None:
    return None if text is None else unquote(text, errors="strict")


def _protocol(query: str) -> int:
    named = parse_qs(query, keep_blank_values=True).get("protocol", ["2"])[-1]
    if named not in _PROTOCOLS:
        raise ValueError(named)
    return _PROTOCOLS[named]
