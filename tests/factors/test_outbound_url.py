"""Addresses as URLs: where they lead, and how they are shown."""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.factors.outbound_url import destination, resolve, without_password


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("mysql://user:p@host.com:3306/db", "host.com", 3306),
        ("host.com", "host.com", None),
        ("mysql://user:p@ss@host.com", "host.com", None),
        ("mysql://[::1]:3306/", "[::1]", 3306),
        ("mysql://inside:3306?@host.com/", "inside", 3306),
        ("mysql://inside#@host.com/", "inside", None),
        ("mysql://inside/@host.com/", "inside", None),
        ("\r mysql://host.com", "host.com", None),
        ("my\tsql://ho\nst.com:33\n06", "host.com", 3306),
    ],
)
def test_a_destination_is_where_clients_connect_to(url: str, host: str, port: int | None) -> None:
    to = destination(url, "mysql")
    assert to is not None
    assert (to.host, to.port) == (host, port)


PIECES = st.sampled_from(
    ["@", ":", "/", "?", "#", "[", "]", "\\", "a.com", "::1", "80", "%", "u", "\n", " ", "\x01"]
)
START = st.sampled_from(["", "\t", "\n ", "mysql://"])


@given(START, st.lists(PIECES, max_size=12).map("".join))
def test_who_is_asked_about_is_who_is_connected_to(start: str, rest: str) -> None:
    url = f"{start}mysql://{rest}"
    with suppress(ValueError):
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        if (to := destination(url, "mysql")) is not None:
            assert (to.host.strip("[]"), to.port) == (host, port)


@pytest.mark.parametrize("host", ["a..b", ".", f"{'a' * 64}.com", f"{'ä' * 64}.com"])
def test_a_host_that_can_have_no_address_is_not_known(host: str) -> None:
    with pytest.raises(socket.gaierror, match="not known"):
        asyncio.run(resolve(host, 1, ()))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mysql://user:secret@host/db", "mysql://user:***@host/db"),
        ("mysql://user:s/e:c@r et@host/db", "mysql://user:***@host/db"),
        ("mysql://user@host:3306/db", "mysql://user@host:3306/db"),
        ("redis://:secret@host", "redis://:***@host"),
        ("user:secret@host", "user:***@host"),
    ],
)
def test_a_password_is_not_shown(url: str, shown: str) -> None:
    assert without_password(url) == shown
