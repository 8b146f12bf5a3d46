"""The HTTP client against real servers: exactly what was asked, streamed, and failures by name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from tests.factors.calling import run

from spindle.errors import UserError
from spindle.factors import HttpError, Timeouts
from spindle.factors.blocked_networks import BlockedNetworks
from spindle.factors.http_client import HttpClient
from spindle.factors.outbound_http import OutboundHttp
from spindle.messages import Body, Headers, Request, Response
from spindle.outbound_hosts import OutboundHosts, parse_outbound_host

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LAST = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[str]:
    """A server of one connection at a time; its authority."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer)
        writer.close()

    listening = await asyncio.start_server(once, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"127.0.0.1:{port}"
    finally:
        listening.close()


@asynccontextmanager
async def outbound(*allowed: str, chain: object = None) -> AsyncIterator[OutboundHttp]:
    client = HttpClient()
    hosts = OutboundHosts(tuple(map(parse_outbound_host, allowed)))
    try:
        yield OutboundHttp(client, hosts, chain=chain)  # type: ignore[arg-type]  # tests' own
    finally:
        await client.close()


async def failure(send: Awaitable[Response]) -> str:
    with pytest.raises(HttpError) as caught:
        await (await send).body.read_all()
    return str(caught.value.code[0])


def get(authority: str | None, path: str = "/", headers: Headers | None = None) -> Request:
    return Request("GET", "http", authority, path, headers or [])


def test_nothing_is_added_and_nothing_followed() -> None:
    seen = bytearray()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 302 Found\r\nconnection: close\r\nLocation: /x\r\nset-cookie: a=b\r\n"
            b"content-encoding: gzip\r\nx-b: \xff\r\ncontent-length: 5\r\n\r\nhello"
        )

    async def test() -> None:
        async with server(serve) as authority, outbound("http://127.0.0.1:*") as http:
            headers = [(b"Host", b"evil"), (b"X-A", b"\xe9")]
            response = await http(get(authority, "/a%2Fb?q=%20'", headers), Timeouts())
            expected = f"GET /a%2Fb?q=%20' HTTP/1.1\r\nhost: {authority}\r\nX-A: é\r\n\r\n"
            assert bytes(seen) == expected.encode("latin-1")
            assert response.status == 302
            assert (b"x-b", b"\xff") in response.headers
            assert await response.body.read_all() == b"hello"

    run(test)


def test_both_bodies_stream_at_once() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(LAST + b"transfer-encoding: chunked\r\n\r\n")
        size = -1
        while size:
            size = int(await reader.readline(), 16)
            writer.write(b"%x\r\n" % size + await reader.readexactly(size + 2))
            await writer.drain()

    async def test() -> None:
        async with server(serve) as authority, outbound("http://127.0.0.1:*") as http:
            body = Body()
            request = Request("POST", "http", authority, "/", [], body)
            response = await http(request, Timeouts())
            for word in (b"one", b"two"):
                body.feed(word)
                assert await response.body.read() == word
            body.finish()
            assert await response.body.read() == b""

    run(test)


def test_a_large_body_waits_for_its_reader() -> None:
    size = 5_000_000

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(LAST + b"content-length: %d\r\n\r\n" % size + bytes(size))
        await writer.drain()

    async def test() -> None:
        async with server(serve) as authority, outbound("http://127.0.0.1:*") as http:
            response = await http(get(authority), Timeouts())
            assert response.body.size == size
            assert len(await response.body.read_all()) == size

    run(test)


