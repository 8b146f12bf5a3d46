"""How a connection to a MySQL server comes about."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Container
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from spindle.factors.mysql.address import Address, parse_address
from spindle.factors.mysql.connection import Connection
from spindle.factors.mysql.errors import told_as
from spindle.factors.outbound_url import resolve
from spindle.factors.rdbms import DatabaseError

if TYPE_CHECKING:
    from asyncmy.connection import Connection as Client

LIMIT = 30.0
"""Seconds for a server to take a connection and let the user in."""


async def connect(url: str, blocked: Container[str]) -> Connection:
    """A new connection; raises `DatabaseError`."""
    address = parse_address(url)
    with told_as("connection-failed"):
        async with asyncio.timeout(LIMIT):
            *others, last = await resolve(address.host, address.port, blocked)
            for ip in others:
                with suppress(OSError):
                    return Connection(url, await _client(address, ip))
            return Connection(url, await _client(address, last))


async def _client(address: Address, ip: str) -> Client:
    """Raises `OSError` if nobody listens, and what else asyncmy has."""
    from asyncmy import connect as connection_to
    from asyncmy.errors import OperationalError

    try:
        client: Client = await connection_to(
            host=ip,
            port=address.port,
            user=address.user,
            password=address.password.encode(),
            database=address.database,
            charset="utf8mb4",
            autocommit=None,  # as the server has it
            connect_timeout=LIMIT,
            auth_plugin_map=_OLD if address.cleartext else _OLD | _CLEAR,
            ssl=_tls(address.host) if address.tls else None,
        )
    except OperationalError as error:
        if isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        raise
    return client


class _Refused:
    """In place of a way to log in that gives the password away."""

    def __init__(self, _client: Client) -> None:
        pass

    def authenticate(self, _packet: object) -> None:
        """Say why not."""
        raise DatabaseError(
            "connection-failed",
            "the server wants the password as it is, or nearly so; "
            "the address can allow the former with `enable_cleartext_plugin=true`",
        )


_OLD = {"mysql_old_password": _Refused}
_CLEAR = {"mysql_clear_password": _Refused, "dialog": _Refused}


def _tls(host: str) -> ssl.SSLContext:
    context = _Named(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    context.host = host
    return context


class _Named(ssl.SSLContext):
    """Asks for the certificate of a host by its name, whose address alone asyncmy knows."""

    host: str

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        return super().wrap_bio(*args, **(options | {"server_hostname": self.host}))
