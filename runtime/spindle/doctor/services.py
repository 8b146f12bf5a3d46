"""Whether the services answer that an application is to use; only looked at when asked to."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from spindle.doctor.findings import Finding, State
from spindle.doctor.patient import Patient
from spindle.doctor.ports import answers
from spindle.outbound_hosts import WELL_KNOWN_PORTS

PATIENCE = 3.0
"""Seconds a server may take to take a connection."""
AT_ONCE = 16
DATABASES = frozenset(("mqtt", "mysql", "postgres", "redis"))
"""Schemes of services that are usually one's own."""
_PORTS = {**WELL_KNOWN_PORTS, "rediss": 6379, "postgresql": 5432, "mqtts": 8883}


class Service(NamedTuple):
    """A server."""

    what: str
    host: str
    port: int


def services_answer(patient: Patient) -> Iterator[Finding]:
    """Each server takes connections."""
    if not patient.connects:
        return
    services = list(dict.fromkeys((*_configured(patient), *_granted(patient))))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        problems = pool.map(lambda each: answers(each.host, each.port, PATIENCE), services)
        for (what, host, port), problem in zip(services, problems, strict=True):
            place = f"{what} at {host}:{port}"
            if problem is None:
                yield Finding("service", State.OK, f"{place} takes connections")
            else:
                message = f"{place} takes no connections: {problem}"
                hint = "start it, or correct its address in the runtime configuration or manifest"
                yield Finding("service", State.ERROR, message, (hint,))


def _configured(patient: Patient) -> Iterator[Service]:
    """What the runtime configuration names; user names and passwords stay in it."""
    config = patient.config
    for label, store in config.key_value_stores.items():
        yield from _service(f"the key-value store `{label}`", getattr(store, "url", None))
    for label, database in config.sqlite_databases.items():
        yield from _service(f"the database `{label}`", getattr(database, "url", None))
    yield from _service("the language models' server", getattr(config.llm_compute, "url", None))
    for provider in config.variables_providers:
        yield from _service(f"the `{provider.type}` provider", getattr(provider, "url", None))


def _granted(patient: Patient) -> Iterator[Service]:
    """The databases that components may connect to by name, and triggers'."""
    if patient.manifest is None:
        return
    for id_, component in patient.manifest.components.items():
        for host in component.allowed_outbound_hosts:
            if host.partition(":")[0] in DATABASES:
                yield from _service(f"a server that `{id_}` uses", host)
    settings = patient.manifest.application.trigger.get("redis", {})
    addresses = [getattr(t, "address", None) for t in patient.manifest.triggers.get("redis", ())]
    for address in (settings.get("address"), *addresses):
        yield from _service("the Redis trigger's server", address)
    broker = patient.manifest.application.trigger.get("mqtt", {}).get("address")
    yield from _service("the MQTT triggers' broker", broker)


def _service(what: str, url: object) -> Iterator[Service]:
    """A server by its URL; nothing for what is a pattern, a template or no URL."""
    if not isinstance(url, str) or "{{" in url or "*" in url:
        return
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return
    if parts.hostname and port:
        yield Service(what, parts.hostname, port)
