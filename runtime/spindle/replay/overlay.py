"""What an exchange had read of key-value stores: a fork is given it where it differs now.

A key that the exchange had written or removed before is its own affair. What SQL had read can't
be put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from spindle.exchange import bytes_of
from spindle.factors.key_value import Backend, KeyValueError

_INTERFACES = ("fermyon:spin/key-value", "spin:key-value/key-value", "wasi:keyvalue/store")


class Read(NamedTuple):
    """What was read of a key first; None if it was not there."""

    store: str
    key: str
    value: bytes | None
    cut: bool = False
    """Whether the value was not kept whole."""


def reads_of(document: Mapping[str, Any]) -> list[Read]:
    """What an exchange had read of key-value stores."""
    handles: dict[object, str] = {}
    """Stores by number, as the oldest interface has them."""
    reads: dict[tuple[str, str], Read | None] = {}
    for call in document.get("calls") or ():
        if not str(call.get("interface")).startswith(_INTERFACES):
            continue
        match call:
            case {"func": "open", "args": [str(label), *_], "result": int(number)}:
                handles[number] = label
            case {"func": str(func), "args": [store, str(key), *_], "result": result}:
                where = (str(handles.get(store, store)), key)
                if where not in reads:
                    reads[where] = _read(func, *where, result)
    return [read for read in reads.values() if read is not None]


def _read(func: str, store: str, key: str, result: Any) -> Read | None:
    """What a call tells of a key; None if it is no reading, or failed."""
    if func in ("get", "exists") and result in (None, False):
        return Read(store, key, None)
    if func == "get" and isinstance(result, Mapping) and "data" in result:
        value = bytes_of(result)
        return Read(store, key, value, cut=len(value) < result["size"])
    return None


async def laid_over(reads: list[Read], stores: Mapping[str, Backend]) -> tuple[str, ...]:
    """Put what was read then into stores where it differs; says what was put, or could not be."""
    notes: list[str] = []
    for read in reads:
        if read.store not in stores:
            continue
        try:
            store = await stores[read.store].open(read.store)
            now = await store.get(read.key)
            if now == read.value:
                continue
            what = f"key `{read.key}` of store `{read.store}`"
            if read.cut:
                notes.append(f"{what} may differ from then: its value was not kept whole")
            elif read.value is None:
                await store.delete(read.key)
                notes.append(f"{what} is removed from the fork: it was not there then")
            else:
                await store.set(read.key, read.value)
                notes.append(f"{what} has the value in the fork that it had then")
        except KeyValueError:
            continue
    return tuple(notes)
