"""The cron trigger: components that run on a schedule."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from spindle.app import CronTrigger
from spindle.executor import Firing
from spindle.schedule import Schedule, ScheduleError
from spindle.trigger.flow import Flow
from spindle.trigger.listening import (
    InvalidTrigger,
    NoSuchTarget,
    Surroundings,
    no_such_trigger,
)

LONGEST_SLEEP = 60.0
"""Seconds after which the clock is looked at again: it may be set, and machines sleep."""


class _Timed(NamedTuple):
    """A trigger whose schedule was understood."""

    id: str
    component: str
    schedule: Schedule
    flow: Flow


class CronListener:
    """The cron triggers of an application."""

    def __init__(self, triggers: Iterable[CronTrigger], surroundings: Surroundings) -> None:
        self._triggers = list(triggers)
        self._surroundings = surroundings
        self._timed: list[_Timed] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def configure(self) -> None:
        """Read the schedules; raises `InvalidTrigger`."""
        around = self._surroundings
        for trigger in self._triggers:
            try:
                schedule = Schedule(trigger.cron_expression)
            except ScheduleError as error:
                raise InvalidTrigger(f"cron trigger `{trigger.id}`: {error}") from None
            assert trigger.component is not None, "the loader has checked it"
            flow = Flow(around.fire, around.at_once)
            self._timed.append(_Timed(trigger.id, trigger.component, schedule, flow))

    async def listen(self) -> None:
        """Begin to wait for the moments of the schedules."""
        now = datetime.now(UTC)
        self._surroundings.say("Active Schedules (UTC):")
        for timed in self._timed:
            at = timed.schedule.next_after(now)
            when = "never" if at is None else f"next at {at:%Y-%m-%d %H:%M:%S}"
            line = f"\t{timed.id}: {timed.schedule.text}: [{timed.component}] ({when})"
            self._surroundings.say(line)
        self._tasks = [asyncio.create_task(self._keep_time(timed)) for timed in self._timed]

    async def drain(self) -> None:
        """Fire no more, and return when what was fired has been handled."""
        self._stop()
        for timed in self._timed:
            await timed.flow.wait_empty()

    def abort(self) -> None:
        """Wait for nothing."""
        self._stop()
        for timed in self._timed:
            timed.flow.abort()

    def firings(self, target: str, payload: bytes) -> list[Firing]:
        """The trigger with this id, or those of the component; the payload is the time, if any."""
        chosen = [timed for timed in self._timed if target in (timed.id, timed.component)]
        if not chosen:
            raise no_such_trigger("cron", target, (timed.id for timed in self._timed))
        timestamp = _timestamp(payload) if payload else int(time.time())
        return [_firing(timed, timestamp) for timed in chosen]

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    async def _keep_time(self, timed: _Timed) -> None:
        now, behind = datetime.now(UTC), False
        while (at := timed.schedule.next_after(now)) is not None:
            await _sleep_until(at.timestamp())
            now = max(at, datetime.now(UTC))
            if timed.flow.under_way < self._surroundings.at_once:
                behind = False
                timed.flow.put(_firing(timed, int(now.timestamp())))
            elif not behind:
                behind = True
                self._surroundings.warn(
                    f"cron trigger `{timed.id}` is left out while {timed.flow.under_way} of its "
                    "runs are still under way",
                    (),
                )


async def _sleep_until(moment: float) -> None:
    while (left := moment - time.time()) > 0:  # noqa: ASYNC110 - a clock tells nobody
        await asyncio.sleep(min(left, LONGEST_SLEEP))


def _firing(timed: _Timed, timestamp: int) -> Firing:
    metadata = (timestamp,)
    return Firing("cron", timed.id, timed.component, (metadata,), {"timestamp": timestamp})


def _timestamp(payload: bytes) -> int:
    text = payload.decode("ascii", "replace").strip()
    if not text.isdecimal() or int(text) >= 1 << 64:
        raise NoSuchTarget(f"`{text}` is no time", hints=("write seconds since 1970, or nothing",))
    return int(text)
