"""`fermyon:spin/http` against real servers: whole messages, redirects, grants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from tests.factors.calling import Recorder, run
from tests.factors.test_http_client import outbound, server

from spindle.component.values import Err, Ok
from spindle.factors import InstanceState
from spindle.factors.spin_http import INTERFACE, INTERFACES

SEND = INTERFACES[INTERFACE].functions["send-request"]

Answers = dict[str, bytes]
"""What a server says, by method and path."""


def answering(answers: Answers, heard: list[str]) -> Callable[..., Any]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        heard.append(head)
        key = " ".join(head.split(" ")[:2])
        writer.write(b"HTTP/1.1 " + answers[key])
        await writer.drain()

    return serve


def request(uri: str, method: str = "get", body: bytes | None = None) -> Any:
    headers = [("x-a", "1"), ("cookie", "secret"), ("content-type", "text/plain")]
    return (method, uri, headers, [], body)


async def send(asked: Any, *allowed: str) -> Any:
    async with outbound(*allowed) as way_out:
        state = InstanceState(send_http=way_out)
        return await SEND(
            SimpleNamespace(inst=SimpleNamespace(state=state), scope=Recorder()), asked
        )


def ok(body: bytes) -> bytes:
    return b"200 OK\r\nX-B: 2\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (
        len(body),
        body,
    )


def redirect(status: int, to: str) -> bytes:
    return (
        f"{status} See\r\nlocation: {to}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode()
    )


def test_a_request_and_its_response() -> None:
    heard: list[str] = []

    async def test() -> None:
        async with server(answering({"POST /a?b": ok(b"abc")}, heard)) as where:
            answer = await send(request(f"http://{where}/a?b", "post", b"xyz"), f"http://{where}")
        assert answer == Ok(
            (200, [("x-b", "2"), ("connection", "close"), ("content-length", "3")], b"abc")
        )
        assert "x-a: 1" in heard[0].lower()

    run(test)


@pytest.mark.parametrize(
    ("status", "method", "after"),
    [(301, "post", "GET"), (303, "put", "GET"), (302, "head", "HEAD"), (307, "post", "POST")],
)
def test_a_redirect_is_followed(status: int, method: str, after: str) -> None:
    heard: list[str] = []

    async def test() -> None:
        answers = {f"{method.upper()} /": redirect(status, "b?c"), f"{after} /b?c": ok(b"")}
        async with server(answering(answers, heard)) as where:
            answer = await send(request(f"http://{where}/", method, b"xyz"), f"http://{where}")
        assert answer.value[0] == 200
        assert ("content-type" in heard[1].lower()) == (after != "GET")

    run(test)


def test_another_host_gets_no_cookies_and_must_be_allowed() -> None:
    heard: list[str] = []

    async def test() -> None:
        async with server(answering({"GET /": ok(b"there")}, heard)) as there:
            answers = {"GET /": redirect(302, f"http://{there}/")}
            async with server(answering(answers, heard)) as here:
                allowed = f"http://{here}"
                asked = request(f"{allowed}/")
                assert await send(asked, allowed, f"http://{there}") != Err("x")
                assert "cookie" not in heard[1].lower()
                assert await send(asked, allowed) == Err("destination-not-allowed")

    run(test)


def test_redirects_without_end_end() -> None:
    heard: list[str] = []

    async def test() -> None:
        async with server(answering({"GET /": redirect(302, "/")}, heard)) as where:
            answer = await send(request(f"http://{where}/"), f"http://{where}")
        assert answer == Err("runtime-error")
        assert len(heard) == 11

    run(test)


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("http://127.0.0.1:9/", "destination-not-allowed"),
        ("/", "destination-not-allowed"),
        ("ftp://example.com/", "invalid-url"),
        ("http://[::1/", "invalid-url"),
        ("nonsense", "invalid-url"),
    ],
)
def test_what_cannot_be_asked(uri: str, error: str) -> None:
    async def test() -> None:
        assert await send(request(uri), "http://127.0.0.1:1") == Err(error)

    run(test)


def test_a_failure_of_the_network() -> None:
    async def test() -> None:
        allowed = "http://127.0.0.1:9"
        assert await send(request(f"{allowed}/"), allowed) == Err("runtime-error")

    run(test)
