"""Fetched wasm, kept by the digest of its content; laid out as Spin lays out its own cache."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from spindle.errors import HostError, UserError

ALGORITHM = "sha256:"
LARGEST = 1 << 30
"""Bytes a download may have: beyond any component there is."""


class Store(NamedTuple):
    """A directory of content: `<root>/registry/wasm/sha256:…`."""

    root: Path

    def path(self, digest: str) -> Path:
        """Where the content of a digest, `sha256:` and 64 digits, lies if it is there."""
        name = digest.replace(":", "_") if os.name == "nt" else digest
        return self._directory / name

    def find(self, digest: str) -> Path | None:
        """The file of a digest's content, None when it was never fetched."""
        path = self.path(digest)
        return path if path.is_file() else None

    def add(self, chunks: Iterable[bytes], digest: str, what: str) -> Path:
        """Keep content that comes in pieces; `what` names it in messages.

        Raises `UserError` when it is not what the digest says, and then keeps nothing.
        """
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._directory, delete=False) as file:
                try:
                    _check(_copied(chunks, file.write, what), digest, what)
                    file.close()
                    return Path(file.name).replace(self.path(digest))
                except BaseException:
                    file.close()
                    Path(file.name).unlink(missing_ok=True)
                    raise
        except OSError as error:
            message = f"{what} can't be kept in {self._directory}: {error.strerror or error}"
            raise HostError(message, hints=("choose another place with `--cache-dir`",)) from error

    @property
    def _directory(self) -> Path:
        return self.root / "registry" / "wasm"


def _copied(chunks: Iterable[bytes], write: Callable[[bytes], object], what: str) -> str:
    """Write all pieces; the digest of them together."""
    content = hashlib.sha256()
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise UserError(f"{what} is larger than {LARGEST >> 20} MiB")
        content.update(chunk)
        write(chunk)
    return ALGORITHM + content.hexdigest()


def _check(actual: str, digest: str, what: str) -> None:
    if actual != digest:
        raise UserError(
            f"{what} has the digest `{actual}`, expected `{digest}`",
            hints=("make sure that it is what you expect before you change `digest`",),
        )
