"""Connections to servers that guests name: resolved, checked against blocked networks, opened."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import ssl
from collections.abc import Callable, Container
from typing import TypeVar

from spindle.factors.outbound_url import resolve

PATIENCE = 15.0
"""Seconds until a server must have accepted a connection."""

P = TypeVar("P", bound=asyncio.BaseProtocol)


async def dial(
    protocol: Callable[[], P],
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    blocked: Container[str] = (),
) -> P:
    """Connect to the first of a host's addresses that accepts; raises `OSError`."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await _dial(protocol, host.strip("[]"), port, tls, blocked)
    except TimeoutError:
        raise OSError(no_answer()) from None


async def _dial(
    protocol: Callable[[], P],
    host: str,
    port: int,
    tls: ssl.SSLContext | None,
    blocked: Container[str],
) -> P:
    loop = asyncio.get_running_loop()
    name = None if tls is None else host
    addresses = await resolve(host, port, blocked)
    for address in addresses[:-1]:
        try:
            return (
                await loop.create_connection(protocol, address, port, ssl=tls, server_hostname=name)
            )[1]
        except OSError:
            continue
    last = addresses[-1]
    return (await loop.create_connection(protocol, last, port, ssl=tls, server_hostname=name))[1]


def no_answer() -> str:
    """Why there is no connection to a server that says nothing."""
    return f"no answer for {PATIENCE:.0f} seconds"


def reason(error: OSError) -> str:
    """Why there is no connection, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, (ssl.SSLError, socket.gaierror)) or error.errno is None:
        return error.strerror or str(error)
    return os.strerror(error.errno)


@functools.cache
def tls_context(*, verify: bool = True) -> ssl.SSLContext:
    """TLS with the system's roots; without `verify` any server is taken for the one meant."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
