"""Components that get the messages of MQTT topics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.services.mosquitto import Mosquitto
from tests.trigger import event_guests
from tests.trigger.hosting import Hosted, hosting

from spindle.factors.mqtt.address import parse_address
from spindle.factors.mqtt.connecting import connect
from spindle.factors.mqtt.connection import MqttConnection
from spindle.trigger.listening import InvalidTrigger

HANDLER = event_guests.mqtt()
SETTINGS = """
[application.trigger.mqtt]
address = "{url}"
username = ""
password = ""
keep_alive_interval = "30"
"""
TRIGGER = '[[trigger.mqtt]]\ntopic = "{}"\nqos = "{}"\ncomponent = "{}"\n'

pytestmark = pytest.mark.asyncio


async def listening(hosted: Hosted, topics: int = 1) -> None:
    """Wait until topics are subscribed to."""
    lines = hosted.said.lines
    await hosted.wait_for(lambda: sum(line.startswith("Active Topic") for line in lines) == topics)


@asynccontextmanager
async def client(url: str) -> AsyncIterator[MqttConnection]:
    """A connection to publish over."""
    connection = await connect(parse_address(f"{url}?client_id=test"))
    try:
        yield connection
    finally:
        connection.close()


async def test_topics_have_wildcards_and_qualities(
    tmp_path: Path, mosquitto_server: Mosquitto
) -> None:
    manifest = SETTINGS.format(url=mosquitto_server.url) + "".join(
        (
            TRIGGER.format("wild/+/new", 0, "a"),
            TRIGGER.format("wild/#", 1, "b"),
            TRIGGER.format("wild/north/new", 2, "c"),
        )
    )
    async with hosting(tmp_path, manifest, dict.fromkeys("abc", HANDLER)) as hosted:
        await listening(hosted, 3)
        async with client(mosquitto_server.url) as publisher:
            for qos, topic in enumerate(("wild/north/new", "wild/south/old", "wild/south/new")):
                await publisher.publish(topic, b"fine", qos)
        await hosted.wait_for(lambda: len(hosted.exchanges) == 6)
        assert sorted(hosted.outcomes()) == [
            ("a", "wild/north/new", "ok"),
            ("a", "wild/south/new", "ok"),
            ("b", "wild/north/new", "ok"),
            ("b", "wild/south/new", "ok"),
            ("b", "wild/south/old", "ok"),
            ("c", "wild/north/new", "ok"),
        ]
        assert hosted.exchanges[0].trigger == "mqtt"


async def test_settings_are_templates(tmp_path: Path, mosquitto_server: Mosquitto) -> None:
    manifest = f"""
