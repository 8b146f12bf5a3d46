"""Opening a connection to an MQTT broker: reaching it, and being let in."""

from __future__ import annotations

import asyncio
from collections.abc import Container
from typing import TYPE_CHECKING

from spindle.factors.dialling import PATIENCE, dial, no_answer, reason, tls_context
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
    try:
        connection = await dial(protocol, address.host, address.port, tls=tls, blocked=blocked)
    except OSError as error:
        raise _failed(address, reason(error)) from error
    try:
        async with asyncio.timeout(PATIENCE):
            await connection.accepted
    except BaseException as error:
        connection.close()
        match error:
            case TimeoutError():
                raise _failed(address, no_answer()) from None
            case ConnectionFailed():
                raise _failed(address, error) from None
        raise
    return connection


def _failed(address: Address, why: object) -> ConnectionFailed:
    return ConnectionFailed(f"can't connect to `{address}`: {why}")
