"""What an exchange asked, asked again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import Body
from spindle.executor import Firing
from spindle.replay import Edit, NotReplayable, asked_of
from spindle.replay.asking import HttpAsked

HEADERS = [
    ["host", "example.com"],
    ["content-length", "3"],
    ["spin-path-info", "mine"],
    ["x", "y"],
    ["spin-path-info", "/a"],
    ["spin-full-url", "http://example.com/a?b"],
    ["spin-client-addr", "[::1]:4000"],
    ["spin-path-match-id", "5"],
]


def http(body: Any = None, **more: Any) -> dict[str, Any]:
    given = {
        "method": "POST",
        "scheme": "https",
        "authority": "example.com",
        "path_with_query": "/a?b",
        "headers": HEADERS,
        "body": body or Body.of(b"abc").to_json(),
        **more,
    }
    return {
        "id": "abc",
        "component": "c",
        "trigger": {"type": "http", "target": "/"},
        "input": given,
    }


def asked(document: Any, edit: Edit = Edit(), **more: Any) -> HttpAsked:  # noqa: B008 - it is a value
    found = asked_of(document, edit, **more)
    assert isinstance(found, HttpAsked)
    return found


def body_of(found: HttpAsked) -> bytes:
    return asyncio.run(found.request.body.read_all())


def test_a_request_is_as_its_client_sent_it() -> None:
    request = asked(http()).request
    assert (request.method, request.scheme, request.path_with_query) == ("POST", "https", "/a?b")
    assert request.headers == [
        (b"host", b"example.com"),
        (b"spin-path-info", b"mine"),
        (b"x", b"y"),
        (b"content-length", b"3"),
    ]
    assert request.client == ("::1", 4000)
    assert body_of(asked(http())) == b"abc"


def test_a_request_of_another_component_goes_to_it() -> None:
    found = asked(http(authority="c.spin.internal", headers=[]))
    assert found.component == "c"
    assert found.request.authority == "c.spin.internal"


def test_what_is_edited_is_other() -> None:
    edit = Edit("PUT", "/ä b?c#d", (("X", "1 "), ("Content-Length", "7")), b"\xff")
    found = asked(http(), edit)
    assert found.request.method == "PUT"
    assert found.request.path_with_query == "/%C3%A4%20b?c"
    assert found.request.headers == [(b"x", b"1"), (b"content-length", b"1")]
    assert body_of(found) == b"\xff"


@pytest.mark.parametrize(
    "edit",
    [
        Edit(method="G T"),
        Edit(method=""),
        Edit(path="a"),
        Edit(path=""),
        Edit(headers=(("a b", "c"),)),
        Edit(headers=(("a", "b\r\nc: d"),)),
        Edit(headers=(("a", "€"),)),
    ],
)
def test_what_can_not_be_in_a_request_is_said(edit: Edit) -> None:
    with pytest.raises(NotReplayable):
        asked_of(http(), edit)


def test_a_body_that_was_not_kept_whole_is_not_sent_unless_allowed() -> None:
    cut = Body(4)
    cut.add(b"abcdefgh")
    document = http(cut.to_json())
    with pytest.raises(NotReplayable, match="4 of 8 bytes were kept of the body of exchange `abc`"):
        asked_of(document)
    found = asked(document, allow_truncated=True)
    assert (b"content-length", b"4") in found.request.headers
    assert body_of(found) == b"abcd"
    assert body_of(asked(document, Edit(body=b"other"))) == b"other"


@pytest.mark.parametrize(
    ("type_", "given", "arguments"),
    [
        ("redis", {"channel": "x", "payload": Body.of(b"\xff").to_json()}, (b"\xff",)),
        ("mqtt", {"topic": "t", "payload": Body.of(b"p").to_json()}, (b"p", ("t",))),
        ("cron", {"timestamp": 5}, ((5,),)),
        ("command", {"arguments": ["c", "-v"]}, ("c", "-v")),
    ],
)
def test_events_are_fired_again(type_: str, given: Any, arguments: Any) -> None:
    trigger = {"type": type_, "target": "x"}
    document = {"id": "abc", "component": "c", "trigger": trigger, "input": given}
    firing = asked_of(document)
    assert isinstance(firing, Firing)
    assert firing[:4] == (type_, "x", "c", arguments)
    assert firing.exchange().to_json()["input"] == given
    with pytest.raises(NotReplayable, match="only HTTP requests can be changed"):
        asked_of(document, Edit(body=b""))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = ("method", "scheme", "authority", "path_with_query", "headers", "body", "payload", "topic")


@given(
    st.sampled_from(["http", "redis", "mqtt", "cron", "command", "call"]),
    st.dictionaries(st.sampled_from(KEYS), JSON) | JSON,
)
def test_no_record_is_too_odd(type_: str, given: Any) -> None:
    document = {
        "id": "x",
        "component": "c",
        "trigger": {"type": type_, "target": "t"},
        "input": given,
    }
    with suppress(NotReplayable):
        asked_of(document)
