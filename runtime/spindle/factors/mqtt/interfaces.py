"""The interfaces MQTT is reached by; version 3 differs from 2 in being asynchronous alone."""

from __future__ import annotations

from typing import Any

from spindle.component.host import HostInterface
from spindle.exchange import Secret
from spindle.factors.answering import answered, seen
from spindle.factors.mqtt.errors import MqttError
from spindle.factors.mqtt.resource import Connection
from spindle.factors.outbound_url import without_password

_QOS = {"at-most-once": 0, "at-least-once": 1, "exactly-once": 2}


async def _open(task: Any, address: str, user: str, password: str, keep_alive: int) -> Connection:
    state = task.inst.state
    connection: Connection = await state.factors["mqtt"].open(
        state, address, user, password, keep_alive
    )
    return connection


async def _publish(task: Any, connection: Connection, topic: str, payload: bytes, qos: str) -> None:
    state = task.inst.state
    await state.factors["mqtt"].publish(state, connection, topic, payload, _QOS[qos])


def _seen_open(args: tuple[Any, ...]) -> object:
    address, user, password, keep_alive = args
    hidden = Secret("password") if password else ""
    return seen((without_password(address), user, hidden, keep_alive))


def _spelled(error: MqttError) -> Any:
    return error.spelled


def _interface(name: str) -> HostInterface:
    return HostInterface(
        {
            "[static]connection.open": answered(
                name, "open", _open, _spelled, seen_args=_seen_open
            ),
            "[method]connection.publish": answered(name, "publish", _publish, _spelled),
        },
        {"connection": Connection.close},
    )


INTERFACES = {
    name: _interface(name) for name in ("fermyon:spin/mqtt@2.0.0", "spin:mqtt/mqtt@3.0.0")
}
