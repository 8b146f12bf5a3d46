"""The control endpoint's methods on key-value stores."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest

from spindle.dev.control import BadParams
from spindle.dev.methods.key_values import (
    NoSuchStore,
    StoreFailed,
    document,
    key_value_methods,
    value_of,
)
from spindle.factors.key_value import Backend, SqliteStores

ONE = {"size": 3, "encoding": "utf-8", "data": "one"}
BYTES = {"size": 2, "encoding": "base64", "data": "/wA="}


class Asked:
    """Methods on two stores in memory; a component is granted one of them."""

    def __init__(self) -> None:
        backends: dict[str, Backend] = {name: SqliteStores(None) for name in ("default", "other")}
        self.methods = key_value_methods(backends, {"c": ("other",)})

    async def __call__(self, method: str, **params: Any) -> Any:
        result = self.methods[f"kv/{method}"](params)
        assert isinstance(result, Awaitable)
        return await result


def test_values_are_documents() -> None:
    async def test() -> None:
        ask = Asked()
        assert await ask("get", key="a") == {"value": None}
        await ask("set", key="a", value="one")
        assert await ask("get", key="a") == {"value": ONE}
        await ask("set", items=[{"key": "b", "value": BYTES}, {"key": "c", "value": ONE}])
        assert await ask("get", key="b") == {"value": BYTES}
        assert await ask("list") == {"keys": ["a", "b", "c"], "cursor": None}
        await ask("delete", key="b")
        assert await ask("list", prefix="b") == {"keys": [], "cursor": None}
        assert await ask("list", store="other", component="c") == {"keys": [], "cursor": None}

    asyncio.run(test())


def test_lists_have_pages() -> None:
    async def test() -> None:
        ask = Asked()
        keys = [f"{n:04}" for n in range(2000)]
        await ask("set", items=[{"key": key, "value": ""} for key in keys])
        found, cursor = [], None
        while True:
            page = await ask("list", prefix="0", cursor=cursor)
            found += page["keys"]
            if (cursor := page["cursor"]) is None:
                break
        assert found == keys[:1000]

    asyncio.run(test())


@pytest.mark.parametrize(
    ("method", "params", "error", "says"),
    [
        ("get", {}, BadParams, "`key` must be a text"),
        ("get", {"key": 1}, BadParams, "`key` must be a text"),
        ("get", {"key": "\ud800"}, BadParams, "half a character"),
        ("get", {"key": "a", "store": "oter"}, NoSuchStore, "has the label `oter`"),
        ("get", {"key": "a", "component": "c"}, NoSuchStore, "`c` is not granted"),
        ("get", {"key": "a", "component": "d"}, NoSuchStore, "`d` is not granted"),
        ("list", {"cursor": 1}, BadParams, "`cursor`"),
        ("set", {"key": "a"}, BadParams, "a value is a text, or has"),
        ("set", {"key": "a", "value": {"encoding": "base64", "data": "?"}}, BadParams, "base64"),
        ("set", {"items": {}}, BadParams, "`items` must be an array"),
        ("set", {"items": [7]}, BadParams, "an item must have"),
        ("set", {"key": "a", "value": {"encoding": "utf-8", "data": "\ud800"}}, BadParams, "half"),
    ],
)
def test_wrong_parameters_are_refused(
    method: str, params: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        asyncio.run(Asked()(method, **params))


def test_what_fails_is_said(tmp_path: Path) -> None:
    methods = key_value_methods({"default": SqliteStores(tmp_path)})
    with pytest.raises(StoreFailed, match="unable to open database file"):
        asyncio.run(_awaited(methods["kv/list"]({})))


async def _awaited(result: Any) -> Any:
    return await result


@pytest.mark.parametrize("value", [b"", b"one", "wörter".encode(), bytes(range(256)), bytes(99999)])
def test_documents_keep_bytes(value: bytes) -> None:
    assert value_of(document(value)) == value
