"""TLS of outbound connections: whom components trust, and who they say they are."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

from spindle.errors import UserError
from spindle.runtime_config import ClientTls

_PROTOCOLS = ["http/1.1"]


class TlsContexts:
    """The context for each component and host: the first `[[client_tls]]` that names both.

    Whoever is named by none trusts the system's authorities.
    """

    def __init__(self, settings: Iterable[ClientTls] = (), directory: Path = Path()) -> None:
        """`directory` is what files are relative to; raises `UserError` for what can't be used."""
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}
        self._default: ssl.SSLContext | None = None
        for setting in settings:
            context = _context(setting, directory)
            for component in setting.component_ids:
                for host in setting.hosts:
                    self._contexts.setdefault((component, host.lower()), context)

    async def context(self, component: str, host: str) -> ssl.SSLContext:
        """The context of a component's connections to a host."""
        found = self._contexts.get((component, host)) or self._default
        if found is None:
            # Reading all authorities takes long enough to keep every other guest waiting.
            found = self._default = await asyncio.to_thread(_default_context)
        return found


def _default_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(_PROTOCOLS)
    return context


def _context(setting: ClientTls, directory: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(_PROTOCOLS)
    platform, webpki = trusted_roots(setting)
    if platform:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if webpki:
        import certifi  # only here: seldom needed

        context.load_verify_locations(certifi.where())
    if setting.ca_roots_file is not None:
        path = directory / setting.ca_roots_file
        _load(path, "ca_roots_file", lambda: context.load_verify_locations(path))
    if setting.client_cert_file is not None and setting.client_private_key_file is not None:
        certificate = directory / setting.client_cert_file
        key = directory / setting.client_private_key_file
        _readable(certificate, "client_cert_file")
        # Without a callback OpenSSL asks on the terminal for the password of a key that has one.
        _load(
            key,
            "client_private_key_file",
            lambda: context.load_cert_chain(certificate, key, password=lambda: b""),
        )
    return context


def trusted_roots(setting: ClientTls) -> tuple[bool, bool]:
    """Whether the system's authorities and whether Mozilla's are trusted.

    What is said of one speaks for both; where nothing is said, the system's are, unless there is a
    file of authorities.
    """
    platform, webpki = setting.ca_use_platform_roots, setting.ca_use_webpki_roots
    if platform is None and webpki is None:
        return setting.ca_roots_file is None, False
    return bool(platform), bool(webpki)


def _load(path: Path, key: str, load: Callable[[], object]) -> None:
    _readable(path, key)
    try:
        load()
    except ssl.SSLError as error:
        wrong = "it does not fit the certificate" if "MISMATCH" in str(error) else "it is not PEM"
        raise _unusable(path, key, wrong) from None


def _readable(path: Path, key: str) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise _unusable(path, key, (error.strerror or str(error)).lower()) from None


def _unusable(path: Path, key: str, why: str) -> UserError:
    return UserError(f"`{key}` of a `[[client_tls]]` can't be used: {why}", path=path)
