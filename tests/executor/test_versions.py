"""Every version of WASI a guest may speak: greetings, bodies, trailers."""

from __future__ import annotations

import pytest
from tests.executor.harness import Running
from tests.trigger.harness import converse

from spindle.exchange import HttpOutput

MEGABYTE = bytes(range(256)) * 4096


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/hello", b"Hello from the guest!"),
        ("/javascript/hello", b"Hello from the guest!"),
        ("/rust-p2", b"Hello World!"),
        ("/rust-p3", b"Hello World!"),
        ("/text", b"hello from the text format"),
    ],
)
def test_a_greeting(running: Running, path: str, body: bytes) -> None:
    answer = running.get(path)
    assert (answer.status, answer.body) == (200, body)


def test_a_command(running: Running) -> None:
    answer = running.get("/wagi?mode=status")
    assert (answer.status, answer.body) == (418, b"teapot")


@pytest.mark.parametrize("path", ["/echo", "/javascript/echo", "/wagi?mode=stdin"])
def test_a_body_comes_back(running: Running, path: str) -> None:
    body = MEGABYTE.replace(b"\xff", b"\xfe") if "wagi" in path else MEGABYTE
    answer = running.request("POST", path, body)
    assert answer.status == 200
    assert answer.body == body


def test_a_body_passes_through_the_guest(running: Running) -> None:
    answer = running.request("POST", "/shout", b"abc" * 500_000)
    assert answer.body == b"ABC" * 500_000


@pytest.mark.parametrize("path", ["/length", "/javascript/length"])
def test_a_body_without_a_length(running: Running, path: str) -> None:
    answer = running.request("POST", path, iter([b"ab", b"c" * 100_000, b"d"]))
    assert answer.body == b"100003"


@pytest.mark.parametrize("path", ["/echo", "/shout", "/javascript/echo"])
def test_a_body_streams_both_ways_at_once(running: Running, path: str) -> None:
    with running.connect() as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 20\r\n\r\n".encode())
        received = b""
        for part in (b"FIRST", b"THEN1", b"THEN2", b"THEN3"):
            client.sendall(part)
            while part not in received:
                chunk = client.recv(4096)
                assert chunk, received
                received += chunk


def test_trailers(running: Running) -> None:
    answer = running.get("/trailers")
    output = running.exchange_of(answer).output
    assert answer.body == b"with trailers"
    assert isinstance(output, HttpOutput)
    assert output.trailers == ((b"x-checksum", b"1234"),)


@pytest.mark.parametrize("path", ["/hello", "/javascript/hello", "/rust-p2", "/rust-p3", "/drip"])
def test_head_has_no_body_and_its_connection_goes_on(running: Running, path: str) -> None:
    head = f"HEAD {path} HTTP/1.1\r\nhost: a\r\n\r\n".encode()
    first, second = converse(running.port, [head + head.replace(b"HEAD", b"GET")]).responses
    assert (first.status, first.body) == (200, b"")
    assert (second.status, bool(second.body)) == (200, True)


def test_a_body_left_unread_does_not_stop_the_response(running: Running) -> None:
    assert running.request("POST", "/ignore", MEGABYTE).body == b"ignored"
