"""What is said of exchanges: lines that are true, fit, and do nothing to a terminal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.tui.documents import CALLS, DOCUMENTS, Json, body, document, output, summary

from spindle_tui.model.bodies import body_lines, json_lines
from spindle_tui.model.columns import cells_of, column_at, fitted, header_cells, widths_for
from spindle_tui.model.detail import PAGES, View, first_place, page_lines, page_titles
from spindle_tui.model.editors import command_of
from spindle_tui.model.lines import Line, Place, Span, line, text_of, wrapped
from spindle_tui.model.replays import Replay, suite_lines
from spindle_tui.model.troubles import troubles_in
from spindle_tui.model.waterfall import bar, phase_lines, value_text

hostile = st.text(st.characters(), max_size=60)
hostile_bodies = st.text(max_size=60)  # which are read as UTF-8: there are no halves of characters
values = st.recursive(
    st.none() | st.booleans() | st.integers() | hostile,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(hostile, inner, max_size=3),
    max_leaves=8,
)


def is_harmless(text: str) -> bool:
    return all(character.isprintable() for character in text)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """Exchanges whose every text is a guest's."""
    headers = draw(st.lists(st.tuples(hostile, hostile).map(list), max_size=3))
    kinds = ["text/html", "application/json", "application/x-www-form-urlencoded", "text/plain"]
    made = output(draw(st.integers(100, 599)), draw(hostile_bodies), draw(st.sampled_from(kinds)))
    made["headers"] += headers
    frame = {"function": draw(hostile), "file": draw(hostile), "line": 3, "column": None}
    trap = {
        "reason": draw(hostile),
        "frames": [frame],
        "export": draw(hostile),
        "dependency": draw(hostile),
        "traceback": {"language": draw(hostile), "message": draw(hostile), "frames": [frame]},
    }
    call: Json = {**CALLS[0], "interface": draw(hostile), "func": draw(hostile)}
    call |= {"args": draw(values), "result": draw(values)}
    traced = {**call, "dependency": draw(hostile), "took": draw(st.sampled_from([None, 2.0]))}
    if draw(st.booleans()):
        traced["trap"] = draw(hostile)
    log = {"stream": "stderr", "at": 3.0, "text": draw(hostile)}
    return document(
        1,
        method=draw(hostile),
        path=draw(hostile),
        component=draw(hostile),
        output=made,
        trap=draw(st.sampled_from([None, trap])),
        calls=[call],
        logs=[log],
        trace=[traced],
    )


def test_a_trace_is_below_the_calls() -> None:
    began = {"interface": "wasi:clocks/wall-clock@0.2.9", "dependency": None, "at": 5.0}
    trace = [
        {**began, "func": "now", "took": 2.0, "args": [], "result": [1, 2]},
        {**began, "func": "wait", "took": 9.0, "args": [7, "x"], "result": None, "trap": "gone"},
        {**began, "func": "rest", "took": None, "args": [], "result": None},
    ]
    calls = next(at for at, page in enumerate(PAGES) if page.title == "Calls")
    lines = [each.text for each in page_lines(document(1, trace=trace), calls, View(80))]
    assert [text.split("µs ", 1)[1] for text in lines[-3:]] == [
        "wall-clock.now() → [1, 2]  2 µs",
        "wall-clock.wait(7, x) ✗ gone  9 µs",
        "wall-clock.rest()  never ended",
    ]
    assert lines[-4] == "Trace: 3 calls, all that the guest made"


@given(documents(), st.booleans())
def test_no_page_has_control_characters(made: Json, as_hex: bool) -> None:
    for page in range(len(PAGES)):
        for each in page_lines(made, page, View(60, as_hex)):
            assert is_harmless(each.text)
            each.text.encode()


@given(documents(), st.integers(60, 200))
def test_no_row_has_control_characters_and_all_fit(made: Json, width: int) -> None:
    widths = widths_for(width)
    for cell, room in zip(cells_of(summary(made), widths), widths, strict=True):
        assert is_harmless(cell.text)
        assert cell_len(cell.text) == room


@given(hostile.filter(is_harmless), st.integers(1, 30), st.booleans())
def test_a_cell_has_its_width(text: str, width: int, right: bool) -> None:
    assert cell_len(fitted(text, width, right=right)) == width


def test_a_click_on_a_title_is_for_its_column() -> None:
    widths = widths_for(80)
    titles = "  " + " ".join(header_cells(widths, "took", True))
    for title, order in (("Path", "path"), ("Took▼", "took"), ("Size", "size")):
        assert column_at(titles.index(title), widths) == order


spans = st.lists(st.builds(Span, hostile.filter(is_harmless), st.sampled_from(["", "dim"])))


@given(spans, st.integers(2, 40))
def test_wrapping_keeps_every_character(made: list[Span], width: int) -> None:
    whole = Line(tuple(made))
    rows = wrapped([whole], width)
    assert "".join(row.text for row in rows) == whole.text
    assert all(cell_len(row.text) <= width for row in rows)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(max_codepoint=0x2FF)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
)


@given(json_values)
def test_json_that_is_set_out_says_the_same(value: Any) -> None:
    made = text_of(json_lines(json.dumps(value)))
    assert json.loads(made) == value


