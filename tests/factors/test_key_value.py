"""Key-value stores: the file Spin would find, grants, and guests of every interface."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factors.calling import Recorder, instance_of, run

from spindle.app import App, AppComponent, LocalSource
from spindle.component.host import Later
from spindle.component.values import Err, Ok
from spindle.errors import UserError
from spindle.factors import Factors, InstanceState, build
from spindle.factors.key_value import KeyValueFactor, SqliteStores, backends_of
from spindle.factors.key_value.interfaces import INTERFACES
from spindle.factors.key_value.store import all_keys
from spindle.factors.wasi import WasiFactor
from spindle.runtime_config import RuntimeConfig

COMPONENT = AppComponent("kv", LocalSource(Path("kv.wasm")), key_value_stores=("default",))


def prepared(path: Path | None) -> tuple[Factors, InstanceState]:
    factors = Factors([WasiFactor(), KeyValueFactor(backends_of(RuntimeConfig(), path))])
    return factors, build(factors.prepare(COMPONENT))


def test_a_guest_keeps_values_where_spin_does(guest: Callable[[str], Path], tmp_path: Path) -> None:
    factors, state = prepared(tmp_path / ".spin")

    async def test() -> None:
        async with instance_of(guest("python"), state, factors) as called:
            assert await called.ask("/keep?key=a") == (404, b"")
            assert await called.ask("/keep?key=a&value=one") == (200, b"set")
            assert await called.ask("/keep?key=a&value=two") == (200, b"set")
            assert await called.ask("/keep?key=a") == (200, b"two")
            status, body = await called.ask("/keep?store=other")
            assert (status, b"AccessDenied" in body) == (502, True)
            assert ("spin:key-value/key-value@3.0.0", "get") in [
                call[:2] for call in called.scope.calls
            ]

    run(test)
    database = sqlite3.connect(tmp_path / ".spin" / "sqlite_key_value.db")
    rows = database.execute("SELECT store, key, value FROM spin_key_value").fetchall()
    pragmas = [database.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]
    database.close()
    assert rows == [("default", "a", b"two")]
    assert pragmas == list(PRAGMAS.values())


PRAGMAS = {"user_version": 0, "journal_mode": "delete", "encoding": "UTF-8"}


def test_an_unknown_label_is_the_users_mistake() -> None:
    factors = Factors([KeyValueFactor(backends_of(RuntimeConfig(), None))])
    component = AppComponent("kv", LocalSource(Path("kv.wasm")), key_value_stores=("other",))
    with pytest.raises(UserError, match="`other` for component `kv`"):
        factors.configure_app(App("app", Path(), components={"kv": component}))


def calls() -> Callable[..., Awaitable[Any]]:
    """Calls functions of the interfaces as one instance would."""
    _, state = prepared(None)
    task = SimpleNamespace(inst=SimpleNamespace(state=state), scope=Recorder())

    async def call(interface: str, func: str, *args: object) -> Any:
        result = INTERFACES[interface].functions[func](task, *args)
        result = result.awaitable if isinstance(result, Later) else result
        return await result if isawaitable(result) else result

    return call


V2 = "fermyon:spin/key-value@2.0.0"


def test_present_interface() -> None:
    async def test() -> None:
        call = calls()
        store = (await call(V2, "[static]store.open", "default")).value
        assert await call(V2, "[method]store.get", store, "a") == Ok(None)
        assert await call(V2, "[method]store.set", store, "a", b"") == Ok(None)
        assert await call(V2, "[method]store.get", store, "a") == Ok(b"")
        assert await call(V2, "[method]store.exists", store, "a") == Ok(True)
        assert await call(V2, "[method]store.get-keys", store) == Ok(["a"])
        assert await call(V2, "[method]store.delete", store, "a") == Ok(None)
        assert await call(V2, "[method]store.delete", store, "a") == Ok(None)
        assert await call(V2, "[method]store.exists", store, "a") == Ok(False)
        assert await call(V2, "[static]store.open", "other") == Err("access-denied")

    run(test)


def test_old_interface_has_numbers_for_stores() -> None:
    old = "fermyon:spin/key-value"

    async def test() -> None:
        call = calls()
        assert await call(old, "open", "default") == Ok(0)
        assert await call(old, "open", "default") == Ok(1)
        assert await call(old, "get", 1, "a") == Err("no-such-key")
        assert await call(old, "set", 1, "a", b"x") == Ok(None)
        assert await call(old, "get", 0, "a") == Ok(b"x")
        assert await call(old, "get", 2, "a") == Err("invalid-store")

    run(test)


def test_wasi_keyvalue() -> None:
    stores, atomics, batch = (
        f"wasi:keyvalue/{name}@0.2.0-draft2" for name in ("store", "atomics", "batch")
    )

    async def test() -> None:
        call = calls()
        bucket = (await call(stores, "open", "default")).value
        assert await call(atomics, "increment", bucket, "n", 5) == Ok(5)
        assert await call(atomics, "increment", bucket, "n", -7) == Ok(-2)
        items = [("a", b"1"), ("b", b"2")]
        assert await call(batch, "set-many", bucket, items) == Ok(None)
        assert await call(batch, "get-many", bucket, ["b", "x", "a"]) == Ok([items[1], items[0]])
        assert await call(batch, "delete-many", bucket, ["n", "x"]) == Ok(None)
        assert await call(stores, "[method]bucket.list-keys", bucket, None) == Ok(
            (["a", "b"], None)
        )
        cas = (await call(atomics, "[static]cas.new", bucket, "a")).value
        assert await call(atomics, "[method]cas.current", cas) == Ok(b"1")
        await call(stores, "[method]bucket.set", bucket, "a", b"changed")
        failed = await call(atomics, "swap", cas, b"mine")
        assert failed.value[0] == "cas-failed"
        assert await call(atomics, "swap", failed.value[1], b"mine") == Ok(None)
        assert await call(stores, "[method]bucket.get", bucket, "a") == Ok(b"mine")
        assert await call(atomics, "increment", bucket, "a", 1) == Err(
            ("other", "the value is not a number of 64 bits")
        )

    run(test)


@given(st.dictionaries(st.text(), st.binary()))
def test_what_is_set_is_there(items: dict[str, bytes]) -> None:
    async def test() -> None:
        backend = SqliteStores(None)
        store = await backend.open("default")
        other = await backend.open("other")
        await store.set_many(list(items.items()))
        assert {key: await store.get(key) for key in await all_keys(store)} == items
        assert await all_keys(other) == []
        await backend.close()

    asyncio.run(test())
