"""Rules about whether a trigger can call the component it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spindle.checks.binaries import Binary, caller_of
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.interfaces import find_interface, nearest_interface
from spindle.manifest import HttpTrigger, Trigger

_EXPECTED = {
    "trigger.http": "`wasi:http/incoming-handler@0.2.x` or `wasi:http/handler@0.3.x`",
    "trigger.redis": "`spin:redis/inbound-redis@3.0.0` or `fermyon:spin/inbound-redis`",
    "executor wagi": "`wasi:cli/run`, or as a core module `_start`",
}
"""What a component that is called must export."""
_FOR = {
    "trigger.http": "is for an HTTP trigger",
    "trigger.redis": "is for a Redis trigger",
    "executor wagi": 'is for commands: write `executor = { type = "wagi" }` in the trigger',
}
_NAMES = {"trigger.http": "HTTP handler", "trigger.redis": "Redis handler"}


def no_handler(subject: Subject) -> Iterator[Diagnostic]:
    """A component exports nothing that its trigger could call."""
    for caller, trigger, binary in _called(subject):
        if not binary.called_by(caller):
            name = _NAMES.get(caller, "command")
            yield subject.error(
                "no-handler",
                f"the component `{trigger.component_id}` exports no {name}: "
                f"expected {_EXPECTED[caller]}",
                trigger.at("component"),
                _advice(binary),
            )


def several_handlers(subject: Subject) -> Iterator[Diagnostic]:
    """A component exports several handlers, of which none is chosen."""
    for caller, trigger, binary in _called(subject):
        handlers = binary.called_by(caller)
        if len(handlers) > 1:
            yield subject.error(
                "several-handlers",
                f"the component `{trigger.component_id}` exports several handlers, and its "
                f"trigger takes only one: {_quoted(handlers)}",
                trigger.at("component"),
                "build it for a world with one of them",
            )


def _called(subject: Subject) -> Iterator[tuple[str, Trigger, Binary]]:
    """Each trigger of a known type whose component is there, with what calls it."""
    for kind, trigger in subject.manifest.all_triggers:
        component = subject.manifest.components.get(trigger.component_id or "")
        caller = _caller(kind, trigger)
        if component is None or caller is None:
            continue
        binary = subject.binaries.of(component.source)
        if binary is not None:
            yield caller, trigger, binary


def _caller(kind: str, trigger: Trigger) -> str | None:
    if isinstance(trigger, HttpTrigger):
        is_wagi = trigger.executor is not None and trigger.executor.type == "wagi"
        return "executor wagi" if is_wagi else "trigger.http"
    return "trigger.redis" if kind == "redis" else None


def _advice(binary: Binary) -> str:
    for name in binary.exports:
        if (caller := caller_of(name)) is not None:
            return f"it exports `{name}`, which {_FOR[caller]}"
    for name in binary.exports:
        near = nearest_interface(name)
        if find_interface(name) is None and near is not None and name.startswith("wasi:http/"):
            return f"it exports `{name}`, and the nearest that is hosted is `{near}`"
    return f"it exports {_quoted(binary.exports[:5]) or 'nothing'}; perhaps the source is another"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
