"""Guests of every era publish to a real broker, and are told when they can't."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from tests.labs import LabError, Laboratory, Labs, laboratory
from tests.services.mosquitto import Mosquitto

from spindle.events import EventKind, Subscription
from spindle.exchange import Exchange

OwnServer = Callable[[type[Mosquitto]], Mosquitto]
GUESTS = ("lab-python", "lab-python-2", "lab-javascript")
QOS = ("at-most-once", "at-least-once", "exactly-once")
TIME_LIMIT = 60.0
Publish = Callable[..., str]
"""The code that publishes: address, topic, payload, QoS, user, password, keep-alive."""


def python(binding: str, wait: str = "") -> Publish:
    def code(address: str, topic: str, payload: str, qos: int, user: str, password: str) -> str:
        return f"""
            c = {wait}{binding}.Connection.open({address!r}, {user!r}, {password!r}, 30)
            {wait}c.publish({topic!r}, {payload}, {binding}.Qos({qos}))
        """

    return code


def javascript(address: str, topic: str, payload: str, qos: int, user: str, password: str) -> str:
    return f"""
        const {{ Connection }} = imported["fermyon:spin/mqtt@2.0.0"];
        const c = Connection.open({address!r}, {user!r}, {password!r}, 30n);
        c.publish({topic!r}, new TextEncoder().encode({payload.removeprefix("b")}), {QOS[qos]!r});
    """


WAYS: dict[str, tuple[str, Publish]] = {
    "3 from Python": ("lab-python", python("spin_mqtt_mqtt_3_0_0", "await ")),
    "2 from Python": ("lab-python", python("fermyon_spin_mqtt_2_0_0")),
    "2 from WASI 0.2 Python": ("lab-python-2", python("bindings.mqtt")),
    "2 from JavaScript": ("lab-javascript", javascript),
}


@contextmanager
def listening(server: Mosquitto, topic: str) -> Iterator[Callable[[], MQTTMessage]]:
    """Call it for the next message of a topic filter."""
    messages: queue.Queue[MQTTMessage] = queue.Queue()
    ready: queue.Queue[bool] = queue.Queue()
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _data, message: messages.put(message)
    client.on_subscribe = lambda *_: ready.put(True)
    client.connect(server.host, server.port)
    client.subscribe(topic, 2)
    client.loop_start()
    try:
        ready.get(timeout=TIME_LIMIT)
        yield lambda: messages.get(timeout=TIME_LIMIT)
    finally:
        client.disconnect()
        client.loop_stop()


@pytest.fixture(scope="module")
def host(
    tmp_path_factory: pytest.TempPathFactory, mosquitto_server: Mosquitto
) -> Iterator[Laboratory]:
    allowed = [mosquitto_server.url, mosquitto_server.guarded_url]
    directory = tmp_path_factory.mktemp("mqtt")
    with laboratory(directory, GUESTS, allowed_outbound_hosts=allowed) as made:
        yield made


def publish(
    host: Laboratory,
    way: str,
    server: Mosquitto | str,
    topic: str = "a",
    payload: str = "b'1'",
    qos: int = 1,
    user: str = "",
    password: str = "",
) -> None:
    guest, code = WAYS[way]
    address = server if isinstance(server, str) else f"{server.url}?client_id={guest}-{qos}"
    host.run(code(address, topic, payload, qos, user, password), guest)


def failing(host: Laboratory, way: str, *args: Any, **options: Any) -> tuple[str, str]:
    """The error's case and text."""
    with pytest.raises(LabError) as raised:
        publish(host, way, *args, **options)
    value = raised.value.value
    if "tag" in value:
        return value["tag"], value.get("val") or ""
    [(case, text)] = value.items()
    words = {"ConnectionFailed": "connection-failed", "InvalidAddress": "invalid-address"}
    name = case.removeprefix("Error_")
    return words.get(name, name.lower()), text or ""


@pytest.mark.parametrize("qos", range(3))
@pytest.mark.parametrize("way", WAYS)
def test_messages_arrive(host: Laboratory, mosquitto_server: Mosquitto, way: str, qos: int) -> None:
    topic = f"guests/{way}/{qos}"
    with listening(mosquitto_server, topic) as next_message:
        publish(host, way, mosquitto_server, topic, "b'gr\\u00fc\\u00df'" if 0 else "b'hello'", qos)
        message = next_message()
    assert (message.topic, message.payload, message.qos) == (topic, b"hello", qos)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_refused(host: Laboratory, mosquitto_server: Mosquitto, way: str) -> None:
    server = mosquitto_server
    denied = f"mqtt://{way.split()[0]}.example.com?client_id=a"
    assert failing(host, way, denied) == ("connection-failed", f"address {denied} is not permitted")
    shown = denied.partition("?")[0]
    assert f"may not connect to `{shown}`" in host.console.text
    assert failing(host, way, "nonsense")[0] == "connection-failed"
    assert failing(host, way, server.url) == ("invalid-address", "")
    case, text = failing(host, way, f"{server.guarded_url}?client_id=a")
    assert (case, "not authorized" in text) == ("connection-failed", True)
    assert failing(host, way, server, topic="a/#")[0] == "other"
    publish(
        host, way, f"{server.guarded_url}?client_id=a", user=server.user, password=server.password
    )


