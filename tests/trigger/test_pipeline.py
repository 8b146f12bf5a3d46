"""Spin's way from a request to a component, without sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.trigger.golden_http import app_of
from tests.trigger.reflecting import ReflectGuests

from spindle.messages import Body, Request, Response
from spindle.trigger.http.announcement import announce_json, announce_plain
from spindle.trigger.http.handler import FutureReply, Reply
from spindle.trigger.http.pipeline import Match, Pipeline, UnknownDestination
from spindle.trigger.http.wagi import WagiCall

APP = app_of(
    {
        "application": {"name": "shop", "version": "1.2.3"},
        "trigger": {
            "http": [
                {"route": "/", "component": "home"},
                {"route": "/items/:item_id/...", "component": "items"},
                {"route": "/cgi/...", "component": "cgi", "executor": {"type": "wagi"}},
                {"route": {"private": True}, "component": "hidden"},
                {
                    "id": "gone",
                    "route": "/old",
                    "static_response": {"status_code": 410, "headers": {"X-Why": "moved"}},
                },
            ]
        },
        "component": {
            id: {"source": "x.wasm", "environment": {"COMPONENT_ID": id}}
            for id in ("home", "items", "cgi", "hidden")
        }
        | {"home": {"source": "x.wasm", "description": "the front page"}},
    }
)


class Noted:
    """Guests that answer 200 and note what they got."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Request, Match]] = []

    def invoke(self, component: str, request: Request, match: Match, reply: Reply) -> None:
        self.seen.append((component, request, match))
        if component == "hidden":
            reply.fail(RuntimeError("trap"))
        else:
            reply.send(Response(200))

    def body_limit(self, component: str) -> int:
        return 1 << 20

    async def run_wagi(
        self, component: str, call: WagiCall, request: Request, match: Match, to_response: Any
    ) -> Response:
        self.seen.append((component, request, match))
        return Response(200, body=Body.of("\n".join(call.argv).encode()))


def ask(path: str, *headers: tuple[bytes, bytes], **changes: Any) -> tuple[Any, Noted]:
    """The response, or the exception, and what the guests saw."""

    async def run() -> Any:
        fields: dict[str, Any] = {
            "method": "GET",
            "scheme": "http",
            "authority": None,
            "path_with_query": path,
            "headers": list(headers or [(b"host", b"shop.example:81")]),
            "client": ("192.0.2.1", 4321),
        }
        request = Request(**(fields | changes))
        reply = FutureReply(request)
        pipeline.handle(request, reply)
        try:
            return await reply.wait_response()
        except ConnectionError as error:
            return str(error)

    guests = Noted()
    pipeline = Pipeline(APP, guests)
    return asyncio.run(run()), guests


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/.well-known/spin/health", 200, b"OK"),
        ("/.well-known/spin/info", 200, b'{\n  "name": "shop",\n  "version": "1.2.3"\n}'),
        ("/.well-known/spin/health/", 404, b""),
        ("/.well-known/spin/other", 404, b""),
        ("/nowhere", 404, b""),
        ("/old", 410, b""),
        ("/", 200, b""),
    ],
)
def test_who_answers(path: str, status: int, body: bytes) -> None:
    response, _ = ask(path)
    assert (response.status, response.body.read_nowait()) == (status, body)


def test_static_response_has_only_its_own_headers() -> None:
    response, guests = ask("/old")
    assert response.headers == [(b"X-Why", b"moved")]
    assert not guests.seen


def test_injected_headers_come_after_the_clients() -> None:
    _, guests = ask(
        "/items/7/a/?q=1",
        (b"host", b"shop.example:81"),
        (b"connection", b"close"),
        (b"spin-path-info", b"/spoofed"),
    )
    ((component, request, _),) = guests.seen
    assert component == "items"
    assert request.authority == "shop.example:81"
    assert request.headers == [
        (b"host", b"shop.example:81"),
        (b"spin-path-info", b"/spoofed"),
        (b"spin-path-info", b"/a/"),
        (b"spin-full-url", b"http://shop.example:81/items/7/a/?q=1"),
        (b"spin-matched-route", b"/items/:item_id/..."),
        (b"spin-base-path", b"/"),
        (b"spin-raw-component-route", b"/items/:item_id/..."),
        (b"spin-component-route", b"/items/:item_id"),
        (b"spin-client-addr", b"192.0.2.1:4321"),
        (b"spin-path-match-item-id", b"7"),
    ]


def test_http2_has_no_host_to_tell() -> None:
    _, guests = ask("/", (b"a", b"b"), authority="shop.example", http_version="2")
    assert (b"spin-full-url", b"http://localhost/") in guests.seen[0][1].headers
    assert guests.seen[0][1].authority == "shop.example"


def test_ipv6_client() -> None:
    _, guests = ask("/", client=("::1", 5))
    assert (b"spin-client-addr", b"[::1]:5") in guests.seen[0][1].headers