def test_json_keeps_how_numbers_were_written() -> None:
    made = text_of(json_lines('{"price": 4.50, "big": 12345678901234567890123, "e": 1E5}'))
    assert made.splitlines() == [
        "{",
        '  "price": 4.50,',
        '  "big": 12345678901234567890123,',
        '  "e": 1E5',
        "}",
    ]


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        ("application/json", "{broken", "{broken"),
        ("application/problem+json", '{"a":1}', "{"),
        ("application/x-www-form-urlencoded", "a=1&name=J%C3%BCrgen+K", "a     1"),
        ("text/html", "<h1>\x1b[2JHi</h1>", "<h1>\\x1b[2JHi</h1>"),
        ("", "two\nlines", "two"),
    ],
)
def test_a_body_as_its_type_wants(kind: str, text: str, first: str) -> None:
    assert body_lines(body(text), [["Content-Type", f"{kind}; charset=utf-8"]])[0].text == first


def test_bytes_are_hex() -> None:
    binary = {"size": 4, "kept": 4, "encoding": "base64", "data": "AAEC/w=="}
    assert body_lines(binary, [])[0].text.split("  ")[:2] == ["00000000", "00 01 02 ff"]


def test_a_compressed_body_is_unpacked() -> None:
    import base64
    import gzip

    data = base64.b64encode(gzip.compress(b'{"a": 1}')).decode()
    packed = {"size": 30, "kept": 30, "encoding": "base64", "data": data}
    headers = [["content-encoding", "gzip"], ["content-type", "application/json"]]
    assert [each.text for each in body_lines(packed, headers)][1:] == ["{", '  "a": 1', "}"]


def test_a_body_says_what_was_not_kept() -> None:
    assert body_lines(body("abc", size=5_000_000), [])[-1].text == "… 3 B kept of 5 MB"


def test_secrets_of_calls_are_named_only() -> None:
    assert value_text({"secret": "token"}) == "«secret token»"


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0.1, 100), st.integers(1, 80))
def test_a_bar_is_never_nothing_and_has_its_width(
    at: float, took: float, total: float, width: int
) -> None:
    made = bar(at, took, total, width)
    assert len(made) == width
    assert "█" in made


def test_phases_fill_a_line() -> None:
    first, *legend = phase_lines(DOCUMENTS[2]["phases_us"], 76)
    assert len(first.text) == 76
    assert all(len(each.text) <= 79 for each in legend)
    assert "instantiate 2.1 ms" in legend[0].text


def test_a_trap_leads_to_its_source() -> None:
    assert first_place(DOCUMENTS[4]) == Place("src/orders.py", 41)
    assert first_place(DOCUMENTS[0]) is None


def test_a_suite_says_which_went_otherwise_and_which_not_at_all() -> None:
    went = Replay("GET /a", DOCUMENTS[0])
    failed = Replay("GET /b", None, error="its component is gone")
    texts = [each.text for each in suite_lines([went, failed])]
    assert texts[0] == "1 of 2 exchanges went as before"
    assert texts[2].startswith("✓ GET /a")
    assert texts[3] == "✗ GET /b  its component is gone"


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        (["vim"], ["vim", "+7", "a.py"]),
        (["/usr/bin/nano", "-w"], ["/usr/bin/nano", "-w", "+7", "a.py"]),
        (["code", "--wait"], ["code", "--wait", "--goto", "a.py:7"]),
        (["hx"], ["hx", "a.py:7"]),
        (["notepad"], ["notepad", "a.py"]),
    ],
)
def test_editors_are_told_the_line(editor: list[str], command: list[str]) -> None:
    assert command_of(editor, "a.py", 7) == command


def test_lines_are_copied_without_styles() -> None:
    assert text_of([line(Span("a", "key"), "b"), line("c")]) == "ab\nc\n"


def test_a_failure_that_a_guest_answered_itself_is_shown_as_a_trap_is() -> None:
    frame = {"function": "handle", "file": "app.py", "line": 7, "column": None}
    printed = {"language": "Python", "message": "KeyError: 'tea'", "frames": [frame]}
    made = document(1) | {"traceback": printed}
    assert page_titles(made)[-1] == "Trap 1"
    for page in (0, len(PAGES) - 1):
        assert "KeyError: 'tea'" in text_of(page_lines(made, page, View()))
    assert first_place(made) == Place("app.py", 7)


def test_a_path_in_a_list_has_no_credentials() -> None:
    row = summary(document(1, path="/a?token=tea-1234&b=1"))
    assert "token=***&b=1" in cells_of(row, widths_for(120))[2].text


def test_troubles_of_a_host_are_read_with_their_hints() -> None:
    printed = """Serving http://127.0.0.1:3000
warning: the disk is full
  help: make room
GET /a 200
error: GET /boom: wasm trap: unreachable
  at src/lib.rs:1
error: saving: \x1b[2Jno
"""
    found = list(troubles_in(printed))
    assert [(each.severity, each.is_news) for each in found] == [
        ("warning", True),
        ("error", False),
        ("error", True),
    ]
    assert found[0].text == "warning: the disk is full\n  help: make room"
    assert is_harmless(found[2].text)
