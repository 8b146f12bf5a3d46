"""The interfaces key-value stores are reached by: Spin's three generations and `wasi:keyvalue`.

They differ in how a store is held, how keys are listed and what errors are called.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any

from spindle.component.ends import HostFuture
from spindle.component.host import HostInterface
from spindle.factors.answering import Work, seen
from spindle.factors.key_value import wasi
from spindle.factors.key_value.functions import (
    BASICS,
    error_value,
    functions_of,
    methods_of,
    open_store,
)
from spindle.factors.key_value.store import KeyValueError, Store, all_keys, pages_of
from spindle.factors.recording import note
from spindle.factors.streaming import Elements, streamed

# Spin 2.0.0 and 3.0.0.


async def _get_keys(_task: Any, store: Store) -> list[str]:
    return await all_keys(store)


async def _stream_keys(task: Any, store: Store) -> tuple[Elements, HostFuture]:
    task.inst.state.touched = True
    return streamed(_noted_pages(task, store), partial(error_value, errors={}))


async def _noted_pages(task: Any, store: Store) -> AsyncGenerator[list[str], None]:
    """All keys; the first are noted on the invocation."""
    began = time.perf_counter_ns()
    first: Any = None
    try:
        async with aclosing(pages_of(store)) as pages:
            async for page in pages:
                if first is None:
                    first = page
                    note(task, _SPIN_3, "get-keys", seen((store,)), seen(page), began)
                yield page
    except KeyValueError as error:
        if first is None:
            first = {"error": error_value(error, {})}
            note(task, _SPIN_3, "get-keys", seen((store,)), first, began)
        raise


_SPIN_2 = "fermyon:spin/key-value@2.0.0"
_SPIN_3 = "spin:key-value/key-value@3.0.0"
_STORE: dict[str, Work] = {"[static]store.open": open_store, **methods_of("store", BASICS)}

# Unversioned: a store is a number.

_SPIN_1 = "fermyon:spin/key-value"
_HANDLES = "key_value.handles"


def _held(task: Any) -> dict[int, Store]:
    handles: dict[int, Store] = task.inst.state.factors.setdefault(_HANDLES, {})
    return handles


async def _open_handle(task: Any, label: str) -> int:
    store, handles = await open_store(task, label), _held(task)
    handle = next(n for n in range(len(handles) + 1) if n not in handles)
    handles[handle] = store
    return handle


def _by_handle(work: Work) -> Work:
    async def by_handle(task: Any, handle: int, *args: Any) -> Any:
        store = _held(task).get(handle)
        if store is None:
            raise KeyValueError("invalid-store")
        return await work(task, store, *args)

    return by_handle


async def _get_or_fail(_task: Any, store: Store, key: str) -> bytes:
    value = await store.get(key)
    if value is None:
        raise KeyValueError("no-such-key")
    return value


def _close(task: Any, handle: int) -> None:
    _held(task).pop(handle, None)


_BY_HANDLE: dict[str, Work] = {
    name: _by_handle(work)
    for name, work in {**BASICS, "get": _get_or_fail, "get-keys": _get_keys}.items()
}

INTERFACES = {
    _SPIN_1: HostInterface(
        {
            **functions_of(_SPIN_1, {"open": _open_handle, **_BY_HANDLE}, {"other": "io"}),
            "close": _close,
        }
    ),
    _SPIN_2: HostInterface(
        functions_of(_SPIN_2, {**_STORE, "[method]store.get-keys": _get_keys}, {}),
        {"store": None},
    ),
    _SPIN_3: HostInterface(
        {**functions_of(_SPIN_3, _STORE, {}), "[method]store.get-keys": _stream_keys},
        {"store": None},
    ),
    **wasi.INTERFACES,
}
