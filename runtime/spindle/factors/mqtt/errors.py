"""What goes wrong with MQTT, as guests are told."""

from __future__ import annotations

from spindle.factors.answering import Failure


class MqttError(Failure):
    """An operation failed; `case` is the `error` of Spin's interfaces."""

    def __init__(self, case: str, reason: str | None = None) -> None:
        super().__init__(case if reason is None else reason)
        self.case = case
        self.reason = reason


class ConnectionFailed(MqttError):
    """There is no connection to the broker; why is the text."""

    def __init__(self, why: str) -> None:
        super().__init__("connection-failed", why)
