"""Addresses that guests connect to by URL, other than by HTTP: databases, brokers, caches."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Container
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from spindle.factors.state import InstanceState
from spindle.outbound_hosts import OutboundHostError, parse_host

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PASSWORD = re.compile(r"(?<=:)(?!//).+(?=@)", re.DOTALL)
_ENDS_AUTHORITY = frozenset("/?#")
_OVERLOOKED_BEFORE = "".join(map(chr, range(0x21)))
_OVERLOOKED = str.maketrans("", "", "\t\r\n")
"""What `urlsplit`, as every reader of URLs, takes for not being there."""


class Destination(NamedTuple):
    """Where a URL leads."""

    scheme: str
    host: str
    port: int | None

    @property
    def authority(self) -> str:
        """`host[:port]`."""
        return self.host if self.port is None else f"{self.host}:{self.port}"


class Blocked(OSError):
    """Every address of a host is in a network that is blocked."""


def destination(url: str, scheme: str) -> Destination | None:
    """Where a URL leads; one without a scheme has the one given. None if it leads nowhere.

    It agrees with `urlsplit` on host and port, so that nobody is asked about one host and connects
    to another.
    """
    url = url.lstrip(_OVERLOOKED_BEFORE).translate(_OVERLOOKED)
    start = found.end() if (found := _SCHEME.match(url)) else 0
    rest = url[start:]
    user, at, tail = rest.partition("@")
    if at and not _ENDS_AUTHORITY.intersection(user):
        rest = f"{quote(user, safe='')}@{tail}"
    text = f"{url[:start] or f'{scheme}://'}{rest}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
        if not host:
            return None
        parse_host(f"[{host}]" if ":" in host else host)
    except (ValueError, OutboundHostError):
        return None
    return Destination(parts.scheme, f"[{host}]" if ":" in host else host, port)


def may_connect(state: InstanceState, url: str, scheme: str) -> bool:
    """Whether a component may connect to a URL; a refusal is reported."""
    to = destination(url, scheme)
    if to is None:
        return False
    if state.outbound_hosts.allows(*to):
        return True
    state.refuse(f"{to.scheme}://{to.authority}")
    return False


def without_password(url: str) -> str:
    """A URL as it may be shown and recorded."""
    return _PASSWORD.sub("***", url)


async def resolve(host: str, port: int, blocked: Container[str]) -> list[str]:
    """The addresses of a host that may be connected to; raises `OSError`, `Blocked` if none."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError:  # such as an empty label, or one that is too long
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None
    addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
    allowed = [address for address in addresses if address not in blocked]
    if not allowed:
        raise Blocked(f"`{host}` is in a blocked network")
    return allowed
