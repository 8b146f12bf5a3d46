"""Files of the certificates that servers are trusted by, as libpq wants them.

libpq brings an OpenSSL of its own, which does not know where the system keeps its roots.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import tempfile
from pathlib import Path

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def checked_certificate(text: str) -> str:
    """The first certificate of a PEM text; raises `ValueError`."""
    start, end = text.find(_BEGIN), text.find(_END)
    if start < 0 or end < start:
        raise ValueError("there is no certificate in it")
    certificate = text[start : end + len(_END)] + "\n"
    try:
        ssl.create_default_context(cadata=certificate)
    except ssl.SSLError as error:
        raise ValueError(error.reason or "it cannot be read") from None
    return certificate


class Trust:
    """A directory of such files, made when they are needed."""

    def __init__(self) -> None:
        self._directory: tempfile.TemporaryDirectory[str] | None = None

    async def roots(self, certificate: str = "") -> str:
        """The path of a file with the system's roots and a certificate besides."""
        return await asyncio.to_thread(self._written, certificate)

    def close(self) -> None:
        """Remove the files."""
        if self._directory is not None:
            self._directory.cleanup()
            self._directory = None

    def _written(self, certificate: str) -> str:
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="spindle-roots-")
        name = hashlib.sha256(certificate.encode()).hexdigest()
        path = Path(self._directory.name, f"{name}.pem")
        if not path.exists():
            partial = path.with_suffix(".partial")
            partial.write_text(system_roots() + certificate)
            partial.replace(path)
        return str(path)


def system_roots() -> str:
    """The certificates this machine trusts, as PEM."""
    loaded = ssl.create_default_context().get_ca_certs(binary_form=True)
    if loaded:
        return "".join(map(ssl.DER_cert_to_PEM_cert, loaded))
    where = ssl.get_default_verify_paths()
    if where.cafile is not None:
        return Path(where.cafile).read_text(errors="replace")
    files = sorted(Path(where.capath).glob("*.0")) if where.capath is not None else []
    return "".join([file.read_text(errors="replace") for file in files])