@pytest.mark.parametrize(
    ("headers", "authority", "problem"),
    [
        ([(b"a", b"b")], None, "no `Host` header"),
        ([(b"host", b"a b")], None, "invalid authority"),
        ([(b"host", b"")], None, "invalid authority"),
        ([(b"host", b"home.spin.internal")], None, "no `Host` header"),
        ([(b"host", b"home.spin.internal:80")], None, "no `Host` header"),
        ([(b"host", b"example.com")], "example.com:80", "does not match"),
        ([(b"host", b"EXAMPLE.com")], "example.COM", None),
        ([(b"host", b"x.y.spin.internal")], None, None),
        ([(b"host", b"user@[::1]:80")], None, None),
        ([(b"a", b"b")], "example.com", None),
    ],
)
def test_authority(
    headers: list[tuple[bytes, bytes]], authority: str | None, problem: str | None
) -> None:
    answer, _ = ask("/", *headers, authority=authority)
    if problem is None:
        assert answer.status == 200
    else:
        assert problem in answer


@pytest.mark.parametrize("path", ["/nowhere", "/.well-known/spin/health"])
def test_authority_matters_only_where_something_is_routed(path: str) -> None:
    answer, _ = ask(path, (b"a", b"b"))
    assert answer.status in (200, 404)


def test_header_values_of_components_are_utf8() -> None:
    with pytest.raises(UnicodeDecodeError):
        ask("/", (b"host", b"a"), (b"x", b"\xff"))
    response, guests = ask("/cgi/x?a&b", (b"host", b"a"), (b"x", b"\xff"))
    assert response.body.read_nowait() == b"/cgi/x\na\nb"
    assert guests.seen[0][0] == "cgi"


def chain(component: str, path: str = "/a/b?c") -> tuple[Response, Noted, list[BaseException]]:
    guests = Noted()
    errors: list[BaseException] = []
    pipeline = Pipeline(APP, guests, on_error=lambda _, error: errors.append(error))
    request = Request("POST", "https", f"{component}.spin.internal", path)
    return asyncio.run(pipeline.chain(component, request)), guests, errors


def test_chained_requests_match_everything() -> None:
    _, guests, _ = chain("items")
    ((component, request, match),) = guests.seen
    assert component == "items"
    assert match.params == {}
    assert request.headers == [
        (b"spin-path-info", b"/a/b"),
        (b"spin-full-url", b"http://localhost/a/b?c"),
        (b"spin-matched-route", b"/..."),
        (b"spin-base-path", b"/"),
        (b"spin-raw-component-route", b"/..."),
        (b"spin-component-route", b""),
        (b"spin-client-addr", b"0.0.0.0:0"),
    ]


def test_a_chained_component_that_fails_answers_500() -> None:
    response, _, errors = chain("hidden")
    assert response.status == 500
    assert [str(error) for error in errors] == ["trap"]


@pytest.mark.parametrize("component", ["ghost", "gone"])
def test_chaining_to_nobody(component: str) -> None:
    with pytest.raises(UnknownDestination, match=f"unknown routing destination `{component}`"):
        chain(component)


def test_chaining_to_a_wagi_component() -> None:
    response, _, _ = chain("cgi", "/x")
    assert response.body.read_nowait() == b"/x\n"


def test_first_unmatched_request_is_told() -> None:
    told: list[str] = []
    pipeline = Pipeline(APP, ReflectGuests(APP), on_unmatched=told.append)

    async def run() -> None:
        for path in ("/.well-known/spin/x", "/x", "/y"):
            request = Request("GET", "http", None, path)
            pipeline.handle(request, FutureReply(request))

    asyncio.run(run())
    assert told == ["/x"]


def test_announcement() -> None:
    router = Pipeline(APP, Noted()).router
    assert announce_plain("http://127.0.0.1:3000", router, APP) == (
        "\nServing http://127.0.0.1:3000\n"
        "Available Routes:\n"
        "  home: http://127.0.0.1:3000\n"
        "    the front page\n"
        "  gone: http://127.0.0.1:3000/old\n"
        "  items: http://127.0.0.1:3000/items/:item_id (wildcard)\n"
        "  cgi: http://127.0.0.1:3000/cgi (wildcard)"
    )
    assert announce_json("http://h", router, APP).startswith(
        '{\n  "base_url": "http://h",\n  "routes": [\n    {\n      "id": "home",\n'
        '      "route": "/",\n      "wildcard": false,\n      "description": "the front page"\n'
    )


def test_last_executor_of_a_component_serves_all_its_routes() -> None:
    app = app_of(
        {
            "application": {"name": "x"},
            "trigger": {
                "http": [
                    {"route": "/a", "component": "c"},
                    {"route": "/b", "component": "c", "executor": {"type": "wagi"}},
                ]
            },
            "component": {"c": {"source": "x.wasm"}},
        }
    )
    router = Pipeline(app, Noted()).router
    targets = {route.raw: destination.executor for route, destination in router.routes}
    assert targets["/a"] == targets["/b"]
