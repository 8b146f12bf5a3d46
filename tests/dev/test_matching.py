from typing import Any

import pytest

from spindle.app import HttpTrigger, StaticResponse, WagiExecutor
from spindle.dev.control import BadParams
from spindle.dev.methods.matching import matched, why_not
from spindle.routes import Router, parse_route

TRIGGERS = [
    HttpTrigger("root", "http", "site", route=parse_route("/...")),
    HttpTrigger("user", "http", "api", route=parse_route("/users/:id")),
    HttpTrigger("old", "http", "cgi", route=parse_route("/cgi/..."), executor=WagiExecutor()),
    HttpTrigger("ok", "http", None, route=parse_route("/ok"), static_response=StaticResponse(204)),
]
BY_ROUTE = {trigger.route.raw: trigger for trigger in TRIGGERS if trigger.route}
ROUTER = Router((trigger.route, trigger.id) for trigger in TRIGGERS if trigger.route)


def ask(url: str) -> Any:
    return matched(ROUTER, BY_ROUTE, url, "GET")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/users/7", "user"),
        ("https://example.com/users/7?x=/ok#top", "user"),
        ("http://example.com", "root"),
        ("/users/7/8", "root"),
        ("/cgi/a", "old"),
        ("/ok", "ok"),
        ("/ok/", "ok"),
        ("/snow ☃", "root"),
        ("/.well-known/spin/health", None),
    ],
)
def test_where_a_url_goes(url: str, expected: str | None) -> None:
    assert ask(url)["matched"] == expected


def test_what_a_component_is_told() -> None:
    answer = ask("http://example.com/users/a%20b?q=1")
    assert answer["params"] == {"id": "a%20b"}
    headers = dict(answer["headers"])
    assert headers["spin-full-url"] == "http://example.com/users/a%20b?q=1"
    assert headers["spin-path-match-id"] == "a%20b"
    assert ask("/cgi/a")["headers"] == ask("/ok")["headers"] == []
    assert ask("/cgi/a/b")["path_info"] == "/a/b"


def test_each_route_says_what_came_of_it() -> None:
    said = {each["id"]: (each["matches"], each["why"]) for each in ask("/users/7")["tried"]}
    assert said == {
        "user": (True, "it matches, and is tried first"),
        "old": (False, "part 1 of the path is `users`, not `cgi`"),
        "ok": (False, "part 1 of the path is `users`, not `ok`"),
        "root": (True, "it matches as well, but `/users/:id` is tried before it"),
    }


@pytest.mark.parametrize(
    ("route", "path", "why"),
    [
        ("/a/b", "/a", "the path ends before `b`"),
        ("/a/...", "/", "the path ends before `a`"),
        ("/a", "/a/b/c", "the path goes on with `/b/c`, and the route has no `/...`"),
        ("/a/:x", "/a/b/c", "the path goes on with `/c`, and the route has no `/...`"),
        ("/a/:x", "/b/c", "part 1 of the path is `b`, not `a`"),
        ("/a/*/b", "/a/x/b", "it has a wildcard before its end, and matches nothing"),
        ("/:x.json", "/a", "part 1 of the path is `a`, not `:x.json`"),
    ],
)
def test_why_a_route_does_not_match(route: str, path: str, why: str) -> None:
    assert why_not(parse_route(route), path) == why


@pytest.mark.parametrize("url", ["users/7", "http://[", "mailto:a@example.com"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(BadParams, match="URL"):
        ask(url)
