"""Where requests lead, and connections to there."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Container
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from spindle.factors.dialling import dial, reason
from spindle.factors.http_client.connection import Connection
from spindle.factors.http_error import HttpError
from spindle.factors.outbound_url import Blocked

_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a connection leads; two requests to one origin may share it."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    """None for none."""


@lru_cache(1024)
def origin_of(scheme: str, authority: str, tls: ssl.SSLContext | None) -> tuple[Origin, str]:
    """Where a request goes, and its `host` header; raises `HttpError`."""
    try:
        parts = urlsplit(f"//{authority}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host:
        raise HttpError("HTTP-request-URI-invalid")
    usual = _PORTS[scheme]
    named = f"[{host}]" if ":" in host else host
    header = named if port in (None, usual) else f"{named}:{port}"
    return Origin(host, usual if port is None else port, tls), header


async def connected(
    origin: Origin, blocked: Container[str], new_connection: Callable[[], Connection]
) -> Connection:
    """A connection to an origin; raises `HttpError`."""
    host, port, tls = origin
    try:
        return await dial(new_connection, host, port, tls=tls, blocked=blocked, patience=None)
    except Blocked:
        why = "the runtime configuration blocks this network"
        raise HttpError("destination-IP-prohibited", reason=why) from None
    except socket.gaierror:
        payload = ("address not available", 0)
        raise HttpError("DNS-error", payload, reason=f"`{host}` is not known") from None
    except ssl.SSLError as error:
        raise HttpError("TLS-protocol-error", reason=tls_reason(error)) from None
    except OSError as error:
        raise _refusal(error, tls is not None) from None


def _refusal(error: OSError, secure: bool) -> HttpError:
    if secure and isinstance(error, ConnectionError) and error.errno is None:
        return HttpError("TLS-protocol-error", reason="the server hung up instead of speaking TLS")
    why = f"the server can't be reached: {reason(error).lower()}"
    return HttpError("connection-refused", reason=why)


def tls_reason(error: ssl.SSLError) -> str:
    """What is wrong, in words; OpenSSL's own where there are no better ones."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not accepted: {error.verify_message.lower()}"
    if error.reason is None:
        return str(error).lower()
    return error.reason.replace("_", " ").lower()
