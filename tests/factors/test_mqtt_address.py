"""Addresses of MQTT brokers mean what they mean to Spin's client."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.factors.mqtt.address import Address, parse_address
from spindle.factors.mqtt.errors import MqttError

LIMITS = "max_incoming_packet_size_bytes=1&max_outgoing_packet_size_bytes=20000"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("mqtt://localhost?client_id=me", Address("localhost", 1883, "me")),
        ("tcp://localhost:42?client_id=", Address("localhost", 42, "")),
        ("mqtts://localhost?client_id=me", Address("localhost", 8883, "me", tls=True)),
        ("ssl://[::1]:42/path?client_id=me", Address("::1", 42, "me", tls=True)),
        ("mqtt://user:pass@h?client_id=%26", Address("h", 1883, "&")),
        ("mqtt://h?client_id=a&clean_session=false", Address("h", 1883, "a", clean_session=False)),
        (f"mqtt://h?client_id=a&{LIMITS}", Address("h", 1883, "a", largest_packet=20000)),
        (f"mqtt://h?client_id=a&{LIMITS.partition('&')[2]}", Address("h", 1883, "a")),
        ("mqtt://h?client_id=a&inflight_num=1&keep_alive_secs=5", Address("h", 1883, "a")),
    ],
)
def test_what_they_mean(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:1883?client_id=a",
        "mqtt://localhost",
        "mqtt://localhost:port?client_id=a",
        "ws://localhost?client_id=a",
        "http://localhost?client_id=a",
        "mqtt://localhost?client_id=a&clean_session=perhaps",
        "mqtt://localhost?client_id=a&inflight_num=some",
        "mqtt://localhost?client_id=a&other=1",
        "mqtt://[::1?client_id=a",
    ],
)
def test_what_means_nothing(text: str) -> None:
    with pytest.raises(MqttError) as raised:
        parse_address(text)
    assert raised.value.case == "invalid-address"


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    for address in (text, f"mqtt://{text}", f"mqtt://h?client_id={text}"):
        with suppress(MqttError):
            parse_address(address)
