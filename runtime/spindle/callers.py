"""Data: what of a manifest has a component's exports called, and which exports it calls.

A caller is a type of trigger (`trigger.redis`), or Wagi (`executor wagi`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from spindle.interfaces import HANDLER, find_interface


class Caller(NamedTuple):
    """One caller, in words."""

    handler: str
    """What a component needs to be called by it."""
    expected: str
    """The exports that are one."""
    advice: str
    """What such an export is for, to whoever expected another."""


CALLERS: Mapping[str, Caller] = {
    "trigger.http": Caller(
        "HTTP handler",
        "`wasi:http/incoming-handler@0.2.x` or `wasi:http/handler@0.3.x`",
        "is for an HTTP trigger",
    ),
    "trigger.redis": Caller(
        "Redis handler",
        "`spin:redis/inbound-redis@3.0.0` or `fermyon:spin/inbound-redis`",
        "is for a Redis trigger",
    ),
    "trigger.cron": Caller("cron handler", "`handle-cron-event`", "is for a cron trigger"),
    "trigger.mqtt": Caller("MQTT handler", "`handle-message`", "is for an MQTT trigger"),
    "trigger.sqs": Caller("SQS handler", "`handle-queue-message`", "is for an SQS trigger"),
    "executor wagi": Caller(
        "command",
        "`wasi:cli/run`, or as a core module `_start`",
        'is for commands: write `executor = { type = "wagi" }` in the trigger',
    ),
    "trigger.command": Caller(
        "command",
        "`wasi:cli/run`, or as a core module `_start`",
        "is for commands: write a `[[trigger.command]]` table",
    ),
}
COMMAND = "_start"
"""What a core module exports that is a command."""

COMMANDS = ("executor wagi", "trigger.command")

INTERFACES: Mapping[str, tuple[str, ...]] = {
    "wasi:http/handler": ("trigger.http",),
    "wasi:http/incoming-handler": ("trigger.http",),
    "fermyon:spin/inbound-http": ("trigger.http",),
    "fermyon:spin/inbound-redis": ("trigger.redis",),
    "spin:redis/inbound-redis": ("trigger.redis",),
    "wasi:cli/run": COMMANDS,
}
"""Who calls an exported interface."""

FUNCTIONS: Mapping[str, str] = {
    "handle-cron-event": "trigger.cron",
    "handle-message": "trigger.mqtt",
    "handle-queue-message": "trigger.sqs",
}
"""Who calls a function that a component exports outside of any interface."""


def callers_of(export: str) -> tuple[str, ...]:
    """Who calls an export, if it is of a version that is hosted."""
    if export == COMMAND:
        return COMMANDS
    if export in FUNCTIONS:
        return (FUNCTIONS[export],)
    return INTERFACES.get(export.partition("@")[0], ()) if find_interface(export) else ()


class Exported(NamedTuple):
    """One exported interface or function."""

    name: str
    trigger: str | None
    """What of a manifest has it called; None if only other components can."""


def callable_exports(imports: Iterable[str], exports: Iterable[str]) -> tuple[Exported, ...]:
    """Who calls each export."""
    imported = {name.partition("@")[0] for name in imports}

    def trigger(name: str) -> str | None:
        callers = callers_of(name)
        bare = name.partition("@")[0]
        if callers and bare == HANDLER and bare in imported:
            callers = (*callers, "middleware")
        return ", ".join(callers) or None

    return tuple(Exported(name, trigger(name)) for name in exports)
