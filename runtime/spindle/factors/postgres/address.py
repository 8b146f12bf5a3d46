"""Addresses of PostgreSQL servers: URLs, and `key=value` pairs, as Spin's client reads them.

That client reads less than libpq does, which also takes files, services and the environment into
account; none of those is the guest's to name. Spec: `tokio_postgres::Config`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import unquote

from spindle.factors.outbound_url import without_password

_URL = re.compile(r"postgres(?:ql)?://")
_PAIR = re.compile(
    r"\s*([^\s=]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*))\s*"
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SECRET = re.compile(r"(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'?|(?:[^\s\\]|\\.?)+)", re.DOTALL)
_CREDENTIALS = re.compile(r"^([^:@]*):[^@]*@")

_CHOICES = {
    "sslmode": ("disable", "prefer", "require"),
    "sslnegotiation": ("postgres", "direct"),
    "target_session_attrs": ("any", "read-write", "read-only"),
    "channel_binding": ("disable", "prefer", "require"),
    "load_balance_hosts": ("disable", "random"),
}
_NUMBERS = (
    "connect_timeout", "tcp_user_timeout", "keepalives", "keepalives_idle", "keepalives_interval",
    "keepalives_retries",
)  # fmt: skip
_TEXTS = ("user", "password", "dbname", "options", "application_name")
_HOST = re.compile(r"[^\s/@?#%:,\[\]\\]+")
DEFAULT_PORT = 5432


class InvalidAddress(ValueError):
    """An address that cannot be read; says why, without the address."""


@dataclass(frozen=True, slots=True)
class Server:
    """One of the servers an address names."""

    host: str
    """A name or an address; IPv6 without brackets."""
    port: int = DEFAULT_PORT
    via: str = ""
    """The address to connect to instead of asking for the host's (`hostaddr`)."""
    port_is_given: bool = True

    @property
    def authority(self) -> str:
        """`host[:port]`, the port if it was given."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port_is_given else host


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect, and how."""

    servers: tuple[Server, ...]
    """To be tried in this order."""
    options: dict[str, str] = field(default_factory=dict)
    """All but hosts, ports and `sslmode`, by the names they are given with."""
    sslmode: str = "prefer"


def parse_address(text: str) -> Address:
    """Read an address; raises `InvalidAddress`."""
    url = _URL.match(text)
    pairs = _url_pairs(text[url.end() :]) if url else _pairs(text)
    given: dict[str, list[str]] = {}
    for key, value in pairs:
        if key in ("host", "hostaddr", "port"):
            given.setdefault(key, []).extend(value.split(","))
        else:
            given[key] = [_checked(key, value)]
    servers = _servers(given.pop("host", []), given.pop("hostaddr", []), given.pop("port", []))
    sslmode = given.pop("sslmode", ["prefer"])[0]
    return Address(servers, {key: values[0] for key, values in given.items()}, sslmode)


def shown(text: str) -> str:
    """An address as it may be shown and recorded: without its password."""
    url = _URL.match(text)
    if url is None:
        text = _SECRET.sub(r"\1***", text)
        return without_password(text) if "://" in text else text
    head, mark, query = _CREDENTIALS.sub(r"\1:***@", text[url.end() :], 1).partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    safe = [
        "password=***" if unquote(key) == "password" else key + is_ + value
        for key, is_, value in pairs
    ]
    return url[0] + head + mark + "&".join(safe)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    end = 0
    while end < len(text):
        found = _PAIR.match(text, end)
        if found is None:
            raise InvalidAddress("expected `key=value` pairs or a URL beginning with `postgres://`")
        key, quoted, bare = found.groups()
        yield key, _ESCAPE.sub(r"\1", bare if quoted is None else quoted)
        end = found.end()


def _url_pairs(rest: str) -> Iterator[tuple[str, str]]:
    """What a URL says, behind its scheme; reads it as loosely as libpq does."""
    credentials, at, tail = rest.partition("@")
    if at:
        rest = tail
        user, colon, password = credentials.partition(":")
        yield "user", _decoded(user)
        if colon:
            yield "password", _decoded(password)
    hosts, path, query = _split(rest)
    for host in filter(None, hosts.split(",") if hosts else ()):
        name, port = _host_and_port(host)
        yield "host", _decoded(name)
        yield "port", _decoded(port)
    if path:
        yield "dbname", _decoded(path)
    for pair in filter(None, query.split("&")):
        key, equals, value = pair.partition("=")
        if not equals:
            raise InvalidAddress("unterminated parameter")
        yield _decoded(key), _decoded(value)


def _split(rest: str) -> tuple[str, str, str]:
    head, _, query = rest.partition("?")
    hosts, _, path = head.partition("/")
    return hosts, path, query


def _host_and_port(text: str) -> tuple[str, str]:
    if not text.startswith("["):
        host, _, port = text.partition(":")
        return host, port or str(DEFAULT_PORT)
    host, bracket, port = text[1:].partition("]")
    if not bracket or (port and not port.startswith(":")):
        raise InvalidAddress("invalid value for option `host`")
    return host, port[1:] or str(DEFAULT_PORT)


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise InvalidAddress("what is percent-encoded is not UTF-8") from None


def _checked(key: str, value: str) -> str:
    if key in _CHOICES:
        valid = value in _CHOICES[key]
    elif key in _NUMBERS:
        valid = re.fullmatch(r"-?[0-9]{1,9}", value) is not None
    elif key in _TEXTS:
        valid = "\0" not in value
    else:
        raise InvalidAddress(f"unknown option `{key}`")
    if not valid:
        raise InvalidAddress(f"invalid value for option `{key}`")
    return value


def _servers(hosts: list[str], addresses: list[str], ports: list[str]) -> tuple[Server, ...]:
    """Hosts with the address and the port of each: its own, or the only one given."""
    if hosts and addresses and len(hosts) != len(addresses):
        raise InvalidAddress("there are not as many of `hostaddr` as of `host`")
    if len(ports) > 1 and len(ports) != max(len(hosts), len(addresses)):
        raise InvalidAddress("there are not as many ports as hosts")
    servers = [Server(_host(host), port_is_given=False) for host in hosts or addresses]
    if addresses:
        servers = [
            replace(server, via=_ip(address))
            for server, address in zip(servers, addresses, strict=True)
        ]
    numbers = [_port(port) for port in ports]
    if len(numbers) == 1:
        numbers *= len(servers)
    if not numbers:
        return tuple(servers)
    return tuple(
        replace(server, port=port, port_is_given=True)
        for server, port in zip(servers, numbers, strict=True)
    )


def _host(text: str) -> str:
    """A host, of which nobody can think that it is another."""
    if text.startswith("/"):
        raise InvalidAddress("Unix sockets are not supported on WebAssembly")
    if ":" in text:
        return _ip(text, "host")
    if not _HOST.fullmatch(text):
        raise InvalidAddress("invalid value for option `host`")
    return text


def _ip(text: str, option: str = "hostaddr") -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise InvalidAddress(f"invalid value for option `{option}`") from None


def _port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if not text.isascii() or not text.isdigit() or not 0 <= int(text[:6]) <= 0xFFFF:
        raise InvalidAddress("invalid value for option `port`")
    return int(text)
