"""What counts as a difference, and how it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import Body, new_id
from spindle.replay import Difference, differences
from spindle.replay.difference_text import difference_lines


def document(
    body: str = "", status: int = 200, headers: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    output = {
        "status": status,
        "headers": [list(pair) for pair in (headers or {}).items()],
        "body": Body.of(body.encode()).to_json(),
        "trailers": None,
    }
    return {"v": 1, "id": new_id(), "output": output, "calls": [], "trap": None, **more}


def call(func: str, args: list[Any], result: Any, interface: str = "spin:a/b@1.0.0") -> Any:
    return {"interface": interface, "func": func, "args": args, "result": result, "at": 1.0}


def test_an_exchange_is_as_it_was() -> None:
    one = document('{"a": 1}', calls=[call("get", ["k"], "v")])
    other = document('{"a": 1}', calls=[call("get", ["k"], "v")])
    assert differences(one, other) == []


def test_json_is_compared_by_what_it_says() -> None:
    before = document('{"a": [1, {"b": 2}], "c": true, "gone": 1}')
    after = document('{ "c": 1, "a": [1, {"b": 3}, "new"] }')
    assert differences(before, after) == [
        Difference("output", "body.a[1].b", 2, 3),
        Difference("output", "body.a[2]", None, "new"),
        Difference("output", "body.c", True, 1),
        Difference("output", "body.gone", 1, None),
    ]
    assert differences(document("[1, 2]"), document("[1.0, 2]")) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("6f0c2b9e-6f3e-4a55-8bd2-b6b0f1d1c001", "0a0c2b9e-6f3e-4a55-8bd2-b6b0f1d1cfff"),
        ("at 2026-11-22T10:00:00Z", "at 2026-11-23T11:12:13.123+01:00"),
        ("Sun, 22 Nov 2026 10:00:00 GMT", "Mon, 23 Nov 2026 10:00:01 GMT"),
        ("http://127.0.0.1:4000/a", "http://127.0.0.1:38311/a"),
        ("http://localhost:4000", "http://localhost:1"),
    ],
)
def test_ids_times_and_ports_do_not_count(before: str, after: str) -> None:
    assert differences(document(before), document(after)) == []
    calls = [[call("send", [text], text)] for text in (before, after)]
    assert differences(document(calls=calls[0]), document(calls=calls[1])) == []


def test_moments_near_the_exchange_do_not_count() -> None:
    one, other = document(), document()
    started = [int(str(it["id"])[:12], 16) for it in (one, other)]
    for unit in (1, 1_000, 1_000_000):
        bodies = [Body.of(json.dumps([ms * unit + 5]).encode()).to_json() for ms in started]
        one["output"]["body"], other["output"]["body"] = bodies
        assert differences(one, other) == []
    one["output"]["body"] = Body.of(b"[12]").to_json()
    other["output"]["body"] = Body.of(b"[13]").to_json()
    assert len(differences(one, other)) == 1


def test_headers_of_the_host_do_not_count() -> None:
    one = document(headers={"Date": "a", "spindle-exchange": "b", "Content-Type": "text/plain"})
    other = document(headers={"content-type": "text/html", "x-new": "1"})
    assert differences(one, other) == [
        Difference("output", "headers.content-type", "text/plain", "text/html"),
        Difference("output", "headers.x-new", None, "1"),
    ]


def test_calls_are_paired_whatever_their_order() -> None:
    before = document(
        calls=[call("get", ["a"], 1), call("get", ["b"], 2), call("del", ["x"], None)]
    )
    after = document(calls=[call("get", ["b"], 3), call("get", ["a"], 1), call("put", ["y"], None)])
    assert differences(before, after) == [
        Difference("calls", "spin:a/b#get.result", 2, 3),
        Difference("calls", "spin:a/b#del", {"args": ["x"], "result": None}, None),
        Difference("calls", "spin:a/b#put", None, {"args": ["y"], "result": None}),
    ]


def test_a_call_with_other_arguments_is_the_same_call() -> None:
    before, after = document(calls=[call("get", ["a"], 1)]), document(calls=[call("get", ["b"], 1)])
    assert differences(before, after) == [Difference("calls", "spin:a/b#get.args[0]", "a", "b")]


def test_the_version_of_an_interface_does_not_count() -> None:
    calls = [[call("get", ["a"], 1, f"spin:a/b@{version}")] for version in ("1.0.0", "2.0.0")]
    assert differences(document(calls=calls[0]), document(calls=calls[1])) == []


def test_traps_are_compared_by_their_reasons() -> None:
    trap = {"reason": "unreachable", "frames": [{"function": "f"}]}
    other = {"reason": "unreachable", "frames": []}
    assert differences(document(trap=trap), document(trap=other)) == []
    assert differences(document(trap=trap), document()) == [
        Difference("trap", "", {"reason": "unreachable"}, None)
    ]


def test_what_is_ignored_is_left_out() -> None:
    before, after = (
        document('{"a": 1, "b": {"c": 1}}', 200),
        document('{"a": 2, "b": {"c": 2}}', 500),
    )
    assert len(differences(before, after)) == 3
    assert [it.path for it in differences(before, after, ignored=["output.body.*"])] == ["status"]
    assert differences(before, after, ignored=["output*"]) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON, JSON)
def test_whatever_an_exchange_holds_is_compared(before: Any, after: Any) -> None:
    one = {"id": before, "output": before, "trap": None, "calls": [call("f", [before], after)]}
    other = {"id": after, "output": after, "trap": None, "calls": [call("f", [after], before)]}
    assert differences(one, one) == []
    for line in difference_lines(differences(one, other)):
        assert line.isprintable()


def test_differences_are_told_without_control_characters() -> None:
    found = [
        Difference("output", "body", "a\nb\nc\x1b[31m", "a\nB\nc\x1b[31m"),
        Difference("output", "status", 200, 500),
        Difference("calls", "a:b/c#d", None, {"args": ["\x1b"], "result": None}),
        Difference("answers", "a:b/c#d", None, ["k", 1]),
        Difference("answers", "a:b/c#d", ["k", 1], None),
    ]
    assert list(difference_lines(found)) == [
        "output.body:",
        "  @@ -1,3 +1,3 @@",
        "   a",
        "  -b",
        "  +B",
        "   c\\x1b[31m",
        "output.status: 200 → 500",
        'calls a:b/c#d as it did not before: {"args": ["\\u001b"], "result": null}',
        'asks what the recording has no answer to: a:b/c#d("k", 1)',
        'no longer asks a:b/c#d("k", 1)',
    ]
