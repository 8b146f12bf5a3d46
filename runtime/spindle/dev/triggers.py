"""The triggers of an application other than HTTP: a listener for each type, made when needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from spindle.app import App
from spindle.errors import UserError
from spindle.text import quoted_list

if TYPE_CHECKING:
    from spindle.executor import Firing
    from spindle.trigger.command import CommandListener
    from spindle.trigger.listening import Listener, Surroundings

HTTP = "http"
COMMAND = "command"


class UnsupportedTrigger(UserError):
    """The application has triggers of a type nothing here serves."""

    code = "unsupported-trigger"


def _redis(app: App, around: Surroundings) -> Listener:
    from spindle.trigger.redis.listener import RedisListener

    return RedisListener(app.redis_triggers, app.trigger_settings.get("redis", {}), around)


def _mqtt(app: App, around: Surroundings) -> Listener:
    from spindle.trigger.mqtt.listener import MqttListener

    triggers: Any = app.triggers_of("mqtt")
    return MqttListener(triggers, app.trigger_settings.get("mqtt", {}), around)


def _cron(app: App, around: Surroundings) -> Listener:
    from spindle.trigger.cron import CronListener

    triggers: Any = app.triggers_of("cron")
    return CronListener(triggers, around)


def _command(app: App, around: Surroundings) -> Listener:
    from spindle.trigger.command import CommandListener

    return CommandListener(app.triggers_of(COMMAND), around)


LISTENERS: Mapping[str, Callable[[App, Surroundings], Listener]] = {
    "redis": _redis,
    "mqtt": _mqtt,
    "cron": _cron,
    COMMAND: _command,
}
"""What makes a type's listener. Their modules are imported here, for few applications use them."""

INSTEAD = {
    "sqs": "Amazon's queues are not read: to try the component, put it behind a Redis trigger",
    "kinesis": "Amazon's streams are not read: to try the component, use a Redis trigger",
    "timer": 'a cron trigger does the same: `cron_expression = "*/5 * * * * *"`',
}
"""What is possible where a type is known and not served."""


def check_triggers(app: App) -> None:
    """Raise `UnsupportedTrigger` for a type that nothing here serves."""
    unsupported = [kind for kind in app.trigger_types if kind != HTTP and kind not in LISTENERS]
    if unsupported:
        raise UnsupportedTrigger(
            f"the application has triggers that can't be served: {quoted_list(unsupported)}",
            hints=tuple(INSTEAD[kind] for kind in unsupported if kind in INSTEAD)
            or (f"triggers are of the types {quoted_list((HTTP, *LISTENERS))}",),
        )


def handled_events(app: App) -> Iterator[tuple[str, str]]:
    """Each type of trigger and component that handles its events."""
    for trigger in app.triggers:
        if trigger.type not in (HTTP, COMMAND) and trigger.component is not None:
            yield trigger.type, trigger.component


def commands_of(app: App) -> list[str]:
    """The components that a trigger runs as commands."""
    return [t.component for t in app.triggers_of(COMMAND) if t.component is not None]


class Change(NamedTuple):
    """What changed of an application's triggers."""

    new: list[Listener]
    gone: list[Listener]

    async def carry_out(self) -> None:
        """Have the new ones listen, and return when what the others had taken is handled."""
        for listener in self.new:
            await listener.listen()
        await asyncio.gather(*(listener.drain() for listener in self.gone))


class Triggers:
    """All listeners of an application."""

    def __init__(self, app: App, surroundings: Callable[[], Surroundings]) -> None:
        """`surroundings` are asked for if there is a listener."""
        self._surroundings = surroundings
        self._kinds: tuple[str, ...] = ()
        self._listeners: dict[str, Listener] = {}
        self._made_of: dict[str, object] = {}
        """By type, what its listener is made of; of the same the same is made."""
        self._set(app)

    def _set(self, app: App) -> list[Listener]:
        """Be those of an application; which listeners are new."""
        before, made_of = self._listeners, self._made_of
        self._kinds, self._listeners, self._made_of = app.trigger_types, {}, {}
        new: list[Listener] = []
        for kind in self._kinds:
            if kind not in LISTENERS:
                continue
            self._made_of[kind] = (
                tuple(app.triggers_of(kind)),
                app.trigger_settings.get(kind),
                dict(app.variables),
            )
            if made_of.get(kind) == self._made_of[kind]:
                self._listeners[kind] = before[kind]
            else:
                self._listeners[kind] = LISTENERS[kind](app, self._surroundings())
                new.append(self._listeners[kind])
        return new

    async def change(self, app: App) -> Change:
        """Be those of another application; raises `UserError`, and is then as it was.

        Those that are new do not listen, and those that are gone do, until told otherwise.
        """
        kept = self._kinds, self._listeners, self._made_of
        new = self._set(app)
        try:
            for listener in new:
                await listener.configure()
        except BaseException:
            self._kinds, self._listeners, self._made_of = kept
            raise
        still = self._listeners.values()
        return Change(new, [listener for listener in kept[1].values() if listener not in still])

    @property
    def commands(self) -> CommandListener | None:
        """What runs once, if anything does."""
        listener = self._listeners.get(COMMAND)
        return cast("CommandListener | None", listener)

    async def configure(self) -> None:
        """Read the triggers' settings; raises `UserError`."""
        for listener in self._listeners.values():
            await listener.configure()

    async def listen(self) -> None:
        """Begin to listen."""
        for listener in self._listeners.values():
            await listener.listen()

    async def drain(self) -> None:
        """Listen no more, and return when what came in before has been handled."""
        await asyncio.gather(*(listener.drain() for listener in self._listeners.values()))

    def abort(self) -> None:
        """Handle nothing more."""
        for listener in self._listeners.values():
            listener.abort()

    def firings(self, kind: str, target: str, payload: bytes) -> list[Firing]:
        """What a trigger would ask of which components; raises `NoSuchTarget`."""
        self.check_any(kind)
        return self._listeners[kind].firings(target, payload)

    def check_any(self, kind: str) -> None:
        """Raise `NoSuchTarget` for a type that the application has no triggers of."""
        if kind not in self._kinds:
            from spindle.trigger.listening import NoSuchTarget

            have = quoted_list(self._kinds) or "none"
            hint = f"its triggers are of the types {have}"
            raise NoSuchTarget(f"the application has no `{kind}` trigger", hints=(hint,))
