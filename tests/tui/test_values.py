import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle_tui.model.values import (
    EDITABLE,
    Form,
    UnreadableValue,
    forms_of,
    is_editable,
    shown,
    typed,
)


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "replace")))
def test_what_may_be_edited_is_read_back_as_it_is(data: bytes) -> None:
    for form in forms_of(data):
        text = shown(data, form)
        assert all(c.isprintable() or c == "\n" for c in text)
        if is_editable(data, form) and form is not Form.JSON:
            assert typed(text, form) == data
    assert is_editable(data, Form.HEX)


@pytest.mark.parametrize(
    ("data", "forms"),
    [
        (b'{"a": 1}', (Form.JSON, Form.TEXT, Form.HEX)),
        (b" [1, 2]", (Form.JSON, Form.TEXT, Form.HEX)),
        (b"{broken", (Form.TEXT, Form.HEX)),
        (b"7", (Form.TEXT, Form.HEX)),
        (b"", (Form.TEXT, Form.HEX)),
        (b"\xff", (Form.HEX,)),
        (b"a\0b", (Form.HEX, Form.TEXT)),
        (b"[" * 100_000, (Form.TEXT, Form.HEX)),
        (b"[" * 10_000, (Form.TEXT, Form.HEX)),
    ],
)
def test_the_best_form_is_first(data: bytes, forms: tuple[Form, ...]) -> None:
    assert forms_of(data) == forms


def test_json_is_laid_out_and_checked() -> None:
    data = '{"a": [1, "é"]}'.encode()
    text = shown(data, Form.JSON)
    assert text.count("\n") == 5
    assert json.loads(typed(text, Form.JSON)) == {"a": [1, "é"]}
    with pytest.raises(UnreadableValue, match="this is no JSON"):
        typed(text[:-1], Form.JSON)


def test_hexadecimal_may_be_typed_with_and_without_the_rest() -> None:
    data = bytes(range(40))
    text = shown(data, Form.HEX)
    assert text.splitlines()[0] == (
        "00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|"
    )
    assert typed(text, Form.HEX) == data
    assert typed("41424344  4142\n43", Form.HEX) == b"ABCDABC"
    with pytest.raises(UnreadableValue, match="line 2"):
        typed("00\n0x", Form.HEX)


def test_of_a_long_value_the_beginning_is_shown_and_nothing_can_be_saved() -> None:
    data = b"x" * (EDITABLE + 1)
    assert len(shown(data, Form.TEXT)) < EDITABLE + 10
    assert len(shown(data, Form.HEX)) < 100_000
    assert not is_editable(data, Form.TEXT)
    assert not is_editable(data, Form.HEX)


def test_what_would_not_be_saved_as_it_is_can_not_be_edited() -> None:
    assert not is_editable(b"\x1b[2J", Form.TEXT)
    assert not is_editable(b"a\r\nb", Form.TEXT)
    assert not is_editable(b'{"a": 1, "a": 2}', Form.JSON)
    assert not is_editable(b"[1e999]", Form.JSON)
