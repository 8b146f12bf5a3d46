"""Addresses of MySQL servers, as guests give them: `mysql://user:password@host:port/database`.

Options are those of the library Spin is built with. Of them `ssl-mode` matters here, in any
spelling, and `enable_cleartext_plugin`; the others tune what that library does inside, and are
taken and left.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from spindle.factors.rdbms import DatabaseError

PORT = 3306
_TLS_OPTIONS = ("ssl-mode", "sslmode")
_TUNING = frozenset(
    (
        "abs_conn_ttl", "abs_conn_ttl_jitter", "built_in_roots", "client_found_rows",
        "compression", "conn_ttl", "inactive_connection_ttl",
        "max_allowed_packet", "pool_max", "pool_min", "prefer_socket", "require_ssl",
        "reset_connection", "secure_auth", "stmt_cache_size", "tcp_keepalive", "tcp_nodelay",
        "ttl_check_interval", "verify_ca", "verify_identity", "wait_timeout",
    )
)  # fmt: skip


class Address(NamedTuple):
    """Where a server is, who asks, and for which database."""

    host: str
    port: int = PORT
    user: str = ""
    password: str = ""
    database: str | None = None
    tls: bool = False
    cleartext: bool = False
    """Whether the server may have the password as it is."""


def parse_address(text: str) -> Address:
    """Read an address; raises `DatabaseError`."""
    try:
        parts = urlsplit(text)
        port = PORT if parts.port is None else parts.port
    except ValueError as error:
        raise _malformed(str(error)) from None
    if parts.scheme != "mysql" or not parts.hostname:
        raise _malformed("expected `mysql://user:password@host:port/database`")
    return Address(
        parts.hostname,
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path.removeprefix("/")) or None,
        *_options(parts.query),
    )


def _options(query: str) -> tuple[bool, bool]:
    """Whether TLS is wanted, and whether the password may be sent as it is."""
    tls = cleartext = False
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.lower() in _TLS_OPTIONS:
            tls = tls or value.lower() != "disabled"
        elif name == "enable_cleartext_plugin":
            cleartext = value == "true"
        elif name not in _TUNING:
            raise _malformed(f"there is no option `{name}`")
    return tls, cleartext


def _malformed(why: str) -> DatabaseError:
    return DatabaseError("connection-failed", f"the address is not one of MySQL: {why}")