def test_packets_are_as_large_as_in_spin(host: Laboratory, mosquitto_server: Mosquitto) -> None:
    for way in ("3 from Python", "2 from WASI 0.2 Python"):
        rest = 1 + 2 + 2 + len("size") + 2
        publish(host, way, mosquitto_server, "size", f"bytes({10 * 1024 - rest})")
        case, text = failing(host, way, mosquitto_server, "size", f"bytes({10 * 1024 - rest + 1})")
        assert (case, "10241 bytes" in text) == ("connection-failed", True)
        limits = "max_incoming_packet_size_bytes=1&max_outgoing_packet_size_bytes=100000000"
        larger = f"{mosquitto_server.url}?client_id=large&{limits}"
        publish(host, way, larger, "size", f"bytes({8 << 20})")


def test_payloads_have_a_limit(lab: Labs, mosquitto_server: Mosquitto) -> None:
    host = lab(
        GUESTS,
        allowed_outbound_hosts=[mosquitto_server.url],
        runtime_config="[outbound_mqtt]\nmax_payload_size_bytes = 4\n",
    )
    for way in WAYS:
        publish(host, way, mosquitto_server, payload="b'four'")
        error = failing(host, way, mosquitto_server, payload="b'fiver'")
        assert error == ("other", "payload size 5 exceeds the maximum allowed size of 4 bytes")


def test_a_broker_that_is_down_comes_up_and_dies(lab: Labs, own_server: OwnServer) -> None:
    server = own_server(Mosquitto)
    host = lab(allowed_outbound_hosts=["mqtt://*:*"])
    server.kill()
    way = "3 from Python"
    for _ in range(2):
        case, text = failing(host, way, server)
        assert (case, "Connection refused" in text) == ("connection-failed", True)
    sentence = f"component `lab-python` can't connect to `{server.url}`: Connection refused"
    assert host.console.text.count(sentence) == 1
    server.start()
    publish(host, way, server)


def test_a_connection_comes_back_with_its_broker(lab: Labs, own_server: OwnServer) -> None:
    server = own_server(Mosquitto)
    host = lab(allowed_outbound_hosts=["mqtt://*:*"])
    keep = f"""
        if "c" not in kept:
            kept["c"] = await mqtt.Connection.open("{server.url}?client_id=kept", "", "", 30)
        await kept["c"].publish("kept", b"", mqtt.Qos.EXACTLY_ONCE)
    """
    host.run(keep)
    server.stop()
    with pytest.raises(LabError):
        host.run(keep)
    server.start()
    host.run(keep)


def test_no_more_connections_than_there_is_room_for(lab: Labs, mosquitto_server: Mosquitto) -> None:
    host = lab(
        allowed_outbound_hosts=[mosquitto_server.url],
        runtime_config="[outbound_mqtt]\nmax_connections = 1\n",
    )
    for _ in range(3):
        publish(host, "3 from Python", mosquitto_server)
    none = lab(
        allowed_outbound_hosts=[mosquitto_server.url],
        runtime_config="[outbound_mqtt]\nmax_connections = 0\n",
    )
    with pytest.raises(LabError) as raised:
        publish(none, "3 from Python", mosquitto_server)
    assert raised.value.value == {"Error_TooManyConnections": None}


@pytest.mark.parametrize(
    ("inherited", "allowed"), [(["allowed_outbound_hosts"], True), (False, False)]
)
def test_in_a_dependency(
    lab: Labs, mosquitto_server: Mosquitto, inherited: bool | list[str], allowed: bool
) -> None:
    host = lab(composed=inherited, allowed_outbound_hosts=[mosquitto_server.url])
    if allowed:
        publish(host, "3 from Python", mosquitto_server)
    else:
        assert failing(host, "3 from Python", mosquitto_server)[0] == "connection-failed"
        assert "`wasi:http/handler@0.3.0` in component `lab-python` may not" in host.console.text


def test_what_is_recorded(lab: Labs, mosquitto_server: Mosquitto) -> None:
    server = mosquitto_server
    host = lab(allowed_outbound_hosts=[server.guarded_url])
    heard = host.host.bus.subscribe([EventKind.EXCHANGE_FINISHED])
    address = server.guarded_url.replace("//", "//me:hidden@") + "?client_id=a"
    publish(host, "3 from Python", address, user=server.user, password=server.password)
    calls = [call for call in host.do(_next(heard)).calls if "mqtt" in call.interface]
    assert [call.func for call in calls] == ["open", "publish"]
    assert "sesame" not in repr(calls)
    assert "hidden" not in repr(calls)
    assert server.guarded_url in repr(calls)


async def _next(heard: Subscription) -> Exchange:
    async for event in heard:
        assert isinstance(event.data, Exchange)
        return event.data
    raise AssertionError("the host ended")
