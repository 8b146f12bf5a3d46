"""Exports of any component, called with plain values for as long as a few time slices."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from spindle.component.canon.despecialize import cases
from spindle.component.core import Engine
from spindle.component.exports import Func, Instance
from spindle.component.values import Variant
from spindle.errors import SpindleError
from spindle.wasm.types import (
    EnumType,
    FlagsType,
    ListType,
    MapType,
    OptionType,
    PrimValType,
    RecordType,
    ResultType,
    TupleType,
    ValType,
    VariantType,
)

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


def run_exports(instance: Instance) -> str:
    """Call them all, until one traps."""
    for func in _functions(instance.exports):
        try:
            args = [plain(param.type) for param in func.type.params]
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


class NoValue(Exception):
    """A host has no value of a type by itself."""


def plain(t: ValType) -> Any:
    """A value of a type, if it needs no handle."""
    match t:
        case PrimValType.BOOL:
            return True
        case PrimValType.F32 | PrimValType.F64:
            return 1.5
        case PrimValType.CHAR:
            return "é"
        case PrimValType.STRING:
            return "naïve 🐍"
        case PrimValType.ERROR_CONTEXT:
            raise NoValue
        case PrimValType():
            return 100
        case ListType(element, length):
            return [plain(element)] * min(3 if length is None else length, 10_000)
        case MapType(key, value):
            return {plain(key): plain(value)}
        case RecordType(fields):
            return [plain(field.type) for field in fields]
        case TupleType(types):
            return tuple(map(plain, types))
        case FlagsType(labels):
            return {labels[-1]}
        case EnumType(labels):
            return labels[-1]
        case VariantType() | OptionType() | ResultType():
            case = cases(t)[-1]
            payload = None if case.type is None else plain(case.type)
            return payload if isinstance(t, OptionType) else Variant(case.label, payload)
        case _:
            raise NoValue
