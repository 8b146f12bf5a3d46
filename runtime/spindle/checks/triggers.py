"""Rules about triggers other than their routes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spindle.checks.subject import Subject
from spindle.diagnostics import Diagnostic
from spindle.manifest import HttpTrigger
from spindle.manifest.edits import fix
from spindle.text import is_slip, nearest_name

KNOWN_TYPES = ("http", "redis", "cron", "sqs", "mqtt", "command", "kinesis", "timer")
"""Trigger types that exist, built into Spin or as its plugins."""

SERVED = ("http", "redis", "cron", "mqtt", "command")
"""Those that Spindle serves; without a component their triggers keep it from starting."""

MQTT_SETTINGS = ("address", "username", "password", "keep_alive_interval")
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "http": ("base",),
    "redis": ("address",),
    "mqtt": MQTT_SETTINGS,
    "cron": (),
    "command": (),
}
"""The keys of `[application.trigger.<type>]`, for types that allow no others."""


def deprecated_base(subject: Subject) -> Iterator[Diagnostic]:
    """`[application.trigger.<type>]` has a key that is unknown or no longer works."""
    application = subject.manifest.application
    for kind, settings in application.trigger.items():
        for key, value in settings.items():
            span = application.key_at("trigger", kind, key)
            if kind in SETTINGS and key not in SETTINGS[kind]:
                known = ", ".join(f"`{name}`" for name in SETTINGS[kind])
                message = f"unknown field `{key}` in `application.trigger.{kind}`"
                near = nearest_name(key, SETTINGS[kind])
                help_text = f"did you mean `{near}`?" if near else f"known here: {known or 'none'}"
                edit = subject.editor.replace(span, near) if near and near not in settings else None
                rename = fix(f"Rename it to `{near}`", edit, safe=is_slip(key, near or ""))
                yield subject.error("unknown-field", message, span, help_text, fix=rename)
            elif kind == "http" and value == "/":
                message = "the application's `base` is deprecated, and `/` has no effect"
                node = application.node.get("trigger", kind, key)
                edit = None if node is None else subject.editor.remove_pair(node)
                removal = fix("Remove it", edit, safe=True)
                yield subject.warning("deprecated-base", message, span, "remove it", fix=removal)
            elif kind == "http":
                yield subject.error(
                    "deprecated-base",
                    "This application is using the deprecated trigger 'base' field. The base must "
                    "be prepended to each [[trigger.http]]'s 'route'",
                    span,
                    f"remove it, and write `{str(value).rstrip('/')}` before each route",
                )


def no_triggers(subject: Subject) -> Iterator[Diagnostic]:
    """Nothing makes the application do anything."""
    manifest = subject.manifest
    if manifest.node.get("trigger") is not None and not manifest.all_triggers:
        yield subject.warning(
            "no-triggers",
            "the application has no triggers",
            manifest.key_at("trigger"),
            "add a `[[trigger.http]]` table",
        )


def unknown_trigger_type(subject: Subject) -> Iterator[Diagnostic]:
    """A trigger is of a type nobody knows."""
    for kind in subject.manifest.triggers:
        if kind not in KNOWN_TYPES:
            near = nearest_name(kind, KNOWN_TYPES)
            known = ", ".join(f"`{name}`" for name in KNOWN_TYPES)
            yield subject.warning(
                "unknown-trigger-type",
                f"`{kind}` is no known type of trigger",
                subject.manifest.key_at("trigger", kind),
                f"did you mean `{near}`?" if near else f"known: {known}",
            )


def duplicate_trigger_id(subject: Subject) -> Iterator[Diagnostic]:
    """Two triggers have one id."""
    seen: dict[str, tuple[str, int]] = {}
    for kind, triggers in subject.manifest.triggers.items():
        for i, trigger in enumerate(triggers):
            first_kind, first = seen.setdefault(trigger.id, (kind, i))
            if (first_kind, first) != (kind, i):
                other = subject.manifest.triggers[first_kind][first]
                yield subject.warning(
                    "duplicate-trigger-id",
                    f"two triggers have the id `{trigger.id}`",
                    trigger.at("id"),
                    "rename one, or leave its `id` out",
                    ("the other one", other.at("id")),
                )


def _http(subject: Subject) -> Iterator[HttpTrigger]:
    for trigger in subject.manifest.triggers.get("http", ()):
        if isinstance(trigger, HttpTrigger):
            yield trigger


def _executor(trigger: HttpTrigger) -> str:
    return "wagi" if trigger.executor is not None and trigger.executor.type == "wagi" else "http"


def conflicting_executors(subject: Subject) -> Iterator[Diagnostic]:
    """One component is run by two executors; Spin uses the last one for both."""
    last = {trigger.component_id: trigger for trigger in _http(subject) if trigger.component_id}
    for trigger in _http(subject):
        used = last.get(trigger.component_id or "")
        if used is not None and _executor(used) != _executor(trigger):
            yield subject.warning(
                "conflicting-executors",
                f"the component `{trigger.component_id}` has triggers with different executors, "
                "and Spin uses the last one's for all",
                trigger.key_at("executor"),
                "define a second component with the same source",
                ("the last one", used.key_at("executor")),
            )


def wagi(subject: Subject) -> Iterator[Diagnostic]:
    """A trigger uses the Wagi executor, which Spin will deprecate."""
    for trigger in _http(subject):
        if trigger.executor is not None and trigger.executor.type == "wagi":
            yield subject.info(
                "wagi",
                "this route uses the Wagi executor, which will be deprecated in a future version "
                "of Spin",
                trigger.executor.at("type"),
                "plan to export `wasi:http/handler` instead",
            )


def invalid_status(subject: Subject) -> Iterator[Diagnostic]:
    """A static response has a status that HTTP doesn't know."""
    for trigger in _http(subject):
        response = trigger.static_response
        if response is not None and not 100 <= response.status_code <= 999:
            yield subject.warning(
                "invalid-status",
                f"{response.status_code} is no HTTP status",
                response.at("status_code"),
                "write a number between 200 and 599",
            )


def trigger_without_component(subject: Subject) -> Iterator[Diagnostic]:
    """A trigger runs nothing; HTTP triggers may have a static response instead."""
    for kind, trigger in subject.manifest.all_triggers:
        if kind == "http" or trigger.component is not None or trigger.components:
            continue
        if trigger.node.get("component") is not None or trigger.node.get("components") is not None:
            continue
        tell = subject.error if kind in SERVED else subject.warning
        yield tell(
            "trigger-without-component",
            f"the {kind} trigger names no component, so it runs nothing",
            trigger.node.span,
            "add `component`, with the id of a component",
        )


def undefined_role_component(subject: Subject) -> Iterator[Diagnostic]:
    """A trigger gives a role to a component that doesn't exist."""
    components = subject.manifest.components
    for _, trigger in subject.manifest.all_triggers:
        for role, specs in trigger.components.items():
            for name in specs if isinstance(specs, tuple) else (specs,):
                if isinstance(name, str) and name not in components:
                    near = nearest_name(name, components)
                    yield subject.warning(
                        "undefined-component",
                        f'no such component "{name}"',
                        trigger.at("components", role),
                        f"did you mean `{near}`?" if near else f"add a `[component.{name}]` table",
                    )
