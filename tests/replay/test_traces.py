"""All that a guest calls, on the records of exchanges and of replays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.replay.applications import Application, serving

CALLS = """
import time
time.monotonic()
await variables.get("who")
await variables.get("token")
with await key_value.open_default() as store:
    await store.set("key", b"value")
    return (await store.get("key")).decode()
"""


def named(document: Any, func: str) -> Any:
    return [call for call in document["trace"] if call["func"].endswith(func)]


def test_a_trace_has_what_was_asked_and_answered(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        document = await app.run(CALLS)
        (put,) = named(document, "store.set")
        assert put["interface"].startswith("spin:key-value/key-value@")
        assert put["args"][1:] == ["key", {**put["args"][2], "data": "value"}]
        assert put["result"] == {"ok": None}
        assert put["took"] >= 0
        assert named(document, "consume-body")
        assert document["truncated"] == []
        assert [call["at"] for call in document["trace"]] == sorted(
            call["at"] for call in document["trace"]
        )

    serving(tmp_path, test, trace=True)


def test_secrets_are_not_on_a_trace(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        document = await app.run(CALLS)
        asked = [call for call in document["trace"] if "variables" in call["interface"]]
        assert [call["result"] for call in asked] == [{"ok": "world"}, {"secret": "get"}]
        assert "s3cret" not in json.dumps(document["trace"])

    serving(tmp_path, test, trace=True)


def test_a_replay_has_a_trace_if_it_is_asked_for(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        before = await app.run(CALLS)
        assert "trace" not in before
        for state in ("fork", "live"):
            came = await app.replay(before, state=state, trace=True)
            assert named(came.exchange, "store.get")
        assert "trace" not in (await app.replay(before)).exchange
        assert "trace" not in await app.run(CALLS)

    serving(tmp_path, test)


def test_what_stops_a_guest_ends_its_trace(tmp_path: Path) -> None:
    async def test(app: Application) -> None:
        document = await app.run("import os; os._exit(3)")
        assert document["trap"] is not None
        assert any("trap" in call for call in document["trace"])

    serving(tmp_path, test, trace=True)
