"""Header fields: their rules, and that both versions of WASI share them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.factors.wasi.http.fields import FORBIDDEN, SIZE_LIMIT, FieldError, Fields

NAMES = st.from_regex(r"[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,12}", fullmatch=True).filter(
    lambda name: name.lower() not in FORBIDDEN | {"content-length"}
)
VALUES = st.binary(max_size=20).map(lambda data: bytes(b for b in data if b > 31 and b != 127))


@given(st.lists(st.tuples(NAMES, VALUES)))
def test_what_was_appended_is_listed(entries: list[tuple[str, bytes]]) -> None:
    fields = Fields.of(entries)
    for name in {name for name, _ in entries}:
        expected = [value for other, value in entries if other.lower() == name.lower()]
        assert fields.get(name) == fields.get(name.upper()) == expected
    assert sorted(fields.entries()) == sorted((name.lower(), value) for name, value in entries)
    assert Fields.received(fields.headers()).entries() == fields.entries()


@pytest.mark.parametrize(
    ("name", "value", "case"),
    [
        ("", b"x", "invalid-syntax"),
        ("a b", b"x", "invalid-syntax"),
        ("a:", b"x", "invalid-syntax"),
        ("é", b"x", "invalid-syntax"),
        ("a\n", b"x", "invalid-syntax"),
        ("a", b"x\r\ny: z", "invalid-syntax"),
        ("a", b"\0", "invalid-syntax"),
        ("a", b"\x7f", "invalid-syntax"),
        ("content-length", b"ten", "invalid-syntax"),
        ("Host", b"x", "forbidden"),
        ("transfer-encoding", b"chunked", "forbidden"),
        ("a", b"x" * SIZE_LIMIT, "size-exceeded"),
    ],
)
def test_refused(name: str, value: bytes, case: str) -> None:
    fields = Fields()
    with pytest.raises(FieldError, match=case):
        fields.append(name, value)
    with pytest.raises(FieldError, match=case):
        fields.set(name, [value])
    assert fields.entries() == []


def test_set_replaces_and_none_deletes() -> None:
    fields = Fields.of([("a", b"1"), ("b", b"2"), ("A", b"3")])
    fields.set("A", [b"4", b"5"])
    assert fields.entries() == [("a", b"4"), ("a", b"5"), ("b", b"2")]
    fields.set("a", [])
    assert not fields.has("a")
    assert fields.delete("b") == [b"2"]


def test_size_counts_what_is_there() -> None:
    fields = Fields()
    for _ in range(10):
        fields.set("a", [b"x" * (SIZE_LIMIT - 1)])
        fields.delete("a")
    fields.append("a", b"x" * (SIZE_LIMIT - 1))


def test_a_messages_fields_are_immutable_and_their_clone_is_not() -> None:
    fields = Fields.of([("a", b"1")]).freeze()
    for change in (
        lambda: fields.append("b", b"2"),
        lambda: fields.set("a", [b"2"]),
        lambda: fields.delete("a"),
    ):
        with pytest.raises(FieldError, match="immutable"):
            change()
    copy = fields.clone()
    copy.append("a", b"2")
    assert copy.get("a") == [b"1", b"2"]
    assert fields.get("a") == [b"1"]


def test_hidden_fields_are_not_received() -> None:
    headers = [(b"Host", b"x"), (b"X-A", b"1"), (b"Upgrade", b"h2c"), (b"x-a", b"\xff")]
    assert Fields.received(headers, FORBIDDEN).entries() == [("x-a", b"1"), ("x-a", b"\xff")]
