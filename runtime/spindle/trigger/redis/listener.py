"""The Redis triggers of an application: one connection for each server they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from spindle.app import RedisTrigger, Settings
from spindle.executor import Firing
from spindle.factors.outbound_url import without_password
from spindle.factors.redis.address import Address, parse_address
from spindle.factors.redis.errors import RedisError
from spindle.text import quoted_list
from spindle.trigger.listening import InvalidTrigger, NoSuchTarget, Surroundings
from spindle.trigger.messages import MessageListener
from spindle.trigger.redis.subscriber import RedisSubscriber


class RedisListener(MessageListener):
    """The Redis triggers of an application."""

    def __init__(
        self, triggers: Iterable[RedisTrigger], settings: Settings, surroundings: Surroundings
    ) -> None:
        super().__init__(surroundings)
        self._triggers = list(triggers)
        self._default = str(settings.get("address", ""))
        self._subscribers: list[RedisSubscriber] = []

    async def configure(self) -> None:
        """Resolve addresses and channels; raises `InvalidTrigger`."""
        servers: dict[Address, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for trigger in self._triggers:
            assert trigger.component is not None, "the loader has checked it"
            what = f"of the Redis trigger `{trigger.id}`"
            address = await self._address(trigger.address or self._default, what)
            channel = await self._resolved(trigger.channel, f"the channel {what}")
            servers[address][channel].append(trigger.component)
        self._subscribers = [RedisSubscriber(*server) for server in servers.items()]

    def firings(self, target: str, payload: bytes) -> list[Firing]:
        """What a message of a channel asks, on whichever server."""
        found = [firing for each in self._subscribers for firing in each.firings(target, payload)]
        if not found:
            known = quoted_list(channel for each in self._subscribers for channel in each.channels)
            raise NoSuchTarget(
                f"no Redis trigger listens to the channel `{target}`", hints=(f"there is {known}",)
            )
        return found

    async def _address(self, template: str, what: str) -> Address:
        text = await self._resolved(template, f"the address {what}")
        try:
            return parse_address(text)
        except RedisError:
            raise InvalidTrigger(
                f"the address {what}, `{without_password(text)}`, is none of a Redis server",
                hints=("write `redis://host:port`, or `rediss://` for TLS",),
            ) from None
