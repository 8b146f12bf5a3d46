"""Rules about whether a trigger can call the component it names."""

from __future__ import annotations

from collections.abc import Iterator

from spindle.callers import CALLERS, callers_of
from spindle.checks.binaries import Binary
from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.interfaces import find_interface, nearest_interface
from spindle.manifest import HttpTrigger, Trigger
from spindle.text import quoted_list


def no_handler(subject: Subject) -> Iterator[Diagnostic]:
    """A component exports nothing that its trigger could call."""
    for caller, trigger, binary in _called(subject):
        if not binary.called_by(caller):
            handler, expected, _ = CALLERS[caller]
            yield subject.error(
                "no-handler",
                f"the component `{trigger.component_id}` exports no {handler}: expected {expected}",
                trigger.at("component"),
                _advice(binary, caller),
            )


def several_handlers(subject: Subject) -> Iterator[Diagnostic]:
    """A component exports several handlers, of which none is chosen."""
    for caller, trigger, binary in _called(subject):
        handlers = binary.called_by(caller)
        if len(handlers) > 1:
            yield subject.error(
                "several-handlers",
                f"the component `{trigger.component_id}` exports several handlers, and its "
                f"trigger takes only one: {quoted_list(handlers)}",
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
    caller = f"trigger.{kind}"
    return caller if caller in CALLERS else None


def _advice(binary: Binary, wanted: str) -> str:
    by_wagi = wanted == "trigger.http"
    for name in binary.exports:
        if callers := callers_of(name):
            advice = CALLERS[callers[0] if by_wagi else callers[-1]].advice
            return f"it exports `{name}`, which {advice}"
    for name in binary.exports:
        near = nearest_interface(name)
        if find_interface(name) is None and near is not None and name.startswith("wasi:http/"):
            return f"it exports `{name}`, and the nearest that is hosted is `{near}`"
    return (
        f"it exports {quoted_list(binary.exports[:5]) or 'nothing'}; perhaps the source is another"
    )
