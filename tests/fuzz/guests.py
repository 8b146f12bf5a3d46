"""Exports of any component, called with any values for as long as a few time slices."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from functools import cache
from random import Random
from typing import Any

from tests.fuzz.any_values import NoValue, any_value

from spindle.component.core import Engine
from spindle.component.exports import Func, Instance
from spindle.errors import SpindleError

SLICE = 0.01
"""Seconds."""
SLICES = 3
"""How many time slices a function gets before it is given up."""


def keep_ticking(engine: Engine) -> None:
    """Have time slices end, for as long as this process lives."""

    def tick() -> None:
        while True:
            time.sleep(SLICE)
            engine.tick()

    threading.Thread(target=tick, daemon=True).start()


@cache
def ticking_engine() -> Engine:
    """One whose time slices end."""
    engine = Engine(parallel=False)
    keep_ticking(engine)
    return engine


def run_exports(instance: Instance) -> str:
    """Call them all, until one traps."""
    random = Random(0)
    for func in _functions(instance.exports):
        try:
            args = [any_value(random, param.type) for param in func.type.params]
        except NoValue:
            continue
        if (outcome := _run(instance, func, args)) is not None:
            return outcome
    return "ran"


def _run(instance: Instance, func: Func, args: list[Any]) -> str | None:
    store = instance.store
    results: list[Any] = []
    func.start(args, results.append)
    started = store.core.engine.ticks
    while store.failure is None and not results and store.core.engine.ticks < started + SLICES:
        if not store.run():
            break
    if store.failure is None:
        return None if store.idle else "is held"
    if not isinstance(store.failure, SpindleError):
        raise store.failure
    return store.failure.code


def _functions(exports: Mapping[str, Any]) -> Iterator[Func]:
    for export in exports.values():
        if isinstance(export, Func):
            yield export
        else:
            yield from _functions(export)
