"""One MQTT trigger's subscription, on a connection of its own.

A broker sends a message once for each connection, or once for each of its subscriptions that match,
as it likes: with one connection for each trigger a component gets it once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from spindle.exchange import Body
from spindle.executor import Firing
from spindle.factors.mqtt.address import Address
from spindle.factors.mqtt.connecting import connect
from spindle.factors.mqtt.errors import ConnectionFailed
from spindle.trigger.messages import Subscriber

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

    from spindle.factors.mqtt.connection import MqttConnection


class Broker(NamedTuple):
    """A broker, and how we introduce ourselves to it."""

    address: Address
    user: str = ""
    password: str = ""
    keep_alive: int = 60
    """Seconds."""


class MqttSubscriber(Subscriber):
    """The messages of the topics that a filter matches, for one component."""

    def __init__(self, broker: Broker, topic: str, qos: int, component: str) -> None:
        super().__init__()
        self._broker = broker
        self._qos = qos
        self._component = component
        self.topic = topic
        """The filter."""
        self.server = f"the MQTT broker at {broker.address}"

    async def connect(self) -> MqttConnection:
        """A connection to the broker; raises `MqttError`."""
        broker = self._broker
        return await connect(
            broker.address,
            user=broker.user,
            password=broker.password,
            keep_alive=broker.keep_alive,
        )

    async def subscribe(self, connection: MqttConnection) -> None:
        """Have messages come; raises `MqttError`."""
        connection.on_message = self._take
        await connection.subscribe(self.topic, self._qos)

    async def last(self, connection: MqttConnection) -> None:
        """Wait until the broker is lost; the connection sees to it that it is noticed."""
        await connection.lost
        raise ConnectionFailed(connection.why)

    def greet(self, say: Callable[[str], None]) -> None:
        """Say what is listened to."""
        say(f"Active Topic on {self._broker.address}: {self.topic}: [{self._component}]")

    def firing(self, topic: str, payload: bytes) -> Firing:
        """What a message asks of the component."""
        recorded = {"topic": topic, "payload": Body.of(payload)}
        return Firing("mqtt", topic, self._component, (payload, (topic,)), recorded)

    def matches(self, topic: str) -> bool:
        """Whether a topic's messages come here."""
        from paho.mqtt.client import topic_matches_sub

        shared, _, rest = self.topic.partition("/")
        wanted = rest.partition("/")[2] if shared == "$share" else self.topic
        return topic_matches_sub(wanted, topic)

    def _take(self, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # against the protocol, and no text for a guest
            return
        self.put(self.firing(topic, bytes(message.payload)), len(message.payload))
