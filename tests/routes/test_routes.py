"""What each route takes, in which order routes are tried, and what a route may not be."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.routes import RouteError, RouteMatch, Router, parse_route


def router(*routes: str) -> Router[int]:
    return Router((parse_route(route), i) for i, route in enumerate(routes))


def match(route: str, path: str) -> RouteMatch[int] | None:
    return router(route).match(path)


TAKEN = """
/foo          /foo /foo/ //foo//
/foo/         /foo /foo/
foo           /foo
/             / //
/...          / /a /a/b/ /a//b
...           / /a
/foo/...      /foo /foo/ /foo/x /foo//x
/foo/*        /foo /foo/x/y
//foo//bar    /foo/bar
/:user        /a /a%20b /a.b
/:a/x         /1/x //x/x
/u/:id/p      /u/1/p /u//p
/:name.:ext   /file.txt /file.txt/ /.txt
/:n.json      /a.json /.json
/a.b          /a.b
/a...         /a...
/a/.../b      /a.../b
/b/x...       /b/x...
/a/.b         /a.b
/.well        /.well
/a.*          /a. /a.x /a.x/y
/café         /café
/café/x       /café/x
/a/b:c        /a/b:c
"""

REFUSED = """
/foo          / /foobar /foo/bar /Foo
/foo/...      /foobar /
/:user        / /a/b
/:a/x         /x
/:a/...       /
//foo//bar    //foo//bar /foo//bar
/:name.:ext   /file /a/b.c /file.
/a.b          /axb
/a/.../b      /a/x/b /a/.../b /a/b
/c/....       /c /c/x
/a/*/b        /a /a/x /a/b /a/x/b
/a/.b         /a/.b
/café/x       /caféx
"""


def rows(table: str) -> list[tuple[str, str]]:
    lines = [line.split() for line in table.strip().splitlines()]
    return [(route, path) for route, *paths in lines for path in paths]


@pytest.mark.parametrize(("route", "path"), rows(TAKEN))
def test_takes(route: str, path: str) -> None:
    assert match(route, path) is not None


@pytest.mark.parametrize(("route", "path"), rows(REFUSED))
def test_refuses(route: str, path: str) -> None:
    assert match(route, path) is None


@pytest.mark.parametrize(
    ("route", "path", "params", "path_info"),
    [
        ("/foo", "/foo/", {}, ""),
        ("/foo/...", "/foo", {}, ""),
        ("/foo/...", "/foo/", {}, "/"),
        ("/foo/...", "/foo//", {}, "/"),
        ("/foo/...", "/foo/x", {}, "/x"),
        ("/foo/...", "/foo/x/", {}, "/x/"),
        ("/foo/...", "/foo//x", {}, "//x"),
        ("/...", "/", {}, "/"),
        ("/...", "//x", {}, "/x"),
        ("/:id", "/a%20b", {"id": "a%20b"}, ""),
        ("/u/:id/p", "/u//p", {"id": ""}, ""),
        ("/:name.:ext", "/a.b.c", {"name": "a", "ext": "b.c"}, ""),
        ("/:id/:id", "/1/2", {"id": "2"}, ""),
        ("/:id-x", "/1", {"id-x": "1"}, ""),
        ("/:a/:b/...", "/1/2/3/4", {"a": "1", "b": "2"}, "/3/4"),
    ],
)
def test_captures(route: str, path: str, params: dict[str, str], path_info: str) -> None:
    found = match(route, path)
    assert found is not None
    assert (found.params, found.path_info) == (params, path_info)


@pytest.mark.parametrize(
    ("routes", "path", "winner"),
    [
        (["/...", "/"], "/", "/"),
        (["/...", "/one"], "/one", "/one"),
        (["/one/...", "/one/two/..."], "/one/two/3", "/one/two/..."),
        (["/:x/bar", "/foo/:id"], "/foo/bar", "/foo/:id"),
        (["/:a", "/:a.:b"], "/x.y", "/:a.:b"),
        (["/a/:b", "/a/b"], "/a/b", "/a/b"),
        (["/a/:b/...", "/a/..."], "/a/c/d", "/a/:b/..."),
        (["/foo", "/foo/"], "/foo", "/foo"),
        (["/foo/", "/foo"], "/foo", "/foo/"),
        (["/x/*", "/x/..."], "/x/y", "/x/*"),
        (["/:b", "/:a"], "/1", "/:b"),
        (["/a/*/b", "/..."], "/a/x/b", "/..."),
    ],
)
def test_precedence(routes: list[str], path: str, winner: str) -> None:
    found = router(*routes).match(path)
    assert found is not None
    assert found.route.raw == winner


def test_routes_are_listed_in_match_order() -> None:
    listed = [route.raw for route, _ in router("/:a", "/...", "/:a.:b", "/x").routes]
    assert listed == ["/x", "/:a.:b", "/:a", "/..."]


def test_the_last_of_two_routes_written_alike_takes_the_place_of_the_first() -> None:
    routes = router("/foo", "/foo/", "/foo")
    found = routes.match("/foo")
    assert found is not None
    assert found.target == 2
    assert [(d.replaced, d.effective) for d in routes.duplicates] == [(0, 2)]


@pytest.mark.parametrize(
    ("one", "other"), [("/foo", "foo/"), ("/x/*", "/x/..."), ("/:a", "/:b"), ("/a//b", "/a/b")]
)
def test_routes_of_one_shape_take_the_same_paths(one: str, other: str) -> None:
    assert parse_route(one).shape == parse_route(other).shape


@pytest.mark.parametrize(
    ("route", "message"),
    [
        ("/:", "params must be named"),
        ("/a/:/b", "params must be named"),
        (
            "/*rest",
            "since there can only be one wildcard, it doesn't need a name. "
            "replace `*rest` with `*`",
        ),
    ],
)
def test_bad_routes(route: str, message: str) -> None:
    with pytest.raises(RouteError, match=re.escape(message)):
        parse_route(route)


@pytest.mark.parametrize(
    ("route", "path", "prefix", "based"),
    [
        ("/", "/", "/", ""),
        ("/...", "/", "", "/..."),
        ("/foo/...", "/foo", "/foo", "/foo/..."),
        ("/foo/*", "/foo", "/foo/*", "/foo/*"),
        ("foo/", "/foo", "foo/", "/foo"),
    ],
)
def test_spellings(route: str, path: str, prefix: str, based: str) -> None:
    parsed = parse_route(route)
    assert (parsed.path, parsed.prefix, parsed.based) == (path, prefix, based)


@pytest.mark.parametrize("route", ["/a/.b", "/a/.../b", "/c/....", "/:a/.b"])
def test_a_route_that_misses_its_own_text_is_told(route: str) -> None:
    assert not parse_route(route).matches_itself


@pytest.mark.parametrize(
    "route", ["/", "/...", "/a.b/:c/...", "/:a.:b", "//a//b", "a", "/.x", "/a...", "/:id-x/y"]
)
def test_an_ordinary_route_matches_its_own_text(route: str) -> None:
    assert parse_route(route).matches_itself


@given(st.text(st.sampled_from("/.:*ab")), st.text(st.sampled_from("/.:*ab")))
def test_any_text_is_a_route_or_a_route_error(route: str, path: str) -> None:
    try:
        parsed = parse_route(route)
    except RouteError:
        return
    found = Router([(parsed, None)]).match(path)
    assert found is None or found.path_info == "" or found.path_info.startswith("/")
