from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import complete
from spindle_kernel.completion import Known, complete_cell

KNOWN = Known(
    routes=lambda: ("/hello", "/orders/"),
    components=lambda: ("api", "web"),
    interfaces=lambda: ("wasi:cli/stdout", "wasi:clocks/wall-clock", "wasi:http/types"),
    keys=lambda store, prefix: (f"{store}-{prefix}1",) if prefix else (f"{store}1",),
    attributes=lambda dotted: ("add", "aio", "sub") if dotted == "c.math" else (),
    filters=lambda text: (0, [one.text for one in complete(text, len(text), None)]),
)


@pytest.mark.parametrize(
    ("cell", "matches"),
    [
        ("GE|", ("GET ",)),
        ("GET /h|", ("/hello",)),
        ("POST /orders/\ncont|", ("content-type: ",)),
        ("POST /orders/\ncontent-type: text|", ("text/html", "text/plain")),
        ("POST /orders/\n\nbody|", None),
        ("POST /orders/\n\n{{c.math.a|", ("add", "aio")),
        ("POST /orders/\n\nx\n###\nGET /o|", ("/orders/",)),
        ('app.get("/|', ("/hello", "/orders/")),
        ('await app.aio.request("GET", "/h|', ("/hello",)),
        ('app.bench("GET /o|', ("/orders/",)),
        ('app.kv["|', ("default1",)),
        ('app.kv("users")["a|', ()),
        ("app.build('a|", ("api",)),
        ("x = c.math.a|", ("add", "aio")),
        ("x.y|", None),
        ("%u|", None),
        ("app.fire('m|", ("mqtt",)),
        ('app.mock("wasi:c|', ("wasi:cli/stdout", "wasi:clocks/wall-clock")),
        ("%timeit x|", None),
        ("impo|", None),
    ],
)
def test_completions(cell: str, matches: tuple[str, ...] | None) -> None:
    found = complete_cell(cell.replace("|", ""), cell.index("|"), KNOWN)
    assert (None if found is None else found.matches) == matches


def test_filters() -> None:
    found = complete_cell('exchanges("stat', 15, KNOWN)
    assert found is not None
    assert found.matches == ("status:",)
    assert (found.start, found.end) == (11, 15)


@given(st.text(max_size=40), st.integers(0, 40))
def test_any_text_anywhere(cell: str, cursor: int) -> None:
    cursor = min(cursor, len(cell))
    found = complete_cell(cell, cursor, KNOWN)
    if found is not None:
        assert 0 <= found.start <= found.end == cursor
