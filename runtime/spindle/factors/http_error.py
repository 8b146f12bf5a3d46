"""The failure of an HTTP exchange, as `wasi:http/types.error-code` names it."""

from __future__ import annotations

from typing import Any

from spindle.errors import GuestError


class HttpError(Exception):
    """An exchange failed; `code` is a lowered `error-code`: a case, or a case and its payload."""

    def __init__(self, case: str, payload: Any = None, *, reason: str | None = None) -> None:
        super().__init__(case if payload is None else f"{case}: {payload}")
        self.code = (case, payload)
        self.reason = reason
        """What went wrong, for people."""


class Denied(HttpError):
    """The manifest does not allow a request."""

    def __init__(self, destination: str) -> None:
        super().__init__("HTTP-request-denied")
        self.destination = destination
        """`scheme://authority`."""


class GuestEnded(GuestError):
    """A guest ended while it was writing a body."""

    code = "guest-ended"

    def __init__(self) -> None:
        super().__init__("the guest ended before the body it was writing")


def internal_error(reason: str) -> HttpError:
    """A failure the interface has no case for."""
    return HttpError("internal-error", reason)


def code_of(error: BaseException) -> tuple[str, Any]:
    """The `error-code` of whatever ended a body or an exchange."""
    if isinstance(error, HttpError):
        return error.code
    return ("HTTP-protocol-error", None)
