"""Opening a connection to an MQTT broker: reaching it, and being let in."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from spindle.factors.dialling import Unreachable, dial, reach, tls_context
from spindle.factors.mqtt.address import Address
from spindle.factors.mqtt.errors import ConnectionFailed

if TYPE_CHECKING:
    from spindle.factors.mqtt.connection import MqttConnection


async def connect(
    address: Address,
    *,
    user: str = "",
    password: str = "",
    keep_alive: int = 60,
    blocked: Container[str] = (),
) -> MqttConnection:
    """A connection to a broker that has let us in; raises `ConnectionFailed`."""
    from spindle.factors.mqtt.connection import MqttConnection  # only here: it takes 70 ms

    def protocol() -> MqttConnection:
        return MqttConnection(
            str(address),
            address.client_id,
            user=user,
            password=password,
            keep_alive=keep_alive,
            clean_session=address.clean_session,
        )

    tls = tls_context() if address.tls else None
    dialling = dial(protocol, address.host, address.port, tls=tls, blocked=blocked)
    try:
        return await reach(str(address), dialling, lambda connection: connection.accepted)
    except Unreachable as error:
        raise ConnectionFailed(str(error)) from error