[variables]
secret = {{ default = "{mosquitto_server.password}", secret = true }}
shop = {{ default = "templates" }}
[application.trigger.mqtt]
address = "mqtt://{mosquitto_server.host}:{mosquitto_server.guarded_port}"
username = "{mosquitto_server.user}"
password = "{{{{ secret }}}}"
keep_alive_interval = "30"
"""
    triggers = TRIGGER.format("{{ shop }}/orders", 1, "a")
    async with hosting(tmp_path, manifest + triggers, {"a": HANDLER}) as hosted:
        await listening(hosted)
        assert "templates/orders: [a]" in hosted.said.lines[-1]


async def test_a_refused_password_is_told_and_no_secret(
    tmp_path: Path, mosquitto_server: Mosquitto
) -> None:
    settings = SETTINGS.format(url=mosquitto_server.guarded_url)
    settings = settings.replace('username = ""', 'username = "me"')
    settings = settings.replace('password = ""', 'password = "guess"')
    triggers = TRIGGER.format("a", 0, "a")
    async with hosting(tmp_path, settings + triggers, {"a": HANDLER}) as hosted:
        await hosted.wait_for(lambda: hosted.said.warnings)
        assert "does not let us in" in hosted.said.warnings[0]
        assert "guess" not in hosted.said.warnings[0]


@pytest.mark.parametrize("payload", [b"", b"\xff\0", b"x" * (1 << 20)])
async def test_payloads_are_any_bytes(
    tmp_path: Path, mosquitto_server: Mosquitto, payload: bytes
) -> None:
    manifest = SETTINGS.format(url=mosquitto_server.url) + TRIGGER.format("bytes", 1, "a")
    async with hosting(tmp_path, manifest, {"a": HANDLER}) as hosted:
        await listening(hosted)
        async with client(mosquitto_server.url) as publisher:
            await publisher.publish("bytes", payload, 1)
        await hosted.wait_for(lambda: hosted.outcomes() == [("a", "bytes", "ok")])


async def test_a_handler_that_fails_ends_alone(tmp_path: Path, mosquitto_server: Mosquitto) -> None:
    manifest = SETTINGS.format(url=mosquitto_server.url) + TRIGGER.format("fail", 1, "a")
    async with hosting(tmp_path, manifest, {"a": HANDLER}) as hosted:
        await listening(hosted)
        async with client(mosquitto_server.url) as publisher:
            for payload in (b"trap", b"error", b"fine"):
                await publisher.publish("fail", payload, 1)
        await hosted.wait_for(lambda: len(hosted.exchanges) == 3)
        assert sorted(str(result) for _, _, result in hosted.outcomes()) == ["None", "error", "ok"]
        error = next(e for e in hosted.exchanges if e.output == _ERROR)
        assert error.trap is not None
        assert "`other: no such order`" in error.trap.reason


_ERROR = {"result": "error", "error": "other: no such order"}


async def test_none_of_many_messages_is_lost(tmp_path: Path, mosquitto_server: Mosquitto) -> None:
    many = 1000
    manifest = SETTINGS.format(url=mosquitto_server.url) + TRIGGER.format("flood", 1, "a")
    async with hosting(tmp_path, manifest, {"a": HANDLER}) as hosted:
        await listening(hosted)
        async with client(mosquitto_server.url) as publisher:
            await asyncio.gather(
                *(publisher.publish("flood", b"%d" % number, 1) for number in range(many))
            )
        await hosted.wait_for(lambda: len(hosted.exchanges) >= many, patience=60)
        got = {bytes(e.input["payload"].data) for e in hosted.exchanges}  # type: ignore[index]
        assert got == {b"%d" % number for number in range(many)}


async def test_a_broker_that_dies_and_comes_back(
    tmp_path: Path, own_server: Callable[[type[Mosquitto]], Mosquitto]
) -> None:
    broker = own_server(Mosquitto)
    broker.stop()
    manifest = SETTINGS.format(url=broker.url) + TRIGGER.format("back", 1, "a")
    async with hosting(tmp_path, manifest, {"a": HANDLER}) as hosted:
        await hosted.wait_for(lambda: len(hosted.said.warnings) == 1)
        await asyncio.to_thread(broker.start)
        await listening(hosted)
        await asyncio.to_thread(broker.kill)
        await hosted.wait_for(lambda: len(hosted.said.warnings) == 2)
        await asyncio.to_thread(broker.start)
        again = f"Listening on the MQTT broker at {broker.url} again."
        await hosted.wait_for(lambda: again in hosted.said.lines)
        async with client(broker.url) as publisher:
            await publisher.publish("back", b"x", 1)
        await hosted.wait_for(lambda: hosted.outcomes() == [("a", "back", "ok")])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (SETTINGS.format(url="http://x"), "is none of a broker"),
        (
            SETTINGS.format(url="mqtt://x").replace('"30"', '"soon"'),
            "`keep_alive_interval` of MQTT, `soon`, is no number",
        ),
    ],
)
async def test_settings_that_are_wrong(tmp_path: Path, settings: str, told: str) -> None:
    with pytest.raises(InvalidTrigger, match=told):
        async with hosting(tmp_path, settings + TRIGGER.format("a", 0, "a"), {"a": HANDLER}):
            pass
