"""What guests say is shown, and never runs."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.client import Difference
from spindle.door import Bench
from spindle_kernel.display.benches import bench_bundle
from spindle_kernel.display.bodies import body_html, hex_dump
from spindle_kernel.display.exchanges import exchange_bundle, trap_html
from spindle_kernel.display.replays import replay_bundle
from spindle_kernel.display.tables import rows_bundle, store_bundle

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="alert(1)">"\'><a href="javascript:x">\x1b[2J'
)


class Elements(HTMLParser):
    """All elements, and whether any of them could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((name, dict(attributes)))


def assert_nothing_runs(html: str) -> Elements:
    elements = Elements()
    elements.feed(html)
    for name, attributes in elements.found:
        assert name not in ("script", "object", "embed", "form", "link", "base"), name
        assert not any(key.startswith("on") for key in attributes), attributes
        if "href" in attributes:
            assert re.fullmatch(
                r"http://(127\.0\.0\.1|\[::1\])[:\d]*/[!-~]*", attributes["href"] or ""
            )
            assert (name, attributes["target"]) == ("a", "_blank")
        if name == "iframe":
            assert attributes["sandbox"] == ""
            assert "default-src 'none'" in (attributes["srcdoc"] or "")
        if name == "img":
            assert (attributes["src"] or "").startswith("data:image/")
    return elements


def body_of(data: bytes, size: int | None = None) -> dict[str, Any]:
    return {
        "size": len(data) if size is None else size,
        "kept": len(data),
        "encoding": "base64",
        "data": base64.b64encode(data).decode(),
    }


def document_of(text: str, media_type: str = "text/plain") -> dict[str, Any]:
    return {
        "v": 1,
        "id": text,
        "component": text,
        "build": text,
        "trigger": {"type": "http", "target": text},
        "input": {
            "method": text,
            "path_with_query": text,
            "headers": [[text, text], ["authorization", "Bearer s3cret"]],
            "body": body_of(text.encode("utf-8", "replace")),
        },
        "output": {
            "status": 200,
            "headers": [["content-type", media_type], [text, text]],
            "body": body_of(text.encode("utf-8", "replace")),
        },
        "phases_us": {"guest": 10.0, "stream": 5.0, text: 1.0, "total": 16.0},
        "calls": [
            {
                "interface": text,
                "func": text,
                "at": 1,
                "took": 2,
                "args": [text],
                "result": {text: 1},
            }
        ],
        "logs": [{"stream": "stdout", "text": text}],
        "trap": {"reason": text, "frames": [{"function": text, "file": text, "line": 1}]},
    }


MEDIA_TYPES = ("text/plain", "text/html", "image/svg+xml", "application/json", "image/png", "x/y")


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("text", [HOSTILE, json.dumps({HOSTILE: [HOSTILE]}), "", "ä€🐍"])
def test_nothing_of_a_guest_runs(text: str, media_type: str) -> None:
    bundle = exchange_bundle(document_of(text, media_type))
    assert_nothing_runs(bundle["text/html"])
    assert "\x1b" not in bundle["text/plain"]
    assert "s3cret" not in bundle["text/html"] + bundle["text/plain"]


@given(st.text(max_size=50), st.sampled_from(MEDIA_TYPES))
def test_whatever_a_guest_says(text: str, media_type: str) -> None:
    assert_nothing_runs(exchange_bundle(document_of(text, media_type))["text/html"])


@given(st.binary(max_size=200), st.sampled_from(MEDIA_TYPES))
def test_bodies_of_any_bytes(data: bytes, media_type: str) -> None:
    assert_nothing_runs(body_html(body_of(data), [["Content-Type", media_type]]))


def test_images_and_pages_and_json() -> None:
    png = [["content-type", "image/png; x=y"]]
    assert "data:image/png;base64," in body_html(body_of(b"\x89PNG"), png)
    page = assert_nothing_runs(body_html(body_of(b"<h1>x</h1>"), [["content-type", "text/html"]]))
    assert "iframe" in [name for name, _ in page.found]
    tree = assert_nothing_runs(body_html(body_of(b'{"a": [1, {"b": null}]}'), []))
    assert [name for name, _ in tree.found].count("details") == 3


