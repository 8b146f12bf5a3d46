"""What can go wrong between a front end and a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spindle.errors import ExitCode, HostError


class HostUnreachable(HostError):
    """A host does not answer, or not as one of ours."""

    code = "host-unreachable"


class CallFailed(HostError):
    """A host answered a call with an error; `number` is JSON-RPC's code."""

    code = "call-failed"

    def __init__(
        self,
        message: str,
        number: int,
        hints: tuple[str, ...] = (),
        exit_code: ExitCode = ExitCode.ENVIRONMENT,
    ) -> None:
        super().__init__(message, hints=hints)
        self.number = number
        self.exit_code = exit_code


def result_of(answer: Mapping[str, Any]) -> Any:
    """The result in an answer; raises `CallFailed` with the host's words if it is a failure."""
    if (failure := answer.get("error")) is None:
        return answer.get("result")
    more = failure.get("data") or {}
    raise CallFailed(
        str(failure.get("message")),
        int(failure.get("code", 0)),
        tuple(more.get("hints", ())),
        ExitCode(more.get("exit_code", ExitCode.ENVIRONMENT)),
    )


def check_length(method: str, message: bytes, limit: int) -> bytes:
    """A message that a host would read; raises `CallFailed` for one that is too long."""
    if len(message) > limit:
        raise CallFailed(f"`{method}` can't be given {len(message):,} bytes at once", 0)
    return message
