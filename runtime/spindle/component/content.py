"""The bytes of components, had only when somebody needs them: most runs find all that they want to
know of them in caches, by their digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from spindle.errors import ComponentError, UserError

if TYPE_CHECKING:
    from spindle.component.plan_cache import PlanCache


CORE_MODULE = b"\0asm\1\0\0\0"
"""What a core module begins with."""


class Content(NamedTuple):
    """A component's bytes, in a file or yet to be made."""

    digest: str
    """What tells it from any other content, in hexadecimal; of a file, the SHA-256."""
    read: Callable[[], bytes]
    """Gives the bytes; raises `UserError`, and `ComponentError` if they are others by now."""


def content_of_file(path: Path, plans: PlanCache) -> Content:
    """The content of a file, not read if it has not changed since; raises `UserError`."""
    digest = plans.digest_of(path)
    if digest is None:
        status = path.stat() if path.exists() else None
        digest = hashlib.sha256(read(path)).hexdigest()
        if status is not None:
            plans.note(path, status, digest)
    known = digest

    def read_again() -> bytes:
        data = read(path)
        if hashlib.sha256(data).hexdigest() != known:
            raise ComponentError(f"`{path}` changed while it was being loaded", path=path)
        return as_component(data)

    return Content(known, read_again)


def as_component(data: bytes) -> bytes:
    """A component's bytes as they are; a core module's as those of a component around it.

    Raises `ComponentizeError`, `DecodeError` and `ValidationError`.
    """
    if data[: len(CORE_MODULE)] != CORE_MODULE:
        return data
    # Imported here, for most components are some already.
    from spindle.componentize import component_around

    return component_around(data)


def read(path: Path) -> bytes:
    """A component's file; read rather than mapped, for builds may overwrite it in place."""
    try:
        return path.read_bytes()
    except OSError as error:
        problem = error.strerror or "it cannot be read"
        raise UserError(f"cannot read the component `{path}`: {problem}", path=path) from None
