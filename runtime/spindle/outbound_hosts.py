"""Where a component may connect to: the grammar of `allowed_outbound_hosts`, and asking it.

A pattern is `scheme://host[:port]`. Each part may be `*`; a host may also be `*.domain` (any
depth), `self`, a domain, an address or a network (`10.0.0.0/8`); a port may also be a range `a..b`
without `b`, and when it is missing it is the scheme's well-known one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeVar

from spindle.template import parse_template

SERVICE_CHAINING_SUFFIX = ".spin.internal"
"""Hosts with this ending are components of the application."""

WELL_KNOWN_PORTS = {
    "postgres": 5432,
    "mysql": 3306,
    "redis": 6379,
    "mqtt": 1883,
    "http": 80,
    "https": 443,
}

Host = str | IPv4Address | IPv6Address
"""A lower-case domain or an address."""
Network = IPv4Network | IPv6Network


T = TypeVar("T")


class OutboundHostError(ValueError):
    """A text that is no pattern; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class AnyHost:
    """`*`."""


class Subdomains(NamedTuple):
    """`*.domain`; `suffix` begins with the dot."""

    suffix: str


@dataclass(frozen=True, slots=True)
class Self:
    """`self`: the application itself, by relative URL."""


HostPattern = AnyHost | Subdomains | Self | Network | str
"""A single address is a network of one; a text is a domain."""


class OutboundHost(NamedTuple):
    """One pattern."""

    text: str
    scheme: str | None
    """None for any."""
    host: HostPattern
    ports: range | None
    """None for any."""

    @property
    def is_for_chaining(self) -> bool:
        """Whether it lets other components of the application be called."""
        match self.host:
            case Subdomains(suffix):
                return suffix == SERVICE_CHAINING_SUFFIX
            case str(domain):
                return domain.endswith(SERVICE_CHAINING_SUFFIX)
            case _:
                return False

    @property
    def chained_component(self) -> str | None:
        """The one component it lets be called, if it names one."""
        if not isinstance(self.host, str) or not self.host.endswith(SERVICE_CHAINING_SUFFIX):
            return None
        return self.host.removesuffix(SERVICE_CHAINING_SUFFIX)

    def allows(self, scheme: str, host: Host, port: int | None) -> bool:
        """Whether a connection fits; a missing port is the scheme's well-known one."""
        return (
            self.scheme in (None, scheme)
            and self._allows_host(host)
            and self._allows_port(scheme, port)
        )

    def allows_self(self, schemes: Sequence[str]) -> bool:
        """Whether a relative URL fits, under any of some schemes."""
        fits = self.scheme is None or self.scheme in schemes
        return fits and isinstance(self.host, AnyHost | Self)

    def _allows_host(self, host: Host) -> bool:
        match self.host:
            case AnyHost():
                return True
            case Subdomains(suffix):
                return isinstance(host, str) and host.endswith(suffix)
            case IPv4Network() | IPv6Network():
                return not isinstance(host, str) and host in self.host
            case Self():
                return False
            case domain:
                return host == domain

    def _allows_port(self, scheme: str, port: int | None) -> bool:
        if self.ports is None:
            return True
        port = WELL_KNOWN_PORTS.get(scheme) if port is None else port
        return port is not None and port in self.ports


class OutboundHosts(NamedTuple):
    """All that one component is allowed."""

    patterns: tuple[OutboundHost, ...] = ()

    def allows(self, scheme: str, host: str, port: int | None = None) -> bool:
        """Whether the component may connect; a host that is none is never allowed."""
        try:
            parsed = parse_host(host)
        except OutboundHostError:
            return False
        return any(pattern.allows(scheme, parsed, port) for pattern in self.patterns)

    def allows_self(self, schemes: Sequence[str] = ("http", "https")) -> bool:
        """Whether the component may call the application itself by a relative URL."""
        return any(pattern.allows_self(schemes) for pattern in self.patterns)


