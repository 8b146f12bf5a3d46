"""One connection to a real MQTT broker, at its best and at its worst."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.services.mosquitto import Mosquitto
from tests.services.mosquitto_tls import TlsMosquitto
from tests.services.process import free_port

from spindle.factors import dialling
from spindle.factors.blocked_networks import BlockedNetworks
from spindle.factors.mqtt.address import parse_address
from spindle.factors.mqtt.connecting import connect
from spindle.factors.mqtt.connection import MqttConnection
from spindle.factors.mqtt.errors import ConnectionFailed, MqttError

OwnServer = Callable[[type[Mosquitto]], Mosquitto]
Loop = Callable[[], asyncio.AbstractEventLoop]
LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
LIMIT = 60.0


@pytest.fixture(params=LOOPS, autouse=True)
def loop(request: pytest.FixtureRequest) -> Loop:
    """Every test runs on both event loops."""
    return LOOPS[request.param]


def run(loop: Loop, test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(asyncio.wait_for(test(), LIMIT))


async def connected(url: str, name: str = "", **options: Any) -> MqttConnection:
    return await connect(parse_address(f"{url}?client_id={name}"), **options)


async def subscribed(url: str, topic: str) -> tuple[MqttConnection, asyncio.Queue[Any]]:
    link = await connected(url)
    messages: asyncio.Queue[Any] = asyncio.Queue()
    link.on_message = messages.put_nowait
    await link.subscribe(topic, 2)
    return link, messages


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_messages_arrive(mosquitto_server: Mosquitto, loop: Loop, qos: int) -> None:
    async def test() -> None:
        listener, messages = await subscribed(mosquitto_server.url, f"arrive/{qos}/#")
        link = await connected(mosquitto_server.url)
        payloads = [b"%d" % n for n in range(100)]
        for payload in payloads:
            await link.publish(f"arrive/{qos}/a", payload, qos)
        received = [await messages.get() for _ in payloads]
        assert [message.payload for message in received] == payloads
        assert {(message.topic, message.qos) for message in received} == {(f"arrive/{qos}/a", qos)}
        await link.end(LIMIT)
        await listener.end(LIMIT)

    run(loop, test)


def test_many_at_once_are_each_acknowledged(mosquitto_server: Mosquitto, loop: Loop) -> None:
    async def test() -> None:
        listener, messages = await subscribed(mosquitto_server.url, "once/#")
        link = await connected(mosquitto_server.url)
        await asyncio.gather(*(link.publish("once/a", b"%d" % n, n % 3) for n in range(300)))
        received = {(await messages.get()).payload for _ in range(300)}
        assert received == {b"%d" % n for n in range(300)}
        await link.end(LIMIT)
        await listener.end(LIMIT)

    run(loop, test)


def test_who_gives_up_does_not_disturb(mosquitto_server: Mosquitto, loop: Loop) -> None:
    async def test() -> None:
        link = await connected(mosquitto_server.url)
        for qos in (1, 2):
            given_up = [
                asyncio.ensure_future(link.publish("given/up", b"", qos)) for _ in range(10)
            ]
            await asyncio.sleep(0)
            for publishing in given_up:
                publishing.cancel()
            await link.publish("given/up", b"", qos)
        await link.end(LIMIT)

    run(loop, test)


def test_a_message_of_64_mb(mosquitto_server: Mosquitto, loop: Loop) -> None:
    async def test() -> None:
        link = await connected(mosquitto_server.url)
        await link.publish("large", bytes(64 << 20), 1)
        await link.end(LIMIT)

    run(loop, test)


def test_a_connection_is_kept_alive(mosquitto_server: Mosquitto, loop: Loop) -> None:
    async def test() -> None:
        link = await connected(mosquitto_server.url, keep_alive=1)
        await asyncio.sleep(2.5)
        await link.publish("alive", b"", 1)
        await link.end(LIMIT)

    run(loop, test)


def test_who_is_let_in(mosquitto_server: Mosquitto, loop: Loop) -> None:
    server = mosquitto_server

    async def test() -> None:
        for options in ({}, {"user": server.user, "password": "no"}, {"user": server.user}):
            with pytest.raises(ConnectionFailed, match=r"not authorized|bad user name"):
                await connected(server.guarded_url, **options)
        link = await connected(server.guarded_url, user=server.user, password=server.password)
        await link.publish("let/in", b"", 1)
        await link.end(LIMIT)

    run(loop, test)


@pytest.mark.parametrize("topic", ["a/#", "+", "", "x" * 70_000])
def test_topics_nobody_can_publish_to(mosquitto_server: Mosquitto, loop: Loop, topic: str) -> None:
    async def test() -> None:
        link = await connected(mosquitto_server.url)
        with pytest.raises(MqttError) as raised:
            await link.publish(topic, b"", 1)
        assert raised.value.case == "other"
        await link.publish("a", b"", 1)
        await link.end(LIMIT)

    run(loop, test)


def test_a_broker_that_goes_away(own_server: OwnServer, loop: Loop) -> None:
    server = own_server(Mosquitto)

    async def test() -> None:
        link = await connected(server.url)
        server.pause()
        waiting = asyncio.ensure_future(link.publish("a", b"", 1))
        await asyncio.sleep(0)
        server.kill()
        with pytest.raises(ConnectionFailed):
            await waiting
        with pytest.raises(ConnectionFailed):
            await link.publish("a", b"", 0)
        with pytest.raises(ConnectionFailed, match="Connection refused"):
            await connected(server.url)

    run(loop, test)


def test_a_broker_that_no_longer_answers(own_server: OwnServer, loop: Loop) -> None:
    server = own_server(Mosquitto)

    async def test() -> None:
        link = await connected(server.url, keep_alive=1)
        server.pause()
        with pytest.raises(ConnectionFailed, match="no longer answers"):
            await link.publish("a", b"", 1)
        assert not link.open

    run(loop, test)


def test_a_slow_broker_is_waited_for(own_server: OwnServer, loop: Loop) -> None:
    server = own_server(Mosquitto)

    async def test() -> None:
        link = await connected(server.url)
        server.pause()
        large = [
            asyncio.ensure_future(link.publish("a", bytes(1 << 20), qos % 3)) for qos in range(30)
        ]
        await asyncio.sleep(0.1)
        server.resume()
        await asyncio.gather(*large)
        await link.end(LIMIT)

    run(loop, test)


def test_what_is_no_broker_is_left(loop: Loop) -> None:
    async def test() -> None:
        async def greet(_reader: object, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            writer.close()

        port = free_port()
        async with await asyncio.start_server(greet, "127.0.0.1", port):
            with pytest.raises(ConnectionFailed):
                await connected(f"mqtt://127.0.0.1:{port}")

    run(loop, test)


def test_who_does_not_answer_is_not_waited_for(
    own_server: OwnServer, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_server(Mosquitto)
    monkeypatch.setattr("spindle.factors.dialling.PATIENCE", 0.2)

    async def test() -> None:
        server.pause()
        with pytest.raises(ConnectionFailed, match="no answer for"):
            await connected(server.url)
        server.resume()

    run(loop, test)


def test_blocked_networks(mosquitto_server: Mosquitto, loop: Loop) -> None:
    async def test() -> None:
        with pytest.raises(ConnectionFailed, match="blocked network"):
            await connected(mosquitto_server.url, blocked=BlockedNetworks.of(["private"]))

    run(loop, test)


def test_tls(
    own_server: OwnServer, loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_server(TlsMosquitto)
    trusted = tmp_path / "authority.pem"
    TlsMosquitto.authority.cert_pem.write_to_path(trusted)

    async def test() -> None:
        with pytest.raises(ConnectionFailed, match="its certificate is not trusted"):
            await connected(server.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        dialling.tls_context.cache_clear()
        link = await connected(server.url)
        await link.publish("tls", b"", 2)
        await link.end(LIMIT)

    dialling.tls_context.cache_clear()
    run(loop, test)
    dialling.tls_context.cache_clear()


class Sink(asyncio.Transport):
    """A transport that leads nowhere."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass

    def close(self) -> None:
        pass


PACKETS = st.binary(max_size=12).flatmap(
    lambda body: st.integers(0, 255).map(lambda kind: bytes([kind, len(body)]) + body)
)


@given(st.lists(PACKETS | st.binary(max_size=8), max_size=5), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broker_may_send_anything(loop: Loop, pieces: list[bytes], accept: bool) -> None:
    async def test() -> None:
        link = MqttConnection("a broker")
        link.connection_made(Sink())
        if accept:
            link.data_received(b"\x20\2\0\0")
            assert link.accepted.done()
        for piece in pieces:
            link.data_received(piece)
        link.close()
        assert link.lost.done()

    run(loop, test)
