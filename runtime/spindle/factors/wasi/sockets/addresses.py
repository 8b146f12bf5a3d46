"""Socket addresses and errors between guests and the operating system."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Any, NamedTuple

from spindle.component.values import Variant


class SocketError(Exception):
    """An operation on a socket failed; `code` is the `error-code` both versions know."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Address(NamedTuple):
    """An IP address and port."""

    host: str
    port: int

    @property
    def family(self) -> str:
        """`ipv4` or `ipv6`."""
        return "ipv6" if ":" in self.host else "ipv4"

    @property
    def url_host(self) -> str:
        """The address as URLs have it."""
        return f"[{self.host}]" if ":" in self.host else self.host


FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}

_CODES = {
    errno.EACCES: "access-denied",
    errno.EPERM: "access-denied",
    errno.EADDRINUSE: "address-in-use",
    errno.EADDRNOTAVAIL: "address-not-bindable",
    errno.ECONNREFUSED: "connection-refused",
    errno.ECONNRESET: "connection-reset",
    errno.ECONNABORTED: "connection-aborted",
    errno.EHOSTUNREACH: "remote-unreachable",
    errno.ENETUNREACH: "remote-unreachable",
    errno.EINVAL: "invalid-argument",
    errno.EMSGSIZE: "datagram-too-large",
    errno.ENOMEM: "out-of-memory",
    errno.ENOTCONN: "invalid-state",
    errno.ETIMEDOUT: "timeout",
}


NO_ROOM = "new-socket-limit"
_ONLY_0_2 = frozenset((NO_ROOM,))


def code_of(error: BaseException, unknown: Any) -> Any:
    """The `error-code` of a failure; `unknown` is the version's word for all others."""
    if isinstance(error, SocketError):
        known = unknown == "unknown" or error.code not in _ONLY_0_2
        return error.code if known else ("other", "connection quota exhausted")
    if isinstance(error, TimeoutError):
        return "timeout"
    return _CODES.get(getattr(error, "errno", None) or 0, unknown)


def address_of(value: Any) -> Address:
    """The address a guest means by an `ip-socket-address`."""
    record = value.value
    if value.case == "ipv4":
        return Address(".".join(str(octet) for octet in record.address), record.port)
    packed = b"".join(part.to_bytes(2, "big") for part in record.address)
    return Address(str(ipaddress.IPv6Address(packed)), record.port)


def ip_value(host: str) -> Variant:
    """An `ip-address`."""
    address = ipaddress.ip_address(host.partition("%")[0])
    packed = address.packed
    if address.version == 4:
        return Variant("ipv4", tuple(packed))
    return Variant("ipv6", tuple(int.from_bytes(packed[i : i + 2], "big") for i in range(0, 16, 2)))


def address_value(address: tuple[Any, ...]) -> Variant:
    """An `ip-socket-address` for the operating system's `(host, port, …)`."""
    ip = ip_value(address[0])
    if ip.case == "ipv4":
        return Variant("ipv4", (address[1], ip.value))
    flow, scope = (*address[2:], 0, 0)[:2]
    return Variant("ipv6", (address[1], flow, ip.value, scope))
