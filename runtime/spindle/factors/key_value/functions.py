"""What the interfaces of key-value stores have in common: functions on an open store."""

from __future__ import annotations

from functools import partial
from typing import Any

from spindle.component.host import HostFunc
from spindle.factors.answering import Work, answered
from spindle.factors.at_once import begun_at_once
from spindle.factors.key_value.store import KeyValueError, Store

Errors = dict[str, str]
"""The cases of an interface that differ from Spin's present ones."""


def error_value(error: KeyValueError, errors: Errors) -> Any:
    """An error as an interface spells it."""
    case, reason = errors.get(error.case, error.case), error.reason
    if case == "other" and reason is None:
        reason = error.case.replace("-", " ")
    return case if reason is None else (case, reason)


async def open_store(task: Any, label: str) -> Store:
    """The store of a label."""
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


BASICS: dict[str, Work] = {"get": _get, "set": _set, "delete": _delete, "exists": _exists}


def functions_of(interface: str, works: dict[str, Work], errors: Errors) -> dict[str, HostFunc]:
    """Host functions that answer an interface's errors, by their names in WIT."""
    return {
        name: begun_at_once(
            answered(
                interface, name.partition(".")[2] or name, work, partial(error_value, errors=errors)
            )
        )
        for name, work in works.items()
    }


def methods_of(resource: str, works: dict[str, Work]) -> dict[str, Work]:
    """Functions under the names of a resource's methods."""
    return {f"[method]{resource}.{name}": work for name, work in works.items()}
