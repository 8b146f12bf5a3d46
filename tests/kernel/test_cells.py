from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle_kernel.cells import VERBS, CellError, as_magic, is_request, path_of, requests_of


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("GET /hello", True),
        ("\n# a note\nPOST /orders\n\n{}", True),
        ("@host = x\n// why\nGET http://{{host}}/", True),
        ("DELETE {{path}}", True),
        ("OPTIONS *", True),
        ("GET = 1", False),
        ("GET / 2", True),  # a division of something called GET is written otherwise
        ("get /hello", False),
        ("x = 1\nGET /hello", False),
        ("GETTER /hello", False),
        ("# GET /hello", False),
        ("", False),
        ("print('GET /')", False),
    ],
)
def test_what_a_request_is(cell: str, expected: bool) -> None:
    assert is_request(cell) is expected
    assert (as_magic([cell])[0] == "%%http\n") is expected


@given(st.text(max_size=60))
def test_whatever_is_typed(cell: str) -> None:
    lines = as_magic(cell.splitlines(keepends=True))
    assert "".join(lines).removeprefix("%%http\n") == cell or not is_request(cell)


@given(st.sampled_from(VERBS), st.text(max_size=80))
def test_cells_that_begin_like_requests(verb: str, rest: str) -> None:
    try:
        requests = requests_of(f"{verb} /{rest}", lambda _expression: "x")
    except CellError:
        return
    assert requests[0].method == verb


def test_several_requests_with_python_in_them() -> None:
    values: dict[str, Any] = {"amount * 2": 84, "items": [1, 2], "token": b"t", "flag": True}
    cell = """POST /orders?n={{ amount * 2 }}
content-type: application/json
x-token: {{token}}

{"items": {{items}}, "flag": {{flag}}}

### the second
GET /orders"""
    first, second = requests_of(cell, values.__getitem__)
    assert (first.method, first.url) == ("POST", "/orders?n=84")
    assert first.headers == (("content-type", "application/json"), ("x-token", "t"))
    assert first.body == '{"items": [1, 2], "flag": true}'
    assert (second.method, second.url, second.name) == ("GET", "/orders", "the second")


def test_what_cannot_be_understood() -> None:
    with pytest.raises(CellError, match="line 2: `nonsense` is no header"):
        requests_of("GET /\nnonsense", str)
    with pytest.raises(CellError, match="no request"):
        requests_of("### nothing", str)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/a?b=1", "/a?b=1"),
        ("http://localhost:3000/a", "/a"),
        ("http://localhost", "/"),
        ("https://x?y=1", "/?y=1"),
    ],
)
def test_the_path_of_a_url(url: str, path: str) -> None:
    assert path_of(url) == path
