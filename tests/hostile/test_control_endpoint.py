"""Whoever reaches the control endpoint without being meant to."""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.endpoints import Serving, linked, run, serving, until

from spindle.client import encode_message
from spindle.dev.control import peer as peer_module

WEB_PAGE = """\
POST / HTTP/1.1\r
Host: 127.0.0.1:{port}\r
Origin: https://evil.example\r
Content-Type: text/plain\r
Content-Length: {length}\r
\r
{body}"""


def introduction(token: str) -> dict[str, object]:
    params = {"token": token, "protocol": 1}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


def said(wire: bytes) -> dict[str, Any]:
    """The message in some bytes."""
    found: dict[str, Any] = json.loads(wire.partition(b"\r\n\r\n")[2])
    return found


async def answered(served: Serving, wire: bytes, *, hang_up: bool = False) -> bytes:
    """All that comes back for some bytes until the endpoint hangs up."""
    kind, _, address = served.run_file.endpoint.partition(":")
    if kind == "unix":
        reader, writer = await asyncio.open_unix_connection(address)
    else:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(wire)
    if hang_up:
        writer.write_eof()
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def test_a_web_page_gets_nothing_even_if_it_knows_the_token(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path, unix=False) as served:
            body = json.dumps(introduction(served.run_file.token))
            port = served.run_file.endpoint.rpartition(":")[2]
            request = WEB_PAGE.format(port=port, length=len(body), body=body)
            assert await answered(served, request.encode()) == b""
            for line in (b"GET / HTTP/1.1\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"):
                assert await answered(served, line) == b""

    run(main())


@pytest.mark.parametrize(
    "wire",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 5000,
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 1e3\r\n\r\n",
        "Content-Length: ١٢\r\n\r\n".encode(),
        b"Content-Length: 5000\r\n\r\n",
        b"Content-Length: 4\r\n\r\nnull",
        b"Content-Length: 2\r\n\r\n{}",
        b"Content-Length: 3\r\n\r\n\xff\xff\xff",
        b"Content-Length: 2000\r\n\r\n" + b"[" * 1000 + b"]" * 1000,
        b"X: y\r\n\r\n",
        b"\r\n\r\n",
    ],
)
def test_what_is_no_introduction_is_not_answered(tmp_path: Path, wire: bytes) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served:
            assert await answered(served, wire) == b""
            async with linked(served) as link:
                assert await link.call("double", {"number": 2}) == 4

    run(main())


@given(st.binary(max_size=300))
def test_noise_is_not_answered(tmp_path_factory: pytest.TempPathFactory, wire: bytes) -> None:
    async def main() -> None:
        async with serving(tmp_path_factory.mktemp("run")) as served:
            assert await answered(served, wire, hang_up=True) == b""

    run(main())


def test_a_token_is_of_use_at_its_own_host_only(tmp_path: Path) -> None:
    async def main() -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        async with serving(tmp_path / "a") as one, serving(tmp_path / "b") as other:
            wire = encode_message(introduction(other.run_file.token))
            assert await answered(one, wire) == b""

    run(main())


def test_who_says_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_module, "STRANGERS_SECONDS", 0.05)

    async def main() -> None:
        async with serving(tmp_path) as served:
            assert await answered(served, b"Content-Length: 10\r\n\r\n{") == b""
            assert not served.endpoint.peers

    run(main())


def test_strange_messages_of_somebody_known_are_refused_one_by_one(tmp_path: Path) -> None:
    messages: list[Any] = [
        {"id": 1},
        {"id": 2, "method": 3},
        {"id": 3, "method": "double", "params": [1]},
        {"id": 4, "method": "double"},
        {"id": 5, "method": "double", "params": {"number": {}}},
        {"id": 6, "method": "__init__"},
        {"id": 7, "method": "host/unsubscribe", "params": {"subscription": "x"}},
        {"id": {"a": [1]}, "method": "nothing"},
    ]

    async def main() -> None:
        async with serving(tmp_path) as served, linked(served):
            wires = [introduction(served.run_file.token), *messages]
            kind, _, path = served.run_file.endpoint.partition(":")
            assert kind == "unix"
            reader, writer = await asyncio.open_unix_connection(path)
            for message in wires:
                writer.write(encode_message(message))
                length = int((await reader.readline()).split()[1])
                await reader.readline()
                answer = json.loads(await reader.readexactly(length))
                assert ("error" in answer) == (message in messages)
                assert answer["id"] in (message["id"], None)
            writer.close()

    run(main())


def test_somebody_who_leaves_at_once_leaves_nothing_behind(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(tmp_path) as served:
            path = served.run_file.endpoint.removeprefix("unix:")
            hello = encode_message(introduction(served.run_file.token))
            calls = [
                encode_message({"jsonrpc": "2.0", "id": n, "method": method, "params": {}})
                for n, method in enumerate(["wait", "follow", "wait"], 2)
            ]
            for _ in range(20):
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.connect(path)
                    peer.sendall(hello + b"".join(calls))
                await asyncio.sleep(0)
            await until(lambda: not served.endpoint.peers and not served.bus.heard)

    run(main())
