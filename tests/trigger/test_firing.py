"""Firing triggers by hand: `trigger/fire`, without clients, brokers or clocks."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from tests.conftest import built
from tests.trigger import event_guests
from tests.trigger.hosting import hosting

from spindle.dev.control import BadParams
from spindle.trigger.listening import NoSuchTarget

NOWHERE = "redis://127.0.0.1:1"
MANIFEST = f"""
[application.trigger.redis]
address = "{NOWHERE}"
[application.trigger.mqtt]
address = "mqtt://127.0.0.1:1"
[[trigger.redis]]
channel = "orders"
component = "redis"
[[trigger.mqtt]]
topic = "shops/+/orders"
qos = "0"
component = "mqtt"
[[trigger.mqtt]]
topic = "$share/us/shops/#"
qos = "0"
component = "mqtt"
[[trigger.command]]
id = "once"
component = "command"
[[trigger.http]]
route = "/static"
static_response = {{ body = "hello" }}
[[trigger.http]]
route = "/python/..."
component = "python"
[component.python]
source = "{built("python")}"
[[trigger.http]]
route = "/wagi"
component = "wagi"
executor = {{ type = "wagi" }}
[component.wagi]
source = "{built("wagi")}"
[[trigger.http]]
route = "/traps"
component = "traps"
[component.traps]
source = "{built("wat/traps")}"
"""
WASM = {
    "redis": event_guests.old_redis(),
    "mqtt": event_guests.mqtt(),
    "command": event_guests.command(),
}

pytestmark = pytest.mark.asyncio


async def test_events(tmp_path: Path) -> None:
    async with hosting(tmp_path, MANIFEST, WASM, listen=False) as hosted:
        answer = await hosted.fire("redis", "orders", "fine")
        [exchange] = answer["exchanges"]
        assert exchange["output"] == {"result": "ok"}
        assert exchange["phases_us"]["total"] > 0
        answer = await hosted.fire("redis", "orders", "trap")
        [exchange] = answer["exchanges"]
        assert exchange["trap"]["export"] == "fermyon:spin/inbound-redis#handle-message"
        assert exchange["trap"]["frames"][-1]["function"] == "handle-message"
        data = base64.b64encode(b"\xff\xfe").decode()
        answer = await hosted.fire("redis", "orders", {"encoding": "base64", "data": data})
        assert answer["exchanges"][0]["input"]["payload"]["data"] == data
        answer = await hosted.fire("mqtt", "shops/north/orders", "fine")
        assert len(answer["exchanges"]) == 2
        answer = await hosted.fire("mqtt", "shops/north/orders/1", "error")
        [exchange] = answer["exchanges"]
        assert exchange["output"]["error"] == "other: no such order"
        assert hosted.said.warnings == []


async def test_commands(tmp_path: Path) -> None:
    async with hosting(tmp_path, MANIFEST, WASM, listen=False, arguments=("c",)) as hosted:
        for payload, argv in (("", b"command\0"), ("a\0b", b"command\0a\0b\0")):
            answer = await hosted.fire("command", "once", payload)
            [exchange] = answer["exchanges"]
            assert exchange["output"] == {"status": 0}
            assert [line["text"].encode() for line in exchange["logs"]] == [argv]


async def test_http(tmp_path: Path) -> None:
    async with hosting(tmp_path, MANIFEST, WASM, listen=False) as hosted:
        answer = await hosted.fire("http", "/static")
        assert answer["response"]["status"] == 200
        assert answer["response"]["body"]["data"] == "hello"
        assert answer["exchanges"] == []
        answer = await hosted.fire("http", "/nowhere")
        assert answer["response"]["status"] == 404
        headers = [["x-test", "1"], ["host", "example.com"]]
        answer = await hosted.fire("http", "/python/echo", "body", method="POST", headers=headers)
        assert answer["response"]["body"]["data"] == "body"
        [exchange] = answer["exchanges"]
        assert exchange["input"]["authority"] == "example.com"
        assert ["x-test", "1"] in exchange["input"]["headers"]
        answer = await hosted.fire("http", "/wagi")
        assert len(answer["exchanges"]) == 1
        answer = await hosted.fire("http", "/traps")
        assert answer["response"]["status"] == 500
        [exchange] = answer["exchanges"]
        assert exchange["trap"]["frames"]


NOBODY_LISTENS = [
    ("redis", "others", "no Redis trigger listens to the channel `others`"),
    ("mqtt", "pets", "no MQTT trigger listens to the topic `pets`"),
    ("mqtt", "shops/#", "`shops/#` is no topic that messages have"),
    ("command", "twice", "no command trigger is called `twice`"),
    ("cron", "tick", "the application has no `cron` trigger"),
]


async def test_what_nobody_listens_to(tmp_path: Path) -> None:
    async with hosting(tmp_path, MANIFEST, WASM, listen=False) as hosted:
        for kind, target, told in NOBODY_LISTENS:
            with pytest.raises(NoSuchTarget, match=told) as caught:
                await hosted.fire(kind, target)
            assert caught.value.hints or kind == "mqtt"


NO_CALLS: list[dict[str, object]] = [
    {"type": "redis"},
    {"type": 1, "target": "orders"},
    {"type": "redis", "target": "orders", "payload": 1},
    {"type": "redis", "target": "orders", "payload": {"encoding": "base64", "data": "?"}},
    {"type": "http", "target": "no-path"},
    {"type": "http", "target": "/", "method": "G T"},
    {"type": "http", "target": "/", "headers": [["a b", "c"]]},
    {"type": "http", "target": "/", "headers": [["a", "c\r\nd: e"]]},
    {"type": "http", "target": "/", "headers": "a"},
    {"type": "http", "target": "/static", "headers": [["host", "a b"]]},
]


async def test_what_is_no_call(tmp_path: Path) -> None:
    async with hosting(tmp_path, MANIFEST, WASM, listen=False) as hosted:
        for params in NO_CALLS:
            with pytest.raises(BadParams):
                await hosted.host.fire(params)
