"""What is put into a fork of what an exchange had read."""

from __future__ import annotations

import asyncio
from typing import Any

from spindle.exchange import Body
from spindle.factors.key_value import SqliteStores
from spindle.replay.overlay import Read, laid_over, reads_of

NEW, OLD = "spin:key-value/key-value@3.0.0", "fermyon:spin/key-value"


def call(func: str, args: list[Any], result: Any, interface: str = NEW) -> Any:
    return {"interface": interface, "func": func, "args": args, "result": result}


def value(data: bytes) -> Any:
    return Body.of(data).to_json()


def test_first_reads_count() -> None:
    calls = [
        call("open", ["default"], "default"),
        call("get", ["default", "a"], value(b"1")),
        call("set", ["default", "a", value(b"2")], None),
        call("get", ["default", "a"], value(b"2")),
        call("set", ["default", "b", value(b"2")], None),
        call("get", ["default", "b"], value(b"2")),
        call("get", ["default", "c"], None),
        call("exists", ["default", "d"], False),
        call("exists", ["default", "e"], True),
        call("get", ["default", "f"], {"error": "no-such-store"}),
        call("get-keys", ["default"], ["a"]),
        call("get", ["x", "y"], value(b"1"), "spin:sqlite/sqlite@3.0.0"),
    ]
    assert reads_of({"calls": calls}) == [
        Read("default", "a", b"1"),
        Read("default", "c", None),
        Read("default", "d", None),
    ]


def test_stores_by_number_are_known_by_their_labels() -> None:
    calls = [
        call("open", ["cache"], 0, OLD),
        call("get", [0, "a"], value(b"1"), OLD),
    ]
    assert reads_of({"calls": calls}) == [Read("cache", "a", b"1")]


def test_only_what_differs_is_put() -> None:
    cut = Body(1)
    cut.add(b"xyz")
    document = {
        "calls": [
            call("get", ["default", "same"], value(b"1")),
            call("get", ["default", "other"], value(b"then")),
            call("get", ["default", "gone"], value(b"\xff")),
            call("get", ["default", "new"], None),
            call("get", ["default", "long"], cut.to_json()),
            call("get", ["elsewhere", "a"], value(b"1")),
        ]
    }

    async def lay() -> tuple[tuple[str, ...], dict[str, bytes | None]]:
        stores = SqliteStores(None)
        store = await stores.open("default")
        await store.set_many([("same", b"1"), ("other", b"now"), ("new", b"1"), ("long", b"q")])
        notes = await laid_over(reads_of(document), {"default": stores})
        names = ("same", "other", "gone", "new", "long")
        found = {name: await store.get(name) for name in names}
        await stores.close()
        return notes, found

    notes, found = asyncio.run(lay())
    assert found == {"same": b"1", "other": b"then", "gone": b"\xff", "new": None, "long": b"q"}
    assert notes == (
        "key `other` of store `default` has the value in the fork that it had then",
        "key `gone` of store `default` has the value in the fork that it had then",
        "key `new` of store `default` is removed from the fork: it was not there then",
        "key `long` of store `default` may differ from then: its value was not kept whole",
    )
