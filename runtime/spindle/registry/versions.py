"""Which version of a package a requirement asks for, by Cargo's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable

from semantic_version import NpmSpec, SimpleSpec, Version

from spindle.errors import UserError


def newest_matching(versions: Iterable[str], requirement: str) -> str | None:
    """The newest of some versions that a requirement allows; what is no version is passed over.

    A requirement is like `1.2`, `>=1.2, <2`, `~1.2.3`, `=1.2.3` or `*`; a bare version allows what
    is compatible with it. Raises `UserError` when it is none.
    """
    exact = exact_version(requirement)
    allowed = SimpleSpec(f"=={exact}") if exact else _specification(requirement)
    known = [Version(text) for text in versions if _is_version(text)]
    best = max((version for version in known if version in allowed), default=None)
    return None if best is None else str(best)


def exact_version(requirement: str) -> str | None:
    """The only version a requirement allows, if it allows one alone."""
    version = requirement.strip().removeprefix("=").strip()
    return version if requirement.strip().startswith("=") and _is_version(version) else None


def _specification(requirement: str) -> NpmSpec:
    parts = [re.sub(r"\s+", "", part) for part in requirement.split(",")]
    # Where npm reads a bare version as itself alone, Cargo reads what is compatible with it.
    caret = [f"^{part}" if part[:1].isdigit() and "*" not in part else part for part in parts]
    try:
        if not all(parts):
            raise ValueError
        return NpmSpec(" ".join(caret))
    except ValueError as error:
        raise UserError(
            f"`{requirement}` is not a version requirement",
            hints=("write it like `1.2.3`, `=1.2.3` or `>=1.2, <2`",),
        ) from error


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:
        return False
    return True