def resolve_outbound_hosts(
    texts: Iterable[str], value: Callable[[str], str], components: Iterable[str] = ()
) -> OutboundHosts:
    """The patterns a component's templates spell, given its variables' values.

    Templates that come to nothing, `http://` or `https://` are left out: an optional endpoint.
    `*.spin.internal` becomes one pattern a component of the application. Raises
    `OutboundHostError` and `spindle.template.TemplateError`.
    """
    names = tuple(components)
    patterns: list[OutboundHost] = []
    for text in texts:
        template = parse_template(text)
        resolved = text if template.is_literal else template.filled(value)
        if not template.is_literal and is_absent(resolved):
            continue
        patterns += _expanded(parse_outbound_host(resolved), names)
    return OutboundHosts(tuple(patterns))


def covers(pattern: OutboundHost, other: OutboundHost) -> bool:
    """Whether all that one pattern lets a component connect to another one does, too.

    Of patterns for several schemes, hosts or ports it is only known of those that say the same.
    """
    if pattern[1:] == other[1:]:
        return True
    if other.scheme is None or other.ports is None or len(other.ports) != 1:
        return False
    match other.host:
        case Self():
            return pattern.allows_self((other.scheme,))
        case str(domain):
            return pattern.allows(other.scheme, domain, other.ports.start)
        case IPv4Network() | IPv6Network() if other.host.num_addresses == 1:
            return pattern.allows(other.scheme, other.host[0], other.ports.start)
        case _:
            return False


def is_absent(resolved: str) -> bool:
    """Whether a resolved template stands for no host at all."""
    return resolved in ("", "http://", "https://")


def _expanded(pattern: OutboundHost, components: tuple[str, ...]) -> list[OutboundHost]:
    if pattern.host != Subdomains(SERVICE_CHAINING_SUFFIX):
        return [pattern]
    return [pattern._replace(host=f"{id_}{SERVICE_CHAINING_SUFFIX}") for id_ in components]


@lru_cache(4096)
def parse_outbound_host(text: str) -> OutboundHost:
    """Parse one pattern; raises `OutboundHostError`."""
    trimmed = text.strip()
    scheme, found, rest = trimmed.partition("://")
    if not found:
        raise OutboundHostError(_without_scheme(trimmed))
    host_text, port_text = _host_and_port(trimmed, rest)
    ports = _in_context(f'Invalid allowed host port "{port_text}"', _ports, port_text, scheme)
    any_scheme = _in_context(f'Invalid allowed host scheme "{scheme}"', _scheme, scheme)
    host = _in_context(f'Invalid allowed host "{host_text}"', _host_pattern, host_text)
    return OutboundHost(text, any_scheme, host, ports)


def _without_scheme(text: str) -> str:
    if text in ("*", ":", "", "?"):
        return (
            f'"{text}" is not an allowed outbound host format: hosts must be in the form '
            "<scheme>://<host>[:<port>], with '*' wildcards allowed for each"
        )
    if text == "insecure:allow-all":
        return (
            "'insecure:allow-all' is not allowed - use '*://*:*' instead if you really want to "
            "allow all outbound traffic"
        )
    return f"\"{text}\" does not contain a scheme (e.g., 'http://' or '*://')"


def _host_and_port(text: str, rest: str) -> tuple[str, str]:
    host, colon, tail = rest.rpartition(":")
    if not colon:
        return rest, ""
    if not tail or _is_host(rest):
        return (rest if tail else host), ""
    port, slash, path = tail.partition("/")
    if slash and path:
        raise OutboundHostError(f'"{text}" has a path but is not allowed to')
    return host, port


def _is_host(text: str) -> bool:
    try:
        _host_pattern(text)
    except OutboundHostError:
        return False
    return True


def _in_context(context: str, parse: Callable[..., T], *args: str) -> T:
    try:
        return parse(*args)
    except OutboundHostError as error:
        raise OutboundHostError(f"{context}: {error}") from None


def _scheme(text: str) -> str | None:
    if text == "*":
        return None
    if text.startswith("{"):
        raise OutboundHostError("scheme lists are not supported")
    if not text.isalpha() and text:
        raise OutboundHostError("only alphabetic characters are allowed")
    return text


