"""Connections to servers that guests name: resolved, checked against blocked networks, opened."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Container
from typing import Protocol, TypeVar

from spindle.factors.answering import Failure
from spindle.factors.outbound_url import resolve

PATIENCE = 15.0
"""Seconds until a server must have accepted a connection."""

P = TypeVar("P", bound=asyncio.BaseProtocol)


class Link(Protocol):
    """A connection that can be closed."""

    def close(self) -> None:
        """Close it."""


L = TypeVar("L", bound=Link)


class Unreachable(Exception):
    """There is no connection to a server; the text says to which, and why."""

    def __init__(self, label: str, why: object) -> None:
        super().__init__(f"can't connect to `{label}`: {why}")


async def reach(
    label: str, dialling: Awaitable[L], introduce: Callable[[L], Awaitable[object]]
) -> L:
    """A connection to a server that has let us in; raises `Unreachable`."""
    try:
        link = await dialling
    except OSError as error:
        raise Unreachable(label, reason(error)) from error
    try:
        async with asyncio.timeout(PATIENCE):
            await introduce(link)
    except BaseException as error:
        link.close()
        match error:
            case TimeoutError():
                raise Unreachable(label, no_answer()) from None
            case Failure():
                raise Unreachable(label, error) from None
        raise
    return link


async def dial(
    protocol: Callable[[], P],
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    blocked: Container[str] = (),
    patience: float | None = PATIENCE,
) -> P:
    """Connect to the first of a host's addresses that accepts; raises `OSError`.

    `patience` is in seconds; None leaves it to the caller to end the attempt.
    """
    try:
        async with asyncio.timeout(patience):
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
