"""The interfaces key-value stores are reached by: Spin's three generations and `wasi:keyvalue`.

They differ in how a store is held, how keys are listed and what errors are called.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from spindle.component.ends import HostFuture, ItemsSource
from spindle.component.host import HostFunc, HostInterface
from spindle.component.values import Err, Ok
from spindle.factors.answering import Work, answered, seen
from spindle.factors.key_value.store import KeyValueError, Store
from spindle.factors.recording import note

Errors = dict[str, str]
"""The cases of an interface that differ from Spin's present ones."""


def _error_value(error: KeyValueError, errors: Errors) -> Any:
    case = errors.get(error.case, error.case)
    return (case, error.reason) if error.reason is not None else case


async def _open(task: Any, label: str) -> Store:
    store: Store = await task.inst.state.factors["key_value"].open(label)
    return store


async def _get(_task: Any, store: Store, key: str) -> bytes | None:
    return await store.get(key)


async def _set(_task: Any, store: Store, key: str, value: bytes) -> None:
    await store.set(key, value)


async def _delete(_task: Any, store: Store, key: str) -> None:
    await store.delete(key)


async def _exists(_task: Any, store: Store, key: str) -> bool:
    return await store.exists(key)


async def _get_keys(_task: Any, store: Store) -> list[str]:
    return await store.get_keys()


_METHODS: dict[str, Work] = {"get": _get, "set": _set, "delete": _delete, "exists": _exists}


def _functions(interface: str, works: dict[str, Work], errors: Errors) -> dict[str, HostFunc]:
    return {
        name: answered(
            interface, name.partition(".")[2] or name, work, partial(_error_value, errors=errors)
        )
        for name, work in works.items()
    }


def _of(resource: str, works: dict[str, Work]) -> dict[str, Work]:
    return {f"[method]{resource}.{name}": work for name, work in works.items()}


# Spin 2.0.0 and 3.0.0.


async def _stream_keys(task: Any, store: Store) -> tuple[ItemsSource, HostFuture]:
    task.inst.state.touched = True
    began = time.perf_counter_ns()
    try:
        keys = await store.get_keys()
    except KeyValueError as error:
        value = _error_value(error, {})
        note(task, _SPIN_3, "get-keys", seen((store,)), {"error": value}, began)
        return ItemsSource(), HostFuture.of(Err(value))
    note(task, _SPIN_3, "get-keys", seen((store,)), keys, began)
    return ItemsSource(keys), HostFuture.of(Ok(None))


_SPIN_2 = "fermyon:spin/key-value@2.0.0"
_SPIN_3 = "spin:key-value/key-value@3.0.0"
_STORE: dict[str, Work] = {"[static]store.open": _open, **_of("store", _METHODS)}

# Unversioned: a store is a number.

_HANDLES = "key_value.handles"


def _held(task: Any) -> dict[int, Store]:
    handles: dict[int, Store] = task.inst.state.factors.setdefault(_HANDLES, {})
    return handles


async def _open_handle(task: Any, label: str) -> int:
    handles = _held(task)
    handle = next(n for n in range(len(handles) + 1) if n not in handles)
    handles[handle] = await _open(task, label)
    return handle


def _by_handle(work: Work) -> Work:
    async def by_handle(task: Any, handle: int, *args: Any) -> Any:
        store = _held(task).get(handle)
        if store is None:
            raise KeyValueError("invalid-store")
        return await work(task, store, *args)

    return by_handle


async def _get_or_fail(task: Any, store: Store, key: str) -> bytes:
    value = await _get(task, store, key)
    if value is None:
        raise KeyValueError("no-such-key")
    return value


def _close(task: Any, handle: int) -> None:
    _held(task).pop(handle, None)


_BY_HANDLE: dict[str, Work] = {
    name: _by_handle(work)
    for name, work in {**_METHODS, "get": _get_or_fail, "get-keys": _get_keys}.items()
}

# wasi:keyvalue.


class CompareAndSwap:
    """The resource `cas`: a key, and what its value was when last looked at."""

    __slots__ = ("key", "store", "value")

    def __init__(self, store: Store, key: str, value: bytes | None = None) -> None:
        self.store = store
        self.key = key
        self.value = value

    @property
    def label(self) -> str:
        """What it is called in records."""
        return f"{self.store.label}/{self.key}"


async def _list_keys(_task: Any, store: Store, cursor: str | None) -> tuple[list[str], None]:
    if cursor is not None:
        raise KeyValueError("other", "list_keys: cursor not supported")
    return await store.get_keys(), None


async def _new_cas(_task: Any, store: Store, key: str) -> CompareAndSwap:
    return CompareAndSwap(store, key)


async def _current(_task: Any, cas: CompareAndSwap) -> bytes | None:
    cas.value = await cas.store.get(cas.key)
    return cas.value


async def _swap(task: Any, cas: CompareAndSwap, value: bytes) -> Ok | Err:
    task.inst.state.touched = True
    began = time.perf_counter_ns()
    try:
        if await cas.store.swap(cas.key, cas.value, value):
            result: Ok | Err = Ok(None)
        else:
            now = await cas.store.get(cas.key)
            result = Err(("cas-failed", CompareAndSwap(cas.store, cas.key, now)))
    except KeyValueError as error:
        result = Err(("store-error", _error_value(error, _WASI_ERRORS)))
    note(task, _ATOMICS, "swap", seen((cas, value)), isinstance(result, Ok), began)
    return result


async def _increment(_task: Any, store: Store, key: str, delta: int) -> int:
    return await store.increment(key, delta)


async def _get_many(_task: Any, store: Store, keys: list[str]) -> Any:
    return await store.get_many(keys)


async def _set_many(_task: Any, store: Store, items: list[tuple[str, bytes]]) -> None:
    await store.set_many(items)


async def _delete_many(_task: Any, store: Store, keys: list[str]) -> None:
    await store.delete_many(keys)


_BUCKETS, _ATOMICS, _BATCH = (
    f"wasi:keyvalue/{name}@0.2.0-draft2" for name in ("store", "atomics", "batch")
)
_WASI_ERRORS: Errors = {"store-table-full": "other"}

INTERFACES = {
    "fermyon:spin/key-value": HostInterface(
        {
            **_functions(
                "fermyon:spin/key-value", {"open": _open_handle, **_BY_HANDLE}, {"other": "io"}
            ),
            "close": _close,
        }
    ),
    _SPIN_2: HostInterface(
        _functions(_SPIN_2, {**_STORE, "[method]store.get-keys": _get_keys}, {}), {"store": None}
    ),
    _SPIN_3: HostInterface(
        {**_functions(_SPIN_3, _STORE, {}), "[method]store.get-keys": _stream_keys},
        {"store": None},
    ),
    _BUCKETS: HostInterface(
        _functions(
            _BUCKETS,
            {"open": _open, **_of("bucket", {**_METHODS, "list-keys": _list_keys})},
            _WASI_ERRORS,
        ),
        {"bucket": None},
    ),
    _ATOMICS: HostInterface(
        {
            **_functions(
                _ATOMICS,
                {
                    "[static]cas.new": _new_cas,
                    "[method]cas.current": _current,
                    "increment": _increment,
                },
                _WASI_ERRORS,
            ),
            "swap": _swap,
        },
        {"cas": None},
    ),
    _BATCH: HostInterface(
        _functions(
            _BATCH,
            {"get-many": _get_many, "set-many": _set_many, "delete-many": _delete_many},
            _WASI_ERRORS,
        )
    ),
}
