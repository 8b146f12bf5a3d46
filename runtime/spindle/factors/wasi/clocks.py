"""`wasi:clocks`: 0.2's monotonic and wall clock, 0.3's monotonic and system clock."""

from __future__ import annotations

from typing import Any

from spindle.component.host import HostInterface
from spindle.factors.wasi.io.poll import deadline, wait

_BILLION = 1_000_000_000


def _monotonic(task: Any) -> int:
    state = task.inst.state
    state.touched = True
    return int(state.clock.monotonic())


def _wall(task: Any) -> tuple[int, int]:
    state = task.inst.state
    state.touched = True
    return divmod(int(state.clock.wall()), _BILLION)


def _subscribe_instant(task: Any, when: int) -> Any:
    return deadline(task.inst.state.clock, when)


def _subscribe_duration(task: Any, duration: int) -> Any:
    clock = task.inst.state.clock
    return deadline(clock, clock.instant() + duration)


async def _wait_until(task: Any, when: int) -> None:
    await wait(_subscribe_instant(task, when))


async def _wait_for(task: Any, duration: int) -> None:
    await wait(_subscribe_duration(task, duration))


INTERFACES_0_2 = {
    "monotonic-clock": HostInterface(
        functions={
            "now": _monotonic,
            "resolution": lambda _task: 1,
            "subscribe-instant": _subscribe_instant,
            "subscribe-duration": _subscribe_duration,
        },
    ),
    "wall-clock": HostInterface(
        functions={"now": _wall, "resolution": lambda _task: (0, 1)}, resources={}
    ),
    "timezone": HostInterface(
        functions={
            "utc-offset": lambda _task, _when: 0,
            "display": lambda _task, _when: (0, "UTC", False),
        },
    ),
}

INTERFACES_0_3 = {
    "types": HostInterface({}),
    "monotonic-clock": HostInterface(
        functions={
            "now": _monotonic,
            "get-resolution": lambda _task: 1,
            "wait-until": _wait_until,
            "wait-for": _wait_for,
        },
    ),
    "system-clock": HostInterface(
        functions={"now": _wall, "get-resolution": lambda _task: 1}, resources={}
    ),
    "timezone": HostInterface(
        functions={
            "iana-id": lambda _task: "UTC",
            "utc-offset": lambda _task, _when: 0,
            "to-debug-string": lambda _task: "UTC",
        },
    ),
}