def test_deep_and_long_json_is_cut() -> None:
    deep = "[" * 500 + "]" * 500
    assert "…" in body_html(body_of(deep.encode()), [])
    assert "800 more" in body_html(body_of(json.dumps(list(range(1000))).encode()), [])


def test_a_body_that_was_not_kept_whole() -> None:
    html = body_html(body_of(b"x" * 10, size=5_000_000), [], "01ab")
    assert "the first 10 B of 5.0 MB; exchange 01ab" in html


@pytest.mark.parametrize(
    ("authority", "path", "linked"),
    [
        ("127.0.0.1:3000", "/a?b=1", True),
        ("[::1]", "/", True),
        ("127.0.0.1:3000", f"/{HOSTILE}", True),
        ("example.com", "/a", False),
        ("127.0.0.1@example.com", "/a", False),
        (HOSTILE, "/a", False),
        (None, "/a", False),
    ],
)
def test_what_is_cut_can_be_asked_for_again(authority: str | None, path: str, linked: bool) -> None:
    body = body_of(b"x" * 10, size=5_000_000)
    asked = {"method": "GET", "scheme": "http", "authority": authority, "path_with_query": path}
    document = document_of("x") | {
        "input": {**asked, "headers": [], "body": body_of(b"")},
        "output": {"status": 200, "headers": [], "body": body},
    }
    html = exchange_bundle(document)["text/html"]
    assert ("ask for the whole" in html) is linked
    assert_nothing_runs(html)


def test_bytes_are_dumped() -> None:
    dumped = hex_dump(b"\0\1abc")
    assert dumped == "000000  00 01 61 62 63" + " " * 35 + "..abc"


def test_a_trap_with_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, outside = tmp_path / "here" / "lib.rs", tmp_path / "secret.txt"
    inside.parent.mkdir()
    inside.write_text("one\ntwo\nthree <b>\nfour")
    outside.write_text("nobody's business")
    monkeypatch.chdir(inside.parent)
    frames = [{"function": "f", "file": str(inside), "line": 3, "column": 1}]
    html = trap_html({"reason": "unreachable", "frames": frames})
    assert "three &lt;b&gt;" in html
    for file in (str(outside), "../secret.txt", "/dev/zero", "missing.rs", "\0"):
        trap = {"reason": "x", "frames": [{"function": "f", "file": file, "line": 1}]}
        assert "business" not in trap_html(trap)


def test_tables() -> None:
    rows = rows_bundle(("id", HOSTILE), [(1, HOSTILE), (None, b"\xff")], None)
    assert_nothing_runs(rows["text/html"])
    assert rows["text/plain"].splitlines()[-1] == "NULL  ff"
    assert rows_bundle((), [], 3)["text/plain"] == "3 rows changed"
    assert_nothing_runs(store_bundle(HOSTILE, {HOSTILE: HOSTILE.encode()}, 1)["text/html"])


def test_a_measurement() -> None:
    bench = Bench("GET /<b>", tuple(float(n) for n in range(1, 101)), 2, 0.5, 1, "abc")
    bundle = bench_bundle(bench)
    assert_nothing_runs(bundle["text/html"])
    against = bench_bundle(replace(bench, other=bench))["text/html"]
    assert "against" in against
    assert "1.00 times" in against
    assert [bench.percentile(p) for p in (50, 99, 100)] == [50.0, 99.0, 100.0]
    assert sum(count for _, _, count in bench.histogram()) == 100
    assert "2 failed" in bundle["text/html"]


def test_a_replay() -> None:
    differences = (Difference("output", HOSTILE, HOSTILE, {"a": HOSTILE}),)
    bundle = replay_bundle(document_of("x"), differences)
    assert_nothing_runs(bundle["text/html"])
    assert bundle["text/plain"].startswith("1 differences")
    assert "the same as before" in replay_bundle(document_of("x"), ())["text/plain"]
