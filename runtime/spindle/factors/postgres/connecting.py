"""New connections: which server, by which of its addresses, and whether by TLS."""

from __future__ import annotations

import asyncio
import getpass
import importlib
import os
import random
from collections.abc import Awaitable, Callable, Container

from spindle.factors.dialling import PATIENCE, no_answer
from spindle.factors.outbound_url import resolve
from spindle.factors.postgres.address import Address, Server
from spindle.factors.postgres.failures import connection_failed
from spindle.factors.postgres.wire import Wire, connect

Roots = Callable[[], Awaitable[str]]
"""The file of the certificates that servers are trusted by."""

_FIXED = {
    "client_encoding": "UTF8",
    "gssencmode": "disable",
    "require_auth": "!gss,!sspi",
    "sslcertmode": "disable",
    "passfile": f"{os.devnull}/none",
}
"""Nothing that is the person's, such as a password file or a ticket, is the guest's too."""
_DEFAULTS = {
    "password": "",
    "options": "",
    "application_name": "",
    "target_session_attrs": "any",
    "channel_binding": "prefer",
}
"""Options that libpq would look for in the environment."""
_NO_TLS = "server does not support SSL"
_OUR_OWN = ("load_balance_hosts", "connect_timeout", "keepalives_retries", "tcp_user_timeout")


async def connect_any(address: Address, roots: Roots, blocked: Container[str]) -> Wire:
    """Connect to the first server that lets us; raises `DatabaseError`."""
    # Importing takes long enough to keep every other guest waiting.
    await asyncio.to_thread(importlib.import_module, "psycopg")
    servers = list(address.servers)
    if address.options.get("load_balance_hosts") == "random":
        random.shuffle(servers)
    reason = "the address names no host"
    for server in servers:
        try:
            return await _connect(address, server, roots, blocked)
        except OSError as error:
            reason = str(error) or type(error).__name__
    raise connection_failed(reason)


async def _connect(address: Address, server: Server, roots: Roots, blocked: Container[str]) -> Wire:
    """Connect to a server; raises `OSError`."""
    limit = float(address.options.get("connect_timeout", 0))
    failure: OSError | None = None
    try:
        async with asyncio.timeout(limit if limit > 0 else PATIENCE):
            for ip in await resolve(server.via or server.host, server.port, blocked):
                try:
                    return await _secured(address, server, ip, roots)
                except ConnectionError as error:
                    failure = error
    except TimeoutError:
        waited = f"no answer for {limit:.0f} seconds" if limit > 0 else no_answer()
        raise OSError(f"{server.authority}: {waited}") from None
    assert failure is not None, "what resolves has an address"
    raise failure


async def _secured(address: Address, server: Server, ip: str, roots: Roots) -> Wire:
    """Connect by TLS, or without if it need not be and the server has none.

    A server that has TLS must show a certificate which is trusted, even if none is required.
    """
    options = _options(address, server, ip)
    if address.sslmode != "disable":
        try:
            secure = {"sslmode": "verify-full", "sslrootcert": await roots()}
            return await connect({**options, **secure})
        except ConnectionError as error:
            if address.sslmode == "require" or _NO_TLS not in str(error):
                raise
    options.pop("sslnegotiation", None)
    return await connect({**options, "sslmode": "disable"})


def _options(address: Address, server: Server, ip: str) -> dict[str, str]:
    """What libpq is told, whatever it finds elsewhere."""
    given = address.options
    user = given.get("user") or _person()
    options = {**_DEFAULTS, "dbname": user, **given, **_FIXED, "user": user}
    for name in _OUR_OWN:
        options.pop(name, None)
    if "keepalives_retries" in given:
        options["keepalives_count"] = given["keepalives_retries"]
    if int(given.get("tcp_user_timeout", 0)) > 0:
        options["tcp_user_timeout"] = f"{given['tcp_user_timeout']}000"
    return options | {"host": server.host, "hostaddr": ip, "port": str(server.port)}


def _person() -> str:
    """Who runs the host, whose name servers are told when the address has none, as in Spin."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise connection_failed("the address names no user") from None
