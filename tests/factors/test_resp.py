"""RESP: any reply, cut anywhere, is read as it was written; what is none ends in one error."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spindle.factors.redis import resp
from spindle.factors.redis.resp import (
    DEEPEST,
    LARGEST_REPLY,
    LONGEST_LINE,
    ErrorReply,
    Map,
    Parser,
    ProtocolError,
    Push,
    Reply,
    Status,
    Verbatim,
    encoded,
)

LINES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
REPLIES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.binary(max_size=50)
    | LINES.map(Status)
    | LINES.map(ErrorReply)
    | st.binary(max_size=20).map(Verbatim),
    lambda items: (
        st.lists(items, max_size=4)
        | st.lists(items, max_size=4).map(Push)
        | st.lists(st.tuples(items, items), max_size=2).map(
            lambda pairs: Map(item for pair in pairs for item in pair)
        )
    ),
    max_leaves=12,
)


def written(reply: Reply) -> bytes:
    """A reply as a server of RESP 3 sends it."""
    match reply:
        case None:
            return b"_\r\n"
        case bool():
            return b"#t\r\n" if reply else b"#f\r\n"
        case int():
            return b":%d\r\n" % reply
        case float():
            return b",%s\r\n" % repr(reply).encode()
        case Status():
            return b"+%s\r\n" % reply.encode()
        case ErrorReply():
            return b"-%s\r\n" % reply.encode()
        case bytes():
            kind = b"=" if isinstance(reply, Verbatim) else b"$"
            return b"%s%d\r\n%s\r\n" % (kind, len(reply), reply)
    assert isinstance(reply, list)
    kind, each = {Map: (b"%", 2), Push: (b">", 1)}.get(type(reply), (b"*", 1))
    return b"%s%d\r\n" % (kind, len(reply) // each) + b"".join(map(written, reply))


def types_of(reply: Reply) -> object:
    items = [types_of(item) for item in reply] if isinstance(reply, list) else []
    return type(reply), items


@given(st.lists(REPLIES, max_size=4), st.lists(st.integers(0, 400), max_size=8))
def test_any_replies_cut_anywhere_are_read(replies: list[Reply], cuts: list[int]) -> None:
    data = b"".join(map(written, replies))
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parser = Parser()
    read = [
        reply for start, end in itertools.pairwise(edges) for reply in parser.feed(data[start:end])
    ]
    assert read == replies
    assert [types_of(reply) for reply in read] == [types_of(reply) for reply in replies]


@given(st.lists(REPLIES, min_size=1, max_size=2))
def test_byte_by_byte_nothing_comes_early(replies: list[Reply]) -> None:
    parser = Parser()
    for reply in replies:
        data = written(reply)
        assert [parser.feed(data[i : i + 1]) for i in range(len(data) - 1)] == [[]] * (
            len(data) - 1
        )
        assert parser.feed(data[-1:]) == [reply]


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=5))
def test_commands_are_arrays_of_strings(parts: list[bytes]) -> None:
    assert Parser().feed(encoded(parts)) == [parts]


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"*0\r\n", []),
        (b"(3492890328409238509324850943850943825024385\r\n", b"34928903284092385093248509438509"
         b"43825024385"),
        (b",inf\r\n", float("inf")),
        (b"!9\r\nERR no\r\n!\r\n", ErrorReply("ERR no\r\n!")),
        (b"~2\r\n:1\r\n:2\r\n", [1, 2]),
        (b"|1\r\n+ttl\r\n:3\r\n+OK\r\n", Status("OK")),
        (b"*2\r\n|1\r\n+ttl\r\n*1\r\n:3\r\n:1\r\n:2\r\n", [1, 2]),
        (b"-caf\xe9\r\n", ErrorReply("caf\ufffd")),
    ],
)  # fmt: skip
def test_special_forms(data: bytes, reply: Reply) -> None:
    assert Parser().feed(data) == [reply]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\r\n",
        b":one\r\n",
        b"$x\r\n",
        b"$?\r\n",
        b"#maybe\r\n",
        b"$%d\r\n" % (LARGEST_REPLY + 1),
        b"*%d\r\n" % (LARGEST_REPLY + 1),
        b"*1\r\n" * (DEEPEST + 1),
        b"+" + b"a" * (LONGEST_LINE + 1),
        b":" + b"1" * 5000 + b"\r\n",
    ],
)
def test_what_is_no_reply(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        Parser().feed(data)


@pytest.mark.parametrize(
    "data",
    [
        b"*3\r\n" + b"$300\r\n%s\r\n" % bytes(300) * 3,
        b"*99\r\n" + b":1\r\n" * 99,
        b"*20\r\n" + b"*1\r\n:1\r\n" * 20,
    ],
)
def test_one_reply_has_room_for_so_much(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resp, "LARGEST_REPLY", 900)
    parser = Parser()
    assert parser.feed(b"*1\r\n$700\r\n%s\r\n" % bytes(700) * 5) == [[bytes(700)]] * 5
    with pytest.raises(ProtocolError, match="too large"):
        parser.feed(data)


@given(st.lists(st.binary(max_size=40), max_size=5))
@example([b"$3\r\nabcde"])
def test_anything_is_read_or_refused(pieces: list[bytes]) -> None:
    parser = Parser()
    try:
        for piece in pieces:
            parser.feed(piece)
    except ProtocolError:
        pass
