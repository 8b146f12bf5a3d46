"""The MQTT triggers of an application: all of one broker, a connection for each."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from spindle.app import MqttTrigger, Settings
from spindle.executor import Firing
from spindle.factors.mqtt.address import Address, parse_address
from spindle.factors.mqtt.errors import MqttError
from spindle.factors.outbound_url import without_password
from spindle.text import quoted_list
from spindle.trigger.listening import InvalidTrigger, NoSuchTarget, Surroundings
from spindle.trigger.messages import MessageListener
from spindle.trigger.mqtt.subscriber import Broker, MqttSubscriber


class MqttListener(MessageListener):
    """The MQTT triggers of an application."""

    def __init__(
        self, triggers: Iterable[MqttTrigger], settings: Settings, surroundings: Surroundings
    ) -> None:
        super().__init__(surroundings)
        self._triggers = list(triggers)
        self._settings = settings
        self._subscribers: list[MqttSubscriber] = []

    async def configure(self) -> None:
        """Resolve the broker's settings and the topics; raises `InvalidTrigger`."""
        broker = await self._broker()
        for number, trigger in enumerate(self._triggers):
            assert trigger.component is not None, "the loader has checked it"
            what = f"the topic of the MQTT trigger `{trigger.id}`"
            topic = await self._resolved(trigger.topic, what)
            mine = broker._replace(address=_named(broker.address, number))
            qos = int(trigger.qos)
            self._subscribers.append(MqttSubscriber(mine, topic, qos, trigger.component))

    def firings(self, target: str, payload: bytes) -> list[Firing]:
        """What a message of a topic asks."""
        if "+" in target or "#" in target or not target:
            raise NoSuchTarget(f"`{target}` is no topic that messages have")
        matching = [each for each in self._subscribers if each.matches(target)]
        if not matching:
            known = quoted_list(each.topic for each in self._subscribers)
            raise NoSuchTarget(
                f"no MQTT trigger listens to the topic `{target}`", hints=(f"there is {known}",)
            )
        return [each.firing(target, payload) for each in matching]

    async def _broker(self) -> Broker:
        address = await self._setting("address")
        keep_alive = await self._setting("keep_alive_interval") or "60"
        if not keep_alive.isdecimal():
            raise InvalidTrigger(f"`keep_alive_interval` of MQTT, `{keep_alive}`, is no number")
        user, password = await self._setting("username"), await self._setting("password")
        return Broker(_address(address), user, password, int(keep_alive))

    async def _setting(self, name: str) -> str:
        value = self._settings.get(name, "")
        return await self._resolved(str(value), f"`{name}` of MQTT")


def _address(text: str) -> Address:
    """A broker's address, with a name for ourselves if it has none."""
    named = text
    if "client_id=" not in text:
        named += f"{'&' if '?' in text else '?'}client_id=spindle-{secrets.token_hex(6)}"
    try:
        return parse_address(named)
    except MqttError:
        raise InvalidTrigger(
            f"the address of MQTT, `{without_password(text)}`, is none of a broker",
            hints=("write `mqtt://host:port`, or `mqtts://` for TLS",),
        ) from None


def _named(address: Address, number: int) -> Address:
    """The address with another name for each connection: a broker lets in one of a name."""
    return address._replace(client_id=f"{address.client_id}-{number}") if number else address
