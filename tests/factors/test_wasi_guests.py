"""WASI as real guests see it: the same behaviours, asked of guests of both versions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.factors.calling import instance_of, run

from spindle.app import Mount
from spindle.component.trap import Trap
from spindle.exchange import HttpInput, HttpOutput
from spindle.factors import Clock, Entropy, HttpError, InstanceState, Timeouts
from spindle.factors.wasi.cli import GuestExit
from spindle.factors.wasi.filesystem.tree import mount_tree
from spindle.messages import Body, Headers, Request, Response

Guest = Callable[[str], Path]

ASKED: list[tuple[str, bytes, tuple[int, bytes]]] = [
    ("/hello", b"", (200, b"Hello from the guest!")),
    ("/status?code=404", b"", (404, b"404")),
    ("/echo", b"abc" * 100_000, (200, b"abc" * 100_000)),
    ("/shout", b"abc" * 100_000, (200, b"ABC" * 100_000)),
    ("/length", bytes(300_000), (200, b"300000")),
    ("/flood?size=3000000", b"", (200, bytes(3_000_000))),
    ("/drip?count=3&ms=1", b"", (200, b"0\n1\n2\n")),
    ("/ignore", b"unread", (200, b"ignored")),
    ("/sleep?ms=1", b"", (200, b"slept")),
    ("/trailers", b"", (200, b"with trailers")),
]


@pytest.mark.parametrize(("path", "body", "answer"), ASKED, ids=[path for path, _, _ in ASKED])
def test_behaviours(guest: Guest, path: str, body: bytes, answer: tuple[int, bytes]) -> None:
    async def test() -> None:
        async with instance_of(guest("python")) as called:
            assert await called.ask(path, body, "POST") == answer
            assert await called.ask("/hello") == (200, b"Hello from the guest!")

    run(test)


def test_a_request_is_seen_as_it_came(guest: Guest) -> None:
    headers = [(b"Host", b"example.com"), (b"X-A", b"1"), (b"b", b"2"), (b"x-a", b"3")]

    async def test() -> None:
        async with instance_of(guest("python")) as called:
            _, body = await called.ask("/reflect", b"", "PROPFIND", headers)
            seen = json.loads(body)
            assert seen["path_with_query"] == "/reflect"
            assert (seen["scheme"], seen["authority"]) == ("http", "example.com")
            assert seen["headers"] == [
                ["host", "example.com"],
                ["x-a", "1"],
                ["x-a", "3"],
                ["b", "2"],
            ]
        async with instance_of(guest("reflect")) as called:
            _, body = await called.ask("/x?y", b"12345", "PUT", headers)
            seen = json.loads(body)
            assert (seen["method"], seen["path_with_query"]) == ("PUT", "/x?y")
            assert seen["headers"] == [["x-a", "1"], ["x-a", "3"], ["b", "2"]]
            assert seen["body_len"] == 5

    run(test)


def test_trailers_go_both_ways(guest: Guest) -> None:
    async def test() -> None:
        async with instance_of(guest("python")) as called:
            response = await called.send(Request("GET", "http", "a", "/trailers"))
            assert await response.body.read_all() == b"with trailers"
            assert response.body.trailers == [(b"x-checksum", b"1234")]
        async with instance_of(guest("reflect")) as called:
            body = Body.of(b"12345", [(b"X-Sum", b"1")])
            response = await called.send(Request("POST", "http", "a", "/", [], body))
            assert json.loads(await response.body.read_all())["trailers"] == [["x-sum", "1"]]

    run(test)


def test_failures_reach_the_host(guest: Guest) -> None:
    async def test() -> None:
        for path, kind in (
            ("/trap", Trap),
            ("/fail", Trap),
            ("/leave", GuestExit),
            ("/error", HttpError),
            ("/cut", HttpError),
        ):
            async with instance_of(guest("python")) as called:
                with pytest.raises(kind):
                    await called.ask(path)

    run(test)


def test_requests_share_an_instance(guest: Guest) -> None:
    async def test() -> None:
        async with instance_of(guest("python")) as called:
            asked = [called.ask("/drip?count=3&ms=5") for _ in range(8)]
            assert await asyncio.gather(*asked) == [(200, b"0\n1\n2\n")] * 8

    run(test)


def test_a_guest_gets_its_grants_and_no_more(guest: Guest, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "a.txt").write_text("A")
    (tmp_path / "secret").write_text("secret")
    written: list[tuple[str, bytes]] = []
    state = InstanceState(
        environment=(("NAME", "value"),),
        arguments=("one", "two"),
        preopens=mount_tree([Mount("/", tmp_path / "app", True)]),
        stdout=lambda data: written.append(("out", data)),
        stderr=lambda data: written.append(("err", data)),
    )

    async def test() -> None:
        async with instance_of(guest("python"), state) as called:
            _, body = await called.ask("/env")
            assert json.loads(body) == {"env": {"NAME": "value"}, "argv": ["one", "two"]}
            assert await called.ask("/read?path=/a.txt") == (200, b"A")
            assert await called.ask("/read?path=/") == (200, b"a.txt")
            assert (await called.ask("/read?path=/../secret"))[0] == 502
            assert (await called.ask("/write-file"))[0] == 502
            assert await called.ask("/log?text=x") == (200, b"logged")

    run(test)
    assert b"".join(data for stream, data in written if stream == "out") == b"out: x\n"
    assert b"".join(data for stream, data in written if stream == "err") == b"err: x\n"
    assert all(data for _, data in written)


class Fixed(Clock, Entropy):
    """No chance and no time."""

    def read(self, size: int) -> bytes:
        return b"\x01" * size


def test_chance_and_time_can_be_given(guest: Guest) -> None:
    async def test() -> None:
        async with instance_of(guest("python"), InstanceState(entropy=Fixed())) as called:
            assert await called.ask("/chance") == (200, b"72340172838076673")

    run(test)


def test_whether_an_instance_saw_the_world_is_known(guest: Guest) -> None:
    async def test() -> None:
        untouched = InstanceState()
        async with instance_of(guest("rust-p3"), untouched) as called:
            await called.ask("/")
        assert not untouched.touched
        touched = InstanceState()
        async with instance_of(guest("python"), touched) as called:
            await called.ask("/chance")
        assert touched.touched

    run(test)


def test_outbound_requests_go_through_the_state(guest: Guest) -> None:
    async def send(request: Request, timeouts: Timeouts) -> Response:
        if request.path_with_query == "/refused":
            raise HttpError("connection-refused")
        body = await request.body.read_all()
        return Response(201, [(b"x", b"y")], Body.of(body.upper()))

    async def test() -> None:
        async with instance_of(guest("python"), InstanceState(send_http=send)) as called:
            answer = await called.ask("/send?url=http://a.example/b&method=POST", b"body", "POST")
            assert answer == (201, b"BODY")
            status, body = await called.ask("/send?url=http://a.example/refused")
            assert (status, b"ConnectionRefused" in body) == (502, True)
            (interface, func, asked, got), second = called.scope.calls
            assert (interface, func) == ("wasi:http/client", "send")
            assert isinstance(asked, HttpInput)
            assert isinstance(got, HttpOutput)
            assert (asked.method, asked.authority, asked.body.data) == (
                "POST",
                "a.example",
                b"body",
            )
            assert (got.status, got.headers, got.body.data) == (201, ((b"x", b"y"),), b"BODY")
            assert second[3] == {"error": ("connection-refused", None)}

    run(test)


def test_a_client_that_leaves_stops_the_guests_body(guest: Guest) -> None:
    async def test() -> None:
        async with instance_of(guest("python")) as called:
            response = await called.send(Request("GET", "http", "a", "/drip?count=1000000&ms=0"))
            assert await response.body.read()
            response.body.cancel()
            assert await called.ask("/hello") == (200, b"Hello from the guest!")

    run(test)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (
            "/twoheaders",
            [
                (b"content-type", b"text/plain"),
                (b"x-two", b"one"), (b"x-two", b"two"), (b"x-two", b"three"),
                (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2; Path=/"),
                (b"x-between", b""),
            ],
        ),
        ("/mixedcase", [(b"content-type", b"text/plain"), (b"x-mixed-case", b"Value With Case")]),
        ("/empty", []),
    ],
)  # fmt: skip
def test_0_2_response_fields(guest: Guest, path: str, headers: Headers) -> None:
    async def test() -> None:
        async with instance_of(guest("reflect")) as called:
            response = await called.send(Request("GET", "http", "a", path))
            assert response.headers == headers

    run(test)


def test_0_2_fields_a_guest_may_not_set(guest: Guest) -> None:
    async def test() -> None:
        async with instance_of(guest("reflect")) as called:
            _, body = await called.ask("/hopheaders")
            said = dict(line.split(": ", 1) for line in body.decode().splitlines()[1:] if line)
            refused = {name for name, answer in said.items() if answer != "accepted"}
            assert {"transfer-encoding", "upgrade", "host", "bad name"} <= refused
            assert {"te", "server", "date", "x-latin1"}.isdisjoint(refused)

    run(test)


def test_0_2_bodies(guest: Guest) -> None:
    large = bytes(range(256)) * 4096

    async def test() -> None:
        for path, body, trailers in (
            ("/echo", large, None),
            ("/trailers", b"body", [(b"x-trailer", b"yes")]),
            ("/nodate", b"four", None),
        ):
            async with instance_of(guest("reflect")) as called:
                request = Request("POST", "http", "a", path, [], Body.of(large))
                response = await called.send(request)
                assert await response.body.read_all() == body
                assert response.body.trailers == trailers

    run(test)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/trap", Trap),
        ("/error", HttpError),
        ("/short", (HttpError, Trap)),
        ("/long", (HttpError, Trap)),
        ("/nofinish", HttpError),
    ],
)
def test_0_2_failures(guest: Guest, path: str, kind: type[Exception]) -> None:
    async def test() -> None:
        async with instance_of(guest("reflect")) as called:
            with pytest.raises(kind):
                await called.ask(path)

    run(test)


def test_0_2_waits_on_many_things(guest: Guest) -> None:
    """JavaScript's event loop is one `poll` over timers, bodies and requests."""

    async def send(request: Request, timeouts: Timeouts) -> Response:
        await asyncio.sleep(0.01)
        return Response(202, [], Body.of(b"fetched"))

    async def test() -> None:
        for path, body, answer in (
            ("/hello", b"", (200, b"Hello from the guest!")),
            ("/echo", b"abc" * 100_000, (200, b"abc" * 100_000)),
            ("/length", bytes(300_000), (200, b"300000")),
            ("/drip?count=3&ms=5", b"", (200, b"0\n1\n2\n")),
            ("/sleep?ms=5", b"", (200, b"slept")),
            ("/send?url=http://a.example/", b"", (202, b"fetched")),
        ):
            state = InstanceState(send_http=send)
            async with instance_of(guest("javascript"), state) as called:
                assert await called.ask(path, body, "POST") == answer

    run(test)
