"""Responses out of bytes: however they are cut, and whatever comes with them."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.factors.http_client.responses import MAX_HEAD_BYTES, ResponseReader
from spindle.factors.http_error import HttpError
from spindle.messages import Headers

CASES = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello", b"hello", None),
    "chunks": (
        b"HTTP/1.1 201 Made\r\ntransfer-encoding: chunked\r\n\r\n"
        b"3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 1\r\n\r\n",
        b"hello",
        [(b"x-sum", b"1")],
    ),
    "empty": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", None),
    "informed before": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        b"hi",
        None,
    ),
}


def fed(data: bytes, cuts: list[int], *, to_head: bool = False) -> ResponseReader:
    reader = ResponseReader(to_head=to_head)
    ends = sorted({cut % (len(data) + 1) for cut in cuts} | {0, len(data)})
    for start, end in pairwise(ends):
        reader.feed(data[start:end])
    return reader


def taken(reader: ResponseReader) -> tuple[bytes, Headers | None]:
    assert reader.response is not None
    body = reader.response.body
    data = b""
    while chunk := body.read_nowait():
        data += chunk
    return data, body.trailers


@given(st.sampled_from(sorted(CASES)), st.lists(st.integers(0, 200)))
def test_wherever_it_is_cut(name: str, cuts: list[int]) -> None:
    data, body, trailers = CASES[name]
    reader = fed(data, cuts)
    assert reader.complete
    assert reader.keep_alive
    assert taken(reader) == (body, trailers)


@given(st.lists(st.integers(0, 200)))
def test_what_nobody_asked_for_is_no_part_of_it(cuts: list[int]) -> None:
    data, body, _ = CASES["length"]
    reader = fed(data + b"HTTP/1.1 200 OK\r\nx-b: c\r\ncontent-length: 4\r\n\r\nevil", cuts)
    assert taken(reader) == (body, None)
    assert not reader.keep_alive


@given(st.lists(st.integers(0, 200)))
def test_without_a_length_it_ends_with_the_connection(cuts: list[int]) -> None:
    reader = fed(b"HTTP/1.1 200 OK\r\n\r\nhello", cuts)
    assert not reader.complete
    reader.end()
    assert taken(reader) == (b"hello", None)
    assert not reader.keep_alive


def test_an_answer_to_head_has_no_body() -> None:
    reader = fed(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", [], to_head=True)
    assert taken(reader) == (b"", None)
    assert reader.keep_alive


@pytest.mark.parametrize(
    "data",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + bytes(2 * MAX_HEAD_BYTES),
    ],
)
def test_nonsense(data: bytes) -> None:
    with pytest.raises(HttpError) as caught:
        fed(data, [])
    assert caught.value.code == ("HTTP-protocol-error", None)


def test_an_endless_head() -> None:
    lines = b"".join(b"x-%d: a\r\n" % number for number in range(MAX_HEAD_BYTES // 8))
    with pytest.raises(HttpError):
        fed(b"HTTP/1.1 200 OK\r\n" + lines, list(range(0, len(lines), 1000)))


@pytest.mark.parametrize("cut", range(1, len(CASES["length"][0])))
def test_a_connection_that_breaks_within(cut: int) -> None:
    reader = fed(CASES["length"][0][:cut], [])
    with pytest.raises(HttpError):
        reader.end()


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_any_bytes(data: bytes, cuts: list[int]) -> None:
    with suppress(HttpError):
        fed(b"HTTP/1.1 200 OK\r\n" + data, cuts).end()
