"""Methods, schemes, authorities and paths: checked, and turned between guest and message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from spindle.component.values import Variant
from spindle.factors.http_error import HttpError
from spindle.factors.state import Timeouts

_METHODS = ("get", "head", "post", "put", "delete", "connect", "options", "trace", "patch")
_TO_CASE: Mapping[str, Variant] = {name.upper(): Variant(name, None) for name in _METHODS}
_TO_NAME: Mapping[str, str] = {name: name.upper() for name in _METHODS}
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+\-.]*")
_PATH = re.compile(r"[/?*][^\x00-\x20#<>`\x7f]*|")
_HOST = re.compile(
    r"(?:[^\s@/?#\[\]\\]*@)?(?:\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9\-._~!$&'()*+,;=%]*)(?::([0-9]+))?"
)


def method_case(method: str) -> Variant:
    """A message's method as the guest sees it."""
    return _TO_CASE.get(method) or Variant("other", method)


def method_name(case: Variant) -> str | None:
    """A guest's method as a message has it; None where it is not one."""
    if case.case != "other":
        return _TO_NAME[case.case]
    name: str = case.value
    return name if _TOKEN.fullmatch(name) else None


def scheme_case(scheme: str) -> Variant:
    """A message's scheme as the guest sees it."""
    return Variant(
        {"http": "HTTP", "https": "HTTPS"}.get(scheme, "other"),
        (None if scheme in ("http", "https") else scheme),
    )


def scheme_name(case: Variant | None) -> str | None:
    """A guest's scheme in lower case; None where it is not one."""
    if case is None:
        return None
    name: str = case.value if case.case == "other" else case.case
    return name.lower() if _SCHEME.fullmatch(name) else None


def is_authority(text: str) -> bool:
    """Whether a text is a URI's authority with, if any, a port in range."""
    found = _HOST.fullmatch(text)
    return found is not None and (found[1] is None or int(found[1]) < 65536)


def is_path_with_query(text: str) -> bool:
    """Whether a text can stand as path and query in a request."""
    return _PATH.fullmatch(text) is not None


class Target:
    """Where an outgoing request goes, as its guest says; shared by both versions."""

    __slots__ = ("authority", "method", "path_with_query", "scheme")

    def __init__(self) -> None:
        self.method = "GET"
        self.path_with_query: str | None = None
        self.scheme: str | None = None
        self.authority: str | None = None

    def set_method(self, case: Variant) -> bool:
        """Whether the method was one."""
        name = method_name(case)
        if name is not None:
            self.method = name
        return name is not None

    def set_path_with_query(self, path: str | None) -> bool:
        """Whether the path was one."""
        valid = path is None or is_path_with_query(path)
        if valid:
            self.path_with_query = path
        return valid

    def set_scheme(self, case: Variant | None) -> bool:
        """Whether the scheme was one."""
        name = scheme_name(case)
        if case is None or name is not None:
            self.scheme = name
            return True
        return False

    def set_authority(self, authority: str | None) -> bool:
        """Whether the authority was one."""
        valid = authority is None or is_authority(authority)
        if valid:
            self.authority = authority
        return valid

    def checked_scheme(self) -> str:
        """The scheme to send with, `https` unless the guest says otherwise."""
        if self.scheme not in (None, "http", "https"):
            raise HttpError("HTTP-protocol-error")
        return self.scheme or "https"


PHASES = ("connect", "first-byte", "between-bytes")
"""The phases of a request that may take too long, in the order of the options."""


class RequestOptions:
    """The resource `request-options`: nanoseconds by phase, None for the host's own limit."""

    __slots__ = ("mutable", "nanoseconds")

    def __init__(self, nanoseconds: Mapping[str, int | None] | None = None) -> None:
        self.nanoseconds = dict(nanoseconds or dict.fromkeys(PHASES))
        self.mutable = True

    def timeouts(self) -> Timeouts:
        """The same in seconds."""
        given = {
            phase.replace("-", "_"): value / 1e9
            for phase, value in self.nanoseconds.items()
            if value is not None
        }
        return Timeouts(**given)


def option_functions(get: str, changed: Any, refused: Any) -> dict[str, Any]:
    """Getters (their names begin with `get`) and setters of `request-options`."""
    functions: dict[str, Any] = {}
    for phase in PHASES:

        def read(_task: Any, options: RequestOptions, phase: str = phase) -> int | None:
            return options.nanoseconds[phase]

        def write(
            _task: Any, options: RequestOptions, duration: int | None, phase: str = phase
        ) -> Any:
            if not options.mutable:
                return refused
            options.nanoseconds[phase] = duration
            return changed

        functions[f"[method]request-options.{get}{phase}-timeout"] = read
        functions[f"[method]request-options.set-{phase}-timeout"] = write
    return functions
