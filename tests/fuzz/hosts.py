"""Components linked with hosts that provide anything: too little, other versions, wrong values."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import cache
from random import Random
from typing import Any

from tests.fuzz import seeds
from tests.fuzz.any_values import NoValue, any_value
from tests.fuzz.guests import run_exports, ticking_engine
from tests.fuzz.mutation import mutated

from spindle.component.component import Compiler, Component
from spindle.component.core import CoreError
from spindle.component.host import HostFunc, HostInterface, may_block
from spindle.component.imports import Imports
from spindle.component.plan import ImportedFunc, Plan
from spindle.errors import ComponentError, GuestError, SpindleError
from spindle.wasm.decoder import decode
from spindle.wasm.validator import component_type

SEED = 8
"""The bytes of an input that decide what the host is."""
JUNK: tuple[Any, ...] = (None, -1, 2**70, "text", b"bytes", [None], {}, object(), 1.5, ("x", 3))
TURNS = 3


class Trouble(GuestError):
    """A host function fails."""


def host_input(random: Random) -> bytes:
    """What decides on a host, and a component; most are as they should be."""
    data = random.choice(_importing())
    return random.randbytes(SEED) + (mutated(random, [data]) if random.random() < 0.2 else data)


@cache
def _importing() -> list[bytes]:
    """The seeds that ask something of a host."""
    return [data for data in seeds.components() if _imports(data)]


def _imports(data: bytes) -> bool:
    try:
        return bool(component_type(decode(data), data).imports)
    except ComponentError:
        return False


def check_host(data: bytes) -> str:
    """Linking, instantiating and running it comes to an end that is somebody's fault by name."""
    return asyncio.run(_run(Random(data[:SEED]), data[SEED:]))


async def _run(random: Random, data: bytes) -> str:
    try:
        component = Component.load(data, Compiler(ticking_engine(), None))
        instance = component.instantiate(any_host(random, component.plan))
    except (SpindleError, CoreError) as error:
        return getattr(error, "code", "core")
    try:
        outcome = run_exports(instance)
        for _ in range(TURNS):
            await asyncio.sleep(0)
            instance.store.run()
        return outcome
    finally:
        instance.close()


def any_host(random: Random, plan: Plan) -> Imports:
    """A host for a component."""
    functions: dict[str, dict[str, HostFunc]] = defaultdict(dict)
    resources: dict[str, dict[str, Any]] = defaultdict(dict)
    for func in plan.funcs:
        if isinstance(func, ImportedFunc) and random.random() < 0.95:
            functions[_name(random, func.interface)][func.name] = _any_function(random, func)
    for resource in plan.host_resources:
        drop = random.choice((None, lambda _rep: None, _fail))
        resources[_name(random, resource.interface)][resource.name] = drop
    names = [*functions, *resources]
    lenient = random.choice((True, True, False, ("test",)))
    return Imports(
        {name: HostInterface(functions[name], resources[name]) for name in names}, lenient=lenient
    )


def _name(random: Random, interface: str | None) -> str:
    """An interface's name, now and then of another version."""
    plain, at, version = (interface or "").partition("@")
    if random.random() < 0.05:
        return f"{plain}@{random.choice(('0.1.0', '1.0.0', '0.2.9', 'x', ''))}"
    return plain + at + version


def _any_function(random: Random, func: ImportedFunc) -> HostFunc:
    kind = random.choice(("right", "right", "right", "right", "junk", "fails", "waits", "never"))

    def result() -> Any:
        if kind == "fails":
            return _fail()
        if kind == "junk" or func.type.result is None:
            return random.choice(JUNK) if kind == "junk" else None
        try:
            return any_value(random, func.type.result)
        except NoValue:
            return random.choice(JUNK)

    async def later(_task: Any, *_args: Any) -> Any:
        await asyncio.sleep(60 if kind == "never" else 0)
        return result()

    def at_once(_task: Any, *_args: Any) -> Any:
        return result()

    if kind in ("waits", "never"):
        return later
    return may_block(at_once) if random.random() < 0.2 else at_once


def _fail(*_args: Any) -> Any:
    raise Trouble("the host has trouble")
