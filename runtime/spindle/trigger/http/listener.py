"""Where the server listens: addresses, sockets and TLS, with errors a person can act on."""

from __future__ import annotations

import errno
import socket
import ssl
from pathlib import Path

from spindle.errors import HostError, UserError

_TRIES = 10
"""Ports `--find-free-port` looks at, the asked one included."""


def parse_listen_address(text: str) -> tuple[str, int]:
    """The IP address and port a `HOST:PORT` text means; IPv4's loopback wins over others.

    Raises `UserError` for a text that is none, `HostError` for a name nobody knows.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise UserError(
            f"`{text}` is not an address to listen on",
            hints=("write a host and a port, such as `127.0.0.1:3000`",),
        )
    name = host.strip("[]")
    try:
        # Names given as text are looked at as international ones, with tables of all of Unicode.
        found = socket.getaddrinfo(
            name.encode() if name.isascii() else name, int(port), type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise HostError(f"the address `{text}` cannot be resolved: {error.strerror}") from None
    addresses = [info[4] for info in found]
    chosen = next((a for a in addresses if a[0] == "127.0.0.1"), addresses[0])
    return str(chosen[0]), int(chosen[1])


def bind(host: str, port: int, *, find_free_port: bool = False) -> socket.socket:
    """A listening socket on an IP address; raises `HostError` with a remedy."""
    for candidate in range(port, port + (_TRIES if find_free_port else 1)):
        if candidate > 65535:
            break
        try:
            return _listen(host, candidate)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise HostError(
                    f"cannot listen on {_shown(host, candidate)}: {error.strerror}"
                ) from None
    if find_free_port:
        raise HostError(
            f"no port is free in the range {port}-{min(port + _TRIES - 1, 65535)}",
            hints=("try another port with `--listen`",),
        )
    raise HostError(
        f"{_shown(host, port)} is already in use",
        hints=("use `--find-free-port` to search for a free port, or `--listen` for another",),
    )


def base_url(scheme: str, listener: socket.socket) -> str:
    """The URL of a listening socket, without a final slash."""
    host, port = listener.getsockname()[:2]
    return f"{scheme}://{_shown(host, port)}"


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS for a server that speaks HTTP/2 and HTTP/1.1; raises `UserError` naming the file."""
    for path, what in ((certificate, "certificate(s)"), (key, "private key")):
        try:
            text = path.read_bytes()
        except OSError as error:
            raise UserError(
                f"failed to load {what} from `{path}`: {error.strerror}", path=path
            ) from None
        if b"-----BEGIN " not in text:
            raise UserError(f"failed to load {what} from `{path}`: it is no PEM file", path=path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        why = error.reason or "malformed PEM"
        raise UserError(
            f"the certificate `{certificate}` and the key `{key}` cannot be used: {why}",
            path=certificate,
        ) from None
    return context


def _no_password() -> bytes:
    return b""  # An encrypted key fails instead of asking at the terminal.


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(4096)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