def _ports(text: str, scheme: str) -> range | None:
    if text == "*":
        return None
    if not text:
        port = WELL_KNOWN_PORTS.get(scheme)
        if port is None:
            raise OutboundHostError(
                f'no port was provided and the scheme "{scheme}" does not have a known default '
                "port number"
            )
        return range(port, port + 1)
    if text.startswith("{"):
        raise OutboundHostError("port lists are not yet supported")
    first, dots, end = text.partition("..")
    if dots:
        message = f'port range "{text}" contains non-number'
        return range(_port(first, message), _port(end, message))
    port = _port(text, f'port "{text}" is not a number')
    return range(port, port + 1)


def _port(text: str, message: str) -> int:
    if not re.fullmatch(r"\+?[0-9]{1,6}", text) or int(text) > 65535:
        raise OutboundHostError(message)
    return int(text)


def _host_pattern(text: str) -> HostPattern:
    text = text.strip()
    if text == "*":
        return AnyHost()
    if text in ("self", "self.alt"):
        return Self()
    if text.startswith("{"):
        raise OutboundHostError("host lists are not yet supported")
    if (network := _network(text)) is not None:
        return network
    text = text.removesuffix("/")
    if "/" in text:
        raise OutboundHostError("must not include a path")
    if text.startswith("*."):
        return _subdomains(text.removeprefix("*."))
    if "*" in text:
        raise OutboundHostError("wildcards are allowed only as subdomains")
    host = parse_host(text)
    return host if isinstance(host, str) else ip_network(host)


def _subdomains(domain: str) -> Subdomains:
    if "*" in domain:
        raise OutboundHostError("wildcards are allowed only as prefixes")
    host = parse_host(domain)
    if not isinstance(host, str):
        raise OutboundHostError("wildcard suffix must be a domain")
    return Subdomains(f".{host}")


def _network(text: str) -> Network | None:
    if not re.fullmatch(r"[0-9.]+(/[0-9]+)?|[0-9a-fA-F:.]+(/[0-9]+)?", text):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


_FORBIDDEN = re.compile(r"[\x00-\x20\x7f#%/:<>?@\[\\\]^|]")


def parse_host(text: str) -> Host:
    """A host as a URL writes it: a domain, an IPv4 address, or an IPv6 address in brackets.

    Raises `OutboundHostError`.
    """
    if text.startswith("[") and text.endswith("]"):
        try:
            return IPv6Address(text[1:-1])
        except ValueError:
            raise OutboundHostError("invalid IPv6 address") from None
    if re.fullmatch(r"[0-9]+(\.[0-9]+){3}", text):
        try:
            return ip_address(text)
        except ValueError:
            raise OutboundHostError("invalid IPv4 address") from None
    if not text:
        raise OutboundHostError("empty host")
    if _FORBIDDEN.search(text):
        raise OutboundHostError("invalid domain character")
    if text.isascii():
        return text.lower()
    try:
        return text.encode("idna").decode().lower()
    except UnicodeError:
        raise OutboundHostError("invalid international domain name") from None


def parse_http_host(text: str) -> tuple[str, ...]:
    """The patterns that one entry of the deprecated `allowed_http_hosts` stands for.

    An entry is a host with an optional port, or an HTTP URL of one. Raises `OutboundHostError`.
    """
    if text == "insecure:allow-all":
        return ("http://*:*", "https://*:*", "http://self")
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = "http", text
    elif scheme not in ("http", "https"):
        raise OutboundHostError(f"{text} isn't a valid host or host:port string")
    authority, _, path = rest.partition("/")
    if path:
        raise OutboundHostError(f"{text} contains a path, should be host and optional port only")
    if authority == "self":
        return ("http://self",)
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, port = authority, ""
    try:
        parse_host(host)
        if port:
            _port(port, "not a number")
    except OutboundHostError:
        raise OutboundHostError(f"{text} isn't a valid host or host:port string") from None
    default = {"http": "80", "https": "443"}[scheme]
    suffix = f":{port}" if port and port != default else ""
    return (f"http://{host}{suffix}", f"https://{host}{suffix}")
