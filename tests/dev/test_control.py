import asyncio
import gc
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from spindle.client import RunFile, connect, encode_message
from spindle.client.failures import CallFailed, HostUnreachable
from spindle.dev.control import BadParams, ControlEndpoint, Method, Params

Scenario = Callable[[RunFile], object]


def double(params: Params) -> object:
    if not isinstance(params.get("number"), int):
        raise BadParams("`number` is no number")
    return params["number"] * 2


def broken(_params: Params) -> object:
    raise RuntimeError("oops")


async def endless(_params: Params) -> object:
    await asyncio.Event().wait()
    raise AssertionError("nothing sets it")


METHODS: dict[str, Method] = {"double": double, "broken": broken, "endless": endless}


def with_endpoint(directory: Path, scenario: Scenario) -> object:
    """Run a blocking scenario on a thread against an endpoint that really listens."""

    async def main() -> object:
        endpoint = ControlEndpoint(METHODS, directory)
        run_file = await endpoint.start(Path("/a/spin.toml"), "http://127.0.0.1:1")
        try:
            return await asyncio.to_thread(scenario, run_file)
        finally:
            await endpoint.close()

    return asyncio.run(main())


def raw(run_file: RunFile, wire: bytes) -> bytes:
    """What comes back for some bytes before the endpoint hangs up."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(60)
        peer.connect(run_file.endpoint.removeprefix("unix:"))
        peer.sendall(wire)
        peer.shutdown(socket.SHUT_WR)
        received = b""
        try:
            while data := peer.recv(4096):
                received += data
        except ConnectionResetError:
            pass
        return received


def test_methods_are_called_by_name(tmp_path: Path) -> None:
    def scenario(run_file: RunFile) -> object:
        with connect(run_file) as host:
            return [host.call("double", {"number": n}) for n in (1, 2)]

    assert with_endpoint(tmp_path, scenario) == [2, 4]


@pytest.mark.parametrize(
    ("method", "params", "number", "message"),
    [
        ("exchange/replay", {}, -32601, "there is no method `exchange/replay`"),
        ("double", {}, -32602, "`number` is no number"),
        ("broken", {}, -32603, "RuntimeError: oops"),
        ("initialize", {"protocol": 99}, -32602, "this host speaks protocol 1"),
    ],
)
def test_a_call_that_fails_says_why_and_the_connection_goes_on(
    tmp_path: Path, method: str, params: dict[str, object], number: int, message: str
) -> None:
    def scenario(run_file: RunFile) -> object:
        with connect(run_file) as host:
            with pytest.raises(CallFailed, match=message) as failed:
                host.call(method, params)
            assert failed.value.number == number
            return host.call("double", {"number": 4})

    assert with_endpoint(tmp_path, scenario) == 8


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "id": 1, "method": "double", "params": {"number": 1}},
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocol": 1}},
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"token": "guess"}},
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": ["guess"]},
    ],
)
def test_without_the_token_nothing_is_answered(tmp_path: Path, message: dict[str, object]) -> None:
    wire = encode_message(message)
    assert with_endpoint(tmp_path, lambda run_file: raw(run_file, wire)) == b""


def test_bytes_that_are_no_messages_close_the_connection(tmp_path: Path) -> None:
    answer = with_endpoint(tmp_path, lambda r: raw(r, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"))
    assert answer == b""


def test_a_stranger_cannot_fill_the_hosts_memory(tmp_path: Path) -> None:
    wire = b"Content-Length: 1000000\r\n\r\n{"
    assert with_endpoint(tmp_path, lambda run_file: raw(run_file, wire)) == b""

    def scenario(run_file: RunFile) -> object:
        with connect(run_file) as host:
            return host.call("double", {"number": 1, "ignored": "x" * 1_000_000})

    assert with_endpoint(tmp_path, scenario) == 2


def test_a_notification_has_no_answer(tmp_path: Path) -> None:
    def scenario(run_file: RunFile) -> object:
        note = {"jsonrpc": "2.0", "method": "double", "params": {"number": 1}}
        return raw(run_file, introduced(run_file) + encode_message(note))

    answer = with_endpoint(tmp_path, scenario)
    assert isinstance(answer, bytes)
    assert answer.count(b"Content-Length") == 1


def test_a_call_is_cancelled_in_the_read_it_comes_in(tmp_path: Path) -> None:
    def scenario(run_file: RunFile) -> object:
        wire = introduced(run_file) + request(2, "endless") + request(3, "host/cancel", id=2)
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(60)
            peer.connect(run_file.endpoint.removeprefix("unix:"))
            peer.sendall(wire)
            received = b""
            while b"-32800" not in received:
                received += peer.recv(4096)
        return None

    with_endpoint(tmp_path, scenario)


def test_whoever_calls_hangs_up_at_once(tmp_path: Path) -> None:
    with_endpoint(tmp_path, lambda r: raw(r, introduced(r) + request(2, "endless")))
    gc.collect()  # a coroutine that nothing awaited would warn


def introduced(run_file: RunFile) -> bytes:
    return request(1, "initialize", token=run_file.token, protocol=1)


def request(number: int, method: str, **params: object) -> bytes:
    return encode_message({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def test_a_client_learns_that_the_endpoint_closed(tmp_path: Path) -> None:
    connections = []

    def scenario(run_file: RunFile) -> object:
        connections.append(connect(run_file))
        return run_file

    run_file = with_endpoint(tmp_path, scenario)
    assert isinstance(run_file, RunFile)
    assert connections[0].wait_closed(5)
    connections[0].close()
    with pytest.raises(HostUnreachable, match="no host answers"):
        connect(run_file)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["silent", "closing"])
def test_a_host_that_does_not_answer(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        if kind == "closing":
            threading.Thread(target=lambda: listener.accept()[0].close()).start()
        run_file = RunFile(os.getpid(), "0", "/a", "http://a", f"unix:{path}", "t")
        with pytest.raises(HostUnreachable, match="does not answer"):
            connect(run_file, timeout=0.2)


def test_the_token_is_not_shown(tmp_path: Path) -> None:
    run_file = with_endpoint(tmp_path, lambda run_file: run_file)
    assert isinstance(run_file, RunFile)
    assert len(run_file.token) >= 43
    assert run_file.token not in repr(run_file)