def test_failures_have_the_names_of_wasi() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/cut" in head:
            writer.write(LAST + b"content-length: 100\r\n\r\nabc")
        elif b"/stall" in head:
            writer.write(LAST + b"content-length: 100\r\n\r\nabc")
            await reader.read()
        elif b"/silent" in head:
            await reader.read()
        elif b"/nonsense" in head:
            writer.write(b"nonsense\r\n\r\n")

    async def test() -> None:
        async with server(serve) as authority, outbound("http://*:*") as http:
            codes = {
                "/cut": "HTTP-protocol-error",
                "/close": "HTTP-protocol-error",
                "/nonsense": "HTTP-protocol-error",
                "/stall": "connection-read-timeout",
                "/silent": "connection-read-timeout",
            }
            short = Timeouts(connect=2, first_byte=0.1, between_bytes=0.1)
            for path, code in codes.items():
                assert await failure(http(get(authority, path), short)) == code
            assert await failure(http(get("127.0.0.1:1"), Timeouts())) == "connection-refused"
            assert await failure(http(get("nowhere.invalid"), Timeouts())) == "DNS-error"
            assert await failure(http(get("a:b"), Timeouts())) == "HTTP-request-URI-invalid"

    run(test)


def test_only_what_is_allowed_is_called() -> None:
    async def test() -> None:
        async with outbound("http://example.com", "https://*.example.org:*") as http:
            for authority in ("example.net", "example.com:81", "example.org", "", None):
                assert await failure(http(get(authority), Timeouts())) == "HTTP-request-denied"
            denied = Request("GET", "https", "example.com", "/")
            assert await failure(http(denied, Timeouts())) == "HTTP-request-denied"

    run(test)


def test_components_are_called_without_the_network() -> None:
    called: list[tuple[str, Request]] = []

    async def chain(component: str, request: Request) -> Response:
        called.append((component, request))
        return Response(204)

    async def test() -> None:
        async with outbound("http://other.spin.internal", chain=chain) as http:
            request = get("other.spin.internal", "/x", [(b"host", b"a"), (b"b", b"c")])
            assert (await http(request, Timeouts())).status == 204
            assert called[0][0] == "other"
            assert called[0][1].headers == [(b"b", b"c")]
            denied = http(get("third.spin.internal"), Timeouts())
            assert await failure(denied) == "HTTP-request-denied"

    run(test)


def test_the_application_itself_is_called_where_it_is_served() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(LAST + b"content-length: 2\r\n\r\nme")

    async def test() -> None:
        client = HttpClient()
        hosts = OutboundHosts((parse_outbound_host("http://self"),))
        async with server(serve) as authority:
            http = OutboundHttp(client, hosts, lambda: f"http://{authority}")
            for name in (None, "", "self.alt"):
                response = await http(get(name), Timeouts())
                assert await response.body.read_all() == b"me"
            await client.close()

    run(test)


def test_blocked_networks_are_not_reached() -> None:
    async def serve(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        raise AssertionError("somebody connected")

    async def test() -> None:
        hosts = OutboundHosts((parse_outbound_host("http://*:*"),))
        async with server(serve) as authority:
            for blocked in (["private"], ["127.0.0.0/8", "::1/128"]):
                client = HttpClient(blocked=BlockedNetworks.of(blocked))
                port = authority.partition(":")[2]
                for name in (authority, f"localhost:{port}"):
                    request = get(name)
                    sent = OutboundHttp(client, hosts)(request, Timeouts())
                    assert await failure(sent) == "destination-IP-prohibited"
                await client.close()

    run(test)


@pytest.mark.parametrize(
    ("blocked", "address", "expected"),
    [
        ([], "10.0.0.1", False),
        (["10.0.0.0/8"], "10.1.2.3", True),
        (["10.0.0.0/8"], "11.1.2.3", False),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", True),
        (["private"], "192.168.0.1", True),
        (["private"], "127.0.0.1", True),
        (["private"], "fe80::1%eth0", True),
        (["private"], "1.1.1.1", False),
    ],
)
def test_blocked_addresses(blocked: list[str], address: str, expected: bool) -> None:
    assert (address in BlockedNetworks.of(blocked)) is expected


def test_a_network_that_is_none_is_the_users_mistake() -> None:
    with pytest.raises(UserError, match="`block_networks` is malformed"):
        BlockedNetworks.of(["10.0.0.0/99"])
