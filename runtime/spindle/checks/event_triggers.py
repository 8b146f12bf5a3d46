"""Rules about triggers for messages and moments: what they listen to must be there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from spindle.checks.subject import Subject, within
from spindle.checks.triggers import MQTT_SETTINGS
from spindle.diagnostics import Diagnostic
from spindle.manifest import CronTrigger, MqttTrigger, RedisTrigger
from spindle.schedule import Schedule, ScheduleError
from spindle.text import quoted_list

CRONTAB_FIELDS = 5
"""Those of a schedule that has no seconds."""


def redis_address(subject: Subject) -> Iterator[Diagnostic]:
    """Nothing says on which server a Redis trigger's channel is."""
    settings = subject.manifest.application.trigger.get("redis", {})
    for trigger in subject.manifest.triggers.get("redis", ()):
        lacking = isinstance(trigger, RedisTrigger) and trigger.address is None
        if lacking and "address" not in settings:
            yield subject.error(
                "missing-redis-address",
                "the Redis trigger has no `address`, and neither has the application",
                trigger.node.span,
                "add `address` here, or to `[application.trigger.redis]`",
            )


def mqtt_settings(subject: Subject) -> Iterator[Diagnostic]:
    """Nothing says which broker MQTT triggers are for, or all that Spin's plugin asks for."""
    triggers = subject.manifest.triggers.get("mqtt", ())
    settings = subject.manifest.application.trigger.get("mqtt", {})
    if not triggers:
        return
    span = triggers[0].node.span
    if settings:
        span = subject.manifest.application.key_at("trigger", "mqtt")
    if "address" not in settings:
        yield subject.error(
            "missing-mqtt-address",
            "the application does not say which broker its MQTT triggers are for",
            span,
            'add `address = "mqtt://localhost:1883"` to `[application.trigger.mqtt]`',
        )
    elif lacking := [name for name in MQTT_SETTINGS if name not in settings]:
        yield subject.hint(
            "missing-mqtt-setting",
            f"Spin's plugin wants {quoted_list(lacking)} in `[application.trigger.mqtt]` too",
            span,
            f"add {quoted_list(_USUAL[name] for name in lacking)}",
        )


_USUAL = {
    "username": 'username = ""',
    "password": 'password = ""',
    "keep_alive_interval": 'keep_alive_interval = "60"',
}
"""What says that there is no user, and what is usual."""


def mqtt_qos(subject: Subject) -> Iterator[Diagnostic]:
    """An MQTT trigger asks for a quality of service that there is not."""
    for trigger in subject.manifest.triggers.get("mqtt", ()):
        if isinstance(trigger, MqttTrigger) and trigger.qos not in ("0", "1", "2"):
            yield subject.error(
                "invalid-qos",
                f"`{trigger.qos}` is no quality of service",
                trigger.at("qos"),
                'write `"0"`, `"1"` or `"2"`: at most once, at least once, exactly once',
            )


def cron_schedule(subject: Subject) -> Iterator[Diagnostic]:
    """A cron trigger's schedule is none, or never comes."""
    for trigger in subject.manifest.triggers.get("cron", ()):
        if not isinstance(trigger, CronTrigger):
            continue
        text, span = trigger.cron_expression, trigger.at("cron_expression")
        try:
            schedule = Schedule(text)
        except ScheduleError as error:
            place = within(span, text, error.start, error.end)
            help_text = "fields are numbers, `*`, lists `1,2`, ranges `1-5` and steps `*/5`"
            crontab = len(text.split()) == CRONTAB_FIELDS
            mend = subject.instead(span, f"0 {text}") if crontab else None
            yield subject.error("invalid-schedule", str(error), place, help_text, fix=mend)
            continue
        if schedule.next_after(datetime.now(UTC)) is None:
            yield subject.warning(
                "schedule-never-comes",
                f"there is no moment to come at which `{text}` is true",
                span,
                "a moment must match every field: is there such a day?",
            )
