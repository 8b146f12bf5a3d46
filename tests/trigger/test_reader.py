"""The reader must see the same requests however the bytes are cut."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.messages import Body
from spindle.trigger.http.reader import ParsedRequest, Rejection, RequestReader
from spindle.trigger.http.site import Limits

LIMITS = Limits(head_bytes=4096)


class Seen(NamedTuple):
    """A request, and what its body held when the bytes were used up."""

    method: str
    authority: str | None
    path: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    trailers: list[tuple[bytes, bytes]] | None
    ended: bool
    keep_alive: bool


def read(*pieces: bytes) -> list[Seen] | int:
    """What a reader delivers, or the status of its rejection."""
    parsed: list[ParsedRequest] = []
    reader = RequestReader(LIMITS, parsed.append)
    try:
        for piece in pieces:
            reader.feed(piece)
    except Rejection as rejection:
        return rejection.status
    return [_seen(request) for request in parsed]


def _seen(request: ParsedRequest) -> Seen:
    method, target, headers, body, _, keep_alive = request
    return Seen(
        method,
        target.authority,
        target.path_with_query,
        headers,
        _drain(body),
        body.trailers,
        body.ended,
        keep_alive,
    )


def _drain(body: Body) -> bytes:
    data = b""
    while chunk := body.read_nowait():
        data += chunk
    return data


def request(path: str = "/", method: str = "GET", **changes: object) -> Seen:
    plain = Seen(method, None, path, [(b"host", b"a")], b"", None, True, True)
    return plain._replace(**changes)  # type: ignore[arg-type]  # each test names real fields


CHUNKED = (
    b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-T: yes\r\nX-U: 2\r\n\r\n"
)
SEEN_CHUNKED = request(
    "/c",
    "POST",
    headers=[(b"transfer-encoding", b"chunked")],
    body=b"abcde",
    trailers=[(b"x-t", b"yes"), (b"x-u", b"2")],
)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"

STREAMS: dict[str, tuple[bytes, list[Seen] | int]] = {
    "plain": (GET, [request()]),
    "blank lines first": (b"\r\n\r\n" + GET, [request()]),
    "pipelined": (GET * 3, [request()] * 3),
    "unknown method": (
        b"FOO /a HTTP/1.1\r\nHost: a\r\n\r\n" + GET,
        [request("/a", "FOO"), request()],
    ),
    "utf-8 path": (
        b"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n" + GET,
        [request("/café"), request()],
    ),
    "not utf-8": (b"GET /caf\xe9 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "absolute": (
        b"GET http://b:81?q HTTP/1.1\r\nHost: a\r\n\r\n",
        [request("/?q", authority="b:81")],
    ),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [request("*", "OPTIONS")]),
    "fragment": (b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", [request("/a")]),
    "connect": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "no path": (b"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "quoted path": (b'GET /a"b HTTP/1.1\r\nHost: a\r\n\r\n', [request('/a"b')]),
    "quoted query": (b'GET /?a"b HTTP/1.1\r\nHost: a\r\n\r\n', 400),
    "angle bracket": (b"GET /<b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "backtick": (b"GET /a`b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "backtick in query": (b"GET /?a`b HTTP/1.1\r\nHost: a\r\n\r\n", [request("/?a`b")]),
    "body": (
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + GET,
        [request("/", "POST", headers=[(b"content-length", b"3")], body=b"abc"), request()],
    ),
    "unknown method with a body": (
        b"FOO / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + GET,
        [request("/", "FOO", headers=[(b"content-length", b"3")], body=b"abc"), request()],
    ),
    "chunked": (CHUNKED, [SEEN_CHUNKED]),
    "chunked, then more": (CHUNKED + GET + CHUNKED, [SEEN_CHUNKED, request(), SEEN_CHUNKED]),
    "upgrade is declined": (
        b"GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n" + GET,
        [
            request(headers=[(b"connection", b"upgrade"), (b"upgrade", b"h2c")]),
            request(),
        ],
    ),
    "http/1.0": (b"GET / HTTP/1.0\r\n\r\n", [request(headers=[], keep_alive=False)]),
    "close": (
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        [request(headers=[(b"connection", b"close")], keep_alive=False)],
    ),
    "latin-1 value": (
        b"GET / HTTP/1.1\r\nX: \xe9\r\n\r\n",
        [request(headers=[(b"x", b"\xe9")])],
    ),
    "100 headers": (
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 100 + b"\r\n",
        [request(headers=[(b"a", b"b")] * 100)],
    ),
    "101 headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
    "large head": (b"GET / HTTP/1.1\r\nA: " + b"b" * 5000 + b"\r\n\r\n", 431),
    "endless head": (b"GET / HTTP/1.1\r\nA: " + b"b" * 5000, 431),
    "garbage": (b"\x00\x01\x02garbage\r\n\r\n", 400),
    "http/0.9": (b"GET /\r\n\r\n", 400),
    "http/3": (b"GET / HTTP/3.0\r\n\r\n", 400),
    "bare line feeds": (b"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", 400),
    "folded header": (b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
    "space before colon": (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", 400),
    "control in value": (b"GET / HTTP/1.1\r\nA: b\x01\r\n\r\n", 400),
    "no colon": (b"GET / HTTP/1.1\r\nAb\r\n\r\n", 400),
    "length and chunks": (
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
    ),
    "two lengths": (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", 400),
    "signed length": (b"POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc", 400),
    "unknown coding": (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    "bad chunk size": (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    "half a head": (GET[:-2], []),
}


@pytest.mark.parametrize("name", STREAMS)
def test_whole(name: str) -> None:
    data, expected = STREAMS[name]
    assert read(data) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_byte_by_byte(name: str) -> None:
    data, expected = STREAMS[name]
    assert read(*(data[i : i + 1] for i in range(len(data)))) == expected


@given(st.sampled_from([name for name, (_, seen) in STREAMS.items() if seen]), st.data())
def test_cut_anywhere(name: str, data: st.DataObject) -> None:
    stream, expected = STREAMS[name]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    assert read(*(stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True))) == (
        expected
    )


def test_target_too_long() -> None:
    limits = Limits()
    seen: list[ParsedRequest] = []
    reader = RequestReader(limits, seen.append)
    reader.feed(b"GET /%b HTTP/1.1\r\n\r\n" % (b"a" * 65_534))
    assert len(seen) == 1
    with pytest.raises(Rejection) as rejected:
        reader.feed(b"GET /%b HTTP/1.1\r\n\r\n" % (b"a" * 65_535))
    assert rejected.value.status == 414


def test_blocked_reader_holds_heads_but_not_bodies() -> None:
    seen: list[ParsedRequest] = []
    reader = RequestReader(LIMITS, seen.append)
    reader.feed(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na")
    reader.blocked = True
    reader.feed(b"bc" + GET)
    reader.feed(GET)
    assert len(seen) == 1
    assert seen[0].body.ended
    reader.blocked = False
    reader.feed(b"")
    assert len(seen) == 3


def test_a_body_of_known_length_is_handed_on_uncopied() -> None:
    seen: list[ParsedRequest] = []
    reader = RequestReader(LIMITS, seen.append)
    reader.feed(b"POST / HTTP/1.1\r\nContent-Length: 200000\r\n\r\n")
    piece = bytes(100_000)
    for _ in range(2):
        reader.feed(piece)
        assert seen[0].body.read_nowait() is piece
    assert seen[0].body.ended


@pytest.mark.parametrize(
    ("begin", "go_on"),
    [(b"0\r\nX: ", b"b" * 16), (b"3;ext=", b"b" * 16), (b"0\r\n", b"A: bbbbbbbbbb\r\n")],
)
def test_what_the_parser_buffers_is_bounded(begin: bytes, go_on: bytes) -> None:
    start = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    assert read(start, begin, *[go_on] * 300) == 431


def test_what_a_bodys_reader_raises_is_not_the_clients_fault() -> None:
    seen: list[ParsedRequest] = []
    reader = RequestReader(LIMITS, seen.append)
    reader.feed(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n")

    def broken() -> None:
        raise ZeroDivisionError

    seen[0].body.on_readable = broken
    with pytest.raises(ZeroDivisionError):
        reader.feed(b"abc")
