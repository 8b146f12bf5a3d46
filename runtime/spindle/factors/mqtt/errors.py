"""What goes wrong with MQTT, as guests are told."""

from __future__ import annotations

from spindle.factors.answering import CaseFailure


class MqttError(CaseFailure):
    """An operation failed; `case` is the `error` of Spin's interfaces."""


class ConnectionFailed(MqttError):
    """There is no connection to the broker; why is the text."""

    def __init__(self, why: str) -> None:
        super().__init__("connection-failed", why)
