"""`wasi:keyvalue`: buckets, compare-and-swap, several keys at once."""

from __future__ import annotations

import time
from typing import Any

from spindle.component.host import HostInterface
from spindle.component.values import Err, Ok
from spindle.factors.answering import Work, seen
from spindle.factors.key_value.functions import (
    BASICS,
    Errors,
    error_value,
    functions_of,
    methods_of,
    open_store,
)
from spindle.factors.key_value.store import UNSEEN, KeyValueError, Store, all_keys
from spindle.factors.recording import note

_ERRORS: Errors = {"store-table-full": "other"}
_BUCKETS, _ATOMICS, _BATCH = (
    f"wasi:keyvalue/{name}@0.2.0-draft2" for name in ("store", "atomics", "batch")
)


class CompareAndSwap:
    """The resource `cas`: a key, and how its value was when last looked at."""

    __slots__ = ("key", "seen", "store")

    def __init__(self, store: Store, key: str, seen: Any = UNSEEN) -> None:
        self.store = store
        self.key = key
        self.seen = seen

    @property
    def label(self) -> str:
        """What it is called in records."""
        return f"{self.store.label}/{self.key}"


async def _list_keys(_task: Any, store: Store, cursor: str | None) -> tuple[list[str], None]:
    if cursor is not None:
        raise KeyValueError("other", "list_keys: cursor not supported")
    return await all_keys(store), None


async def _new_cas(_task: Any, store: Store, key: str) -> CompareAndSwap:
    return CompareAndSwap(store, key)


async def _current(_task: Any, cas: CompareAndSwap) -> bytes | None:
    value, cas.seen = await cas.store.current(cas.key)
    return value


async def _swap(task: Any, cas: CompareAndSwap, value: bytes) -> Ok | Err:
    task.inst.state.touched = True
    began = time.perf_counter_ns()
    try:
        result = await _swapped(cas, value)
    except KeyValueError as error:
        result = Err(("store-error", error_value(error, _ERRORS)))
    note(task, _ATOMICS, "swap", seen((cas, value)), isinstance(result, Ok), began)
    return result


async def _swapped(cas: CompareAndSwap, value: bytes) -> Ok | Err:
    """Whoever has not looked sets in any case; who has looked in vain gets a fresh look."""
    if cas.seen is UNSEEN:
        await cas.store.set(cas.key, value)
    elif not await cas.store.swap(cas.key, cas.seen, value):
        _, now = await cas.store.current(cas.key)
        return Err(("cas-failed", CompareAndSwap(cas.store, cas.key, now)))
    return Ok(None)


async def _increment(_task: Any, store: Store, key: str, delta: int) -> int:
    return await store.increment(key, delta)


async def _get_many(_task: Any, store: Store, keys: list[str]) -> Any:
    return await store.get_many(keys) if keys else []


async def _set_many(_task: Any, store: Store, items: list[tuple[str, bytes]]) -> None:
    if items:
        await store.set_many(items)


async def _delete_many(_task: Any, store: Store, keys: list[str]) -> None:
    if keys:
        await store.delete_many(keys)


_BUCKET: dict[str, Work] = {
    "open": open_store,
    **methods_of("bucket", {**BASICS, "list-keys": _list_keys}),
}
_CAS: dict[str, Work] = {
    "[static]cas.new": _new_cas,
    "[method]cas.current": _current,
    "increment": _increment,
}
_SEVERAL: dict[str, Work] = {
    "get-many": _get_many,
    "set-many": _set_many,
    "delete-many": _delete_many,
}

INTERFACES = {
    _BUCKETS: HostInterface(functions_of(_BUCKETS, _BUCKET, _ERRORS), {"bucket": None}),
    _ATOMICS: HostInterface(
        {**functions_of(_ATOMICS, _CAS, _ERRORS), "swap": _swap}, {"cas": None}
    ),
    _BATCH: HostInterface(functions_of(_BATCH, _SEVERAL, _ERRORS)),
}
