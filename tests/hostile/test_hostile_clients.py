"""Clients that misbehave, against a host of its own: whatever they send, or leave unread, the host
stays small and serves the next request."""

from __future__ import annotations

import json
import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

Guest = Callable[[str], Path]
Host = Any

SECRET = "a-secret-of-the-shell"
SMUGGLED = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
"""A request that must not be seen as one."""
SERVED = b"hello from the text format"


@pytest.fixture(scope="module")
def host(guest: Guest, up: Callable[..., Host], tmp_path_factory: pytest.TempPathFactory) -> Host:
    directory = tmp_path_factory.mktemp("clients")
    names = {"hello": "wat/hello", "python": "python", "wagi": "wagi"}
    parts = ['spin_manifest_version = 2\n[application]\nname = "clients"\n']
    for name, kind in names.items():
        wagi = 'executor = { type = "wagi" }\n' if name == "wagi" else ""
        parts.append(
            f'[[trigger.http]]\nroute = "/{name}/..."\ncomponent = "{name}"\n{wagi}'
            f'[component.{name}]\nsource = "{guest(kind)}"\nenvironment = {{ OWN = "{name}" }}\n'
        )
    (directory / "spin.toml").write_text("\n".join(parts))
    with pytest.MonkeyPatch.context() as patch:
        for key in ("SPINDLE_TEST_SECRET", "AWS_SECRET_ACCESS_KEY", "HTTP_PROXY_PASSWORD"):
            patch.setenv(key, SECRET)
        started = up(directory)
    assert started.get("/python/hello").status == 200
    return started


@pytest.fixture(autouse=True)
def _serves_the_next(host: Host) -> Iterator[None]:
    yield
    assert host.get("/hello").body == SERVED
    assert host.get("/python/hello").status == 200
    assert "bug" not in host.output(), host.output()[-3000:]


def connect(host: Host) -> socket.socket:
    return socket.create_connection(("127.0.0.1", host.port), timeout=60)


def exchange(host: Host, sent: bytes) -> bytes:
    """What comes back until the host closes, which it does once the client sends no more."""
    with connect(host) as client:
        with suppress(ConnectionError):
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
        received = b""
        with suppress(ConnectionError):
            while data := client.recv(65536):
                received += data
        return received


