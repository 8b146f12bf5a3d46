"""What goes wrong with Redis, as guests are told."""

from __future__ import annotations

from spindle.factors.answering import CaseFailure


class RedisError(CaseFailure):
    """An operation failed; `case` is the `error` of Spin's interfaces."""


class ServerError(RedisError):
    """The server answered with an error, whose text this is: `WRONGTYPE Operation against …`."""

    def __init__(self, text: str) -> None:
        super().__init__("other", text)


class ConnectionLost(RedisError):
    """There is no connection any more; why is the text."""

    def __init__(self, why: str) -> None:
        super().__init__("other", why)
