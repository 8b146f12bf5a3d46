"""Addresses of Redis servers mean what they mean to Spin's client."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.factors.redis.address import Address, parse_address
from spindle.factors.redis.errors import RedisError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("redis://localhost", Address("localhost")),
        ("REDIS://LOCALHOST:6380", Address("localhost", 6380)),
        ("valkey://localhost", Address("localhost")),
        ("redis://127.0.0.1:6379/", Address("127.0.0.1")),
        ("redis://h/3", Address("h", database=3)),
        ("redis://h//3/", Address("h", database=3)),
        ("redis://user:pass@h", Address("h", user="user", password="pass")),
        ("redis://:p%40ss%2F@h", Address("h", password="p@ss/")),
        ("redis://user@h", Address("h", user="user")),
        ("redis://[::1]:6379", Address("::1")),
        ("redis://h?protocol=resp3", Address("h", protocol=3)),
        ("redis://h?protocol=2&other=1", Address("h")),
        ("rediss://h:6380", Address("h", 6380, tls=True)),
        ("rediss://h/#insecure", Address("h", tls=True, verify=False)),
        ("valkeys://h", Address("h", tls=True)),
        ("redis://h#insecure", Address("h")),
    ],
)
def test_what_they_mean(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "localhost:6379",
        "http://localhost",
        "redis://",
        "redis:///0",
        "redis://0.0.0.0",
        "redis://[::]",
        "redis://[::1",
        "redis://h:port",
        "redis://h:99999",
        "redis://h/first",
        "redis://%ff:%ff@h",
        "rediss://h#other",
        "redis://h?protocol=4",
        "unix:///tmp/redis.sock",
    ],
)
def test_what_means_nothing(text: str) -> None:
    with pytest.raises(RedisError) as raised:
        parse_address(text)
    assert raised.value.case == "invalid-address"


@given(st.text())
def test_any_text_is_an_address_or_none(text: str) -> None:
    for address in (text, f"redis://{text}"):
        with suppress(RedisError):
            parse_address(address)


def test_they_are_shown_without_a_password() -> None:
    assert str(parse_address("rediss://me:secret@[::1]/2#insecure")) == "rediss://[::1]:6379/2"