def memory_of(host: Host) -> int:
    """Bytes of the host that are in memory."""
    status = Path(f"/proc/{host.process.pid}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


def posted(*fields: bytes, body: bytes = b"") -> bytes:
    head = [b"POST /python/echo HTTP/1.1", b"Host: a", *fields]
    return b"\r\n".join([*head, b"", body])


CHUNKED = b"Transfer-Encoding: chunked"
SHAPES = {
    "two lengths": posted(b"Content-Length: 0", b"Content-Length: 50", body=SMUGGLED),
    "two lengths in one": posted(b"Content-Length: 0, 50", body=SMUGGLED),
    "a length and chunks": posted(b"Content-Length: 5", CHUNKED, body=b"0\r\n\r\n" + SMUGGLED),
    "chunks and a length": posted(CHUNKED, b"Content-Length: 5", body=b"0\r\n\r\n" + SMUGGLED),
    "a signed length": posted(b"Content-Length: +0", body=SMUGGLED),
    "a negative length": posted(b"Content-Length: -1", body=SMUGGLED),
    "a length in hexadecimal": posted(b"Content-Length: 0x0", body=SMUGGLED),
    "a length with a space": posted(b"Content-Length: 0 0", body=SMUGGLED),
    "a length beyond all": posted(b"Content-Length: 18446744073709551616", body=SMUGGLED),
    "no length": posted(b"Content-Length:", body=SMUGGLED),
    "a space before the colon": posted(b"Content-Length : 0", body=SMUGGLED),
    "a tab in the name": posted(b"Content\tLength: 0", body=SMUGGLED),
    "chunks by another name": posted(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED),
    "chunks not last": posted(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n" + SMUGGLED),
    "chunks twice": posted(CHUNKED, b"Transfer-Encoding: identity", body=b"0\r\n\r\n" + SMUGGLED),
    "chunks after a tab": posted(b"Transfer-Encoding:\x0bchunked", body=b"0\r\n\r\n" + SMUGGLED),
    "a folded coding": posted(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "a folded field": posted(b"A: b", b"\tContent-Length: 0", body=SMUGGLED),
    "a carriage return in a value": posted(b"A: b\rContent-Length: 0", body=SMUGGLED),
    "a carriage return after a name": posted(b"A\r: b", body=SMUGGLED),
    "a line feed for an end": posted(b"A: b\nContent-Length: 50", body=SMUGGLED),
    "a zero in a value": posted(b"A: b\0c", body=SMUGGLED),
    "a zero in a name": posted(b"A\0: b", body=SMUGGLED),
    "no name": posted(b": b", body=SMUGGLED),
    "a chunk size with a sign": posted(CHUNKED, body=b"+0\r\n\r\n" + SMUGGLED),
    "a chunk size with a prefix": posted(CHUNKED, body=b"0x0\r\n\r\n" + SMUGGLED),
    "a chunk size beyond all": posted(CHUNKED, body=b"1" + b"0" * 16 + b"\r\n\r\n" + SMUGGLED),
    "a chunk without its end": posted(CHUNKED, body=b"1\r\nab0\r\n\r\n" + SMUGGLED),
    "a chunk that ends in a line feed": posted(CHUNKED, body=b"1\na\n0\n\n" + SMUGGLED),
    "a line feed in an extension": posted(CHUNKED, body=b"0;a\nb\r\n\r\n" + SMUGGLED),
    "an empty chunk size": posted(CHUNKED, body=b"\r\n\r\n" + SMUGGLED),
    "a request line in two": b"GET /python/hello\r\n HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED,
    "another version": b"GET /python/hello HTTP/1.11\r\nHost: a\r\n\r\n" + SMUGGLED,
    "a zero in the path": b"GET /python/hello\0 HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED,
    "a space in the path": b"GET /python/ hello HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED,
    "chunks in HTTP/1.0": b"POST /python/echo HTTP/1.0\r\n" + CHUNKED + b"\r\n\r\n0\r\n\r\n"
    + SMUGGLED,
}  # fmt: skip
"""Requests whose end is a matter of opinion, each with what another opinion takes for the next."""


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_is_smuggled(host: Host, shape: str) -> None:
    received = exchange(host, SHAPES[shape])
    assert SERVED not in received
    assert received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ") <= 1
    assert received.partition(b"\r\n")[0].split(b" ")[1:2] in ([b"400"], [b"501"], [b"505"])


@pytest.mark.parametrize(
    "fields",
    [
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
        b"Connection: upgrade\r\nUpgrade: TLS/1.0",
    ],
)
def test_nobody_is_upgraded(host: Host, fields: bytes) -> None:
    request = b"GET /hello HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n\r\n"
    received = exchange(host, request)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert SERVED in received


def test_there_is_no_tunnel(host: Host) -> None:
    received = exchange(host, b"CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert SERVED not in received


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"G",
        b"GET /hello HTTP/1.1\r\nHost: a\r\nA: ",
        b"POST /python/length HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n1",
        b"POST /python/length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n1",
        b"POST /wagi?mode=stdin HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n1",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_many_who_never_finish_are_in_nobodys_way(host: Host, begun: bytes) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(connect(host))) for _ in range(100)]
        for client in clients:
            client.sendall(begun)
        for _ in range(3):
            assert host.get("/hello").body == SERVED
            for client in clients:
                with suppress(ConnectionError):
                    client.sendall(b"1")


def test_what_a_client_does_not_read_is_not_piled_up(host: Host) -> None:
    before = memory_of(host)
    with ExitStack() as stack:
        for _ in range(8):
            client = stack.enter_context(closing(socket.socket()))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", host.port))
            client.sendall(b"GET /python/drip?count=10000000&ms=0 HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.recv(1)
        for _ in range(20):
            assert host.get("/hello").body == SERVED
        assert memory_of(host) - before < 200_000_000


def test_what_a_guest_does_not_read_is_not_piled_up(host: Host) -> None:
    before = memory_of(host)
    head = b"POST /python/never HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n"
    with connect(host) as client:
        client.sendall(head)
        client.setblocking(False)
        taken, block = 0, bytes(1 << 20)
        while taken < 1 << 28 and select.select([], [client], [], 0.5)[1]:
            taken += client.send(block)
        assert taken < 1 << 28
        assert memory_of(host) - before < 200_000_000
        assert host.get("/hello").body == SERVED
        reset = b"\x01\0\0\0\0\0\0\0"
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)  # or it has time to answer


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """An HTTP/2 frame."""
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )


HEADERS, RESET, SETTINGS, PING, WINDOW, CONTINUATION, PRIORITY = 1, 3, 4, 6, 8, 9, 2
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0)
BLOCK = b"\x82\x86\x84\x41\x01a"
"""`GET http://a/` as header fields."""
FLOODS = {
    "settings": [frame(SETTINGS, 0, 0, b"\0\3\0\0\0\x64")],
    "pings": [frame(PING, 0, 0, bytes(8))],
    "priorities": [frame(PRIORITY, 0, 1, bytes(5))],
    "windows": [frame(WINDOW, 0, 0, b"\0\0\0\1")],
    "endless head": [frame(HEADERS, 1, 1, BLOCK), frame(CONTINUATION, 0, 1, b"")],
    "endless fields": [
        frame(HEADERS, 1, 1, BLOCK),
        frame(CONTINUATION, 0, 1, b"\0\1a\x7f\x80\x01" + b"b" * 255),
    ],
    "unknown frames": [frame(99, 0, 0, bytes(100))],
}  # fmt: skip


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_frames_is_borne(host: Host, kind: str) -> None:
    before = memory_of(host)
    first, *others = FLOODS[kind]
    repeated = b"".join(others or [first]) * 2000
    with connect(host) as client:
        client.setblocking(False)
        with suppress(ConnectionError):
            client.sendall(PREFACE + first)
            taken, until = 0, time.monotonic() + 20
            while taken < 2_000_000 and time.monotonic() < until:
                if not select.select([], [client], [], 0.5)[1]:
                    break  # it reads no more from who does not read
                taken += client.send(repeated)
        assert host.get("/hello").body == SERVED
        assert memory_of(host) - before < 100_000_000


def test_streams_opened_and_reset_are_borne(host: Host) -> None:
    with connect(host) as client, suppress(ConnectionError):
        client.sendall(PREFACE)
        for number in range(1, 20_001, 2):
            client.sendall(frame(HEADERS, 5, number, BLOCK) + frame(RESET, 0, number, bytes(4)))
    assert host.get("/hello").body == SERVED


def test_the_hosts_environment_and_arguments_are_not_the_guests(host: Host) -> None:
    seen = json.loads(host.get("/python/env").text)
    assert seen["env"].pop("OWN") == "python"
    of_the_host = {key: value for key, value in os.environ.items() if len(value) > 3}
    assert not set(seen["env"].values()) & {*of_the_host.values(), SECRET}
    assert not [word for word in seen["argv"] if "spindle" in word or "spin.toml" in word]
    written = host.get("/wagi/?mode=rawenv").text
    assert "OWN=wagi" in written
    assert SECRET not in written
    assert not [key for key in ("HOME=", "SPINDLE_", "VIRTUAL_ENV=", "PYTHON") if key in written]
