"""`stats/get`: how much, how often, how long, and what it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from spindle.dev.control import Json, Method, Params
from spindle.dev.methods.routing import triggers_by_route
from spindle.dev.statistics import Key, Tally, process_now, together
from spindle.executor import Loaded

if TYPE_CHECKING:
    from spindle.dev.host import Host

HTTP = "http"


def measuring_methods(host: Host) -> Mapping[str, Method]:
    """The method on what a host counts."""

    def get(_params: Params) -> object:
        now, loaded = time.time(), host.census()
        process, (took, errors) = process_now(), together(host.counting.all())
        return {
            "at": now,
            "host": {
                "uptime": now - host.started_at,
                "rss": process.rss,
                "cpu_seconds": process.cpu_seconds,
                "requests": took.total,
                "errors": errors,
                "connections": host.connections,
            },
            "routes": list(_routes(host, now)),
            "components": [
                _component(host, id_, loaded.get(id_), now) for id_ in host.app.components
            ],
        }

    return {"stats/get": get}


def _routes(host: Host, now: float) -> Iterator[Json]:
    """The HTTP routes, then what else was counted of other triggers."""
    counting, triggers = host.counting, triggers_by_route(host.app)
    for route, _ in host.pipeline.router.routes:
        trigger = triggers[route.raw]
        tally = counting.of(Key(HTTP, route.raw, trigger.component))
        yield _row(host, trigger.id, route.raw, trigger.component, tally, now)
    for key in counting.counted():
        if key.trigger != HTTP:
            name = f"{key.trigger} {key.target}"
            yield _row(host, name, key.target, key.component, counting.of(key), now)


def _row(host: Host, id_: str, route: str, component: str | None, tally: Tally, now: float) -> Json:
    longest = tally.took.longest / 1000 if tally.count else None
    return {
        "id": id_,
        "route": route,
        "component": component,
        "count": tally.count,
        "errors": tally.errors,
        "rate": tally.rate.lately(now, host.counting.since),
        "p50": tally.microseconds(0.5),
        "p90": tally.microseconds(0.9),
        "p99": tally.microseconds(0.99),
        "max": longest,
        "histogram": [[bound / 1000, count] for bound, count in tally.took.buckets()],
    }


def _component(host: Host, id_: str, loaded: Loaded | None, now: float) -> Json:
    tallies = list(host.counting.of_component(id_))
    took, errors = together(tallies)
    living = () if loaded is None else loaded.instances
    half, most = took.quantile(0.5), took.quantile(0.99)
    return {
        "id": id_,
        "count": took.total,
        "errors": errors,
        "rate": sum(tally.rate.lately(now, host.counting.since) for tally in tallies),
        "p50": None if half is None else half / 1000,
        "p99": None if most is None else most / 1000,
        "instances": len(living),
        "memory": sum(each.memory for each in living),
    }
