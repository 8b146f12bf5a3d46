import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spindle.exchange import (
    Body,
    Exchange,
    Frame,
    HttpInput,
    HttpOutput,
    Json,
    Secret,
    Traceback,
    Trap,
    Write,
    parse_filter,
    summary_of,
    summary_of_document,
)
from spindle.exchange.packing import STATE, Packed, pack, pack_bare, pack_document, unpack


def full_exchange() -> Exchange:
    """One of which everything there is was kept."""
    request = HttpInput("POST", "http", "a.test", "/a?b", ((b"host", b"a.test"), (b"x", b"\xe9")))
    request.body.add(b"\x00\xff" * 10)
    exchange = Exchange("http", "/...", "api", request, build="0123456789ab", parent="00ff")
    exchange.replay_of, exchange.instance = "00fe", 7
    exchange.mark("queue")
    exchange.mark("guest")
    response = exchange.output = HttpOutput(500, ((b"content-type", b"text/plain"),))
    response.body.add(b"so ")
    response.body.add("schön".encode())
    response.trailers = ((b"t", b"1"),)
    arguments = {"key": Secret("token"), "value": Body.of(b"abc"), "n": [1, 2.5, None, True]}
    exchange.call("a:b/c@1.0.0", "set", exchange.now, arguments, {"sent": request}, "dep")
    exchange.write("stdout", b"one\ntw")
    exchange.write("stderr", b"\xff")
    frames = (Frame("main", "a.py", 3, 1), Frame("f"))
    exchange.finish(Trap("unreachable", frames, "a#b", Traceback("Python", "E", frames), "dep"))
    exchange.traceback = Traceback("Python", "ValueError", (Frame("main", "a.py", 3),))
    return exchange


def test_everything_is_packed() -> None:
    unpacked = {"_log_room", "line", "recorded", "trace"}
    assert set(STATE) == set(Exchange.__slots__) - unpacked
    exchange = full_exchange()
    empty = [name for name in STATE if getattr(exchange, name) in (None, [])]
    assert empty == ["_skipped"]


def test_what_the_host_told_is_kept() -> None:
    exchange = full_exchange()
    exchange.recorded = _Told()
    assert unpack(pack(exchange)) == exchange.to_json()
    assert unpack(pack(exchange))["recorded"] == {"answers": [1]}


class _Told:
    truncated = False

    def to_json(self) -> Json:
        return {"answers": [1]}


def test_a_packed_exchange_is_its_document() -> None:
    for exchange in (full_exchange(), Exchange("http", "/", None), Exchange("redis", "news", "a")):
        assert unpack(pack(exchange)) == exchange.to_json()


ARGUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
    | st.binary().map(Body.of) | st.text().map(Secret) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(ARGUMENTS, ARGUMENTS)
def test_whatever_was_called(arguments: Any, result: Any) -> None:
    exchange = Exchange("call", "f", "a", {"args": arguments})
    exchange.call("a:b/c", "d", 0, arguments, result)
    exchange.output = result
    exchange.finish()
    assert json.dumps(unpack(pack(exchange))) == json.dumps(_bytes_as_bodies(exchange))


def _bytes_as_bodies(exchange: Exchange) -> Any:
    return json.loads(json.dumps(exchange.to_json()))


@pytest.mark.parametrize("value", [2**70, "\ud800", {1: 2}, {(1, 2): object}, object()])
def test_what_is_odd(value: object) -> None:
    exchange = Exchange("call", "f", "a", {"args": [value]})
    exchange.finish()
    unpack(pack(exchange))
    unpack(pack_bare(exchange))


def test_an_exchange_without_details_says_so() -> None:
    bare = unpack(pack_bare(full_exchange()))
    whole = full_exchange().to_json()
    assert bare["truncated"] == ["input.body", "logs", "output.body"]
    assert isinstance(bare["output"], Mapping)
    assert bare["output"]["body"] == {"size": 9, "kept": 0, "encoding": "utf-8", "data": ""}
    assert bare["logs"] == []
    assert bare["trap"] == whole["trap"]


def test_documents_are_kept_as_they_are() -> None:
    document = {**full_exchange().to_json(), "extra": ["ü", 2**80]}
    assert unpack(pack_document(document)) == document


@given(st.binary())
@example(b"\xa4four")
@example(b"\x91" * 5000)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what is wrong is of no interest
        unpack(data)


def test_a_document_has_the_same_summary() -> None:
    exchange = full_exchange()
    ours = summary_of(exchange)
    # Writes are counted while a guest runs, lines afterwards.
    assert summary_of_document(exchange.to_json()) == ours._replace(logs=3)
    message = Exchange("redis", "news", "a", {"payload": Body.of(b"abc")})
    message.finish()
    assert summary_of_document(message.to_json()) == summary_of(message)
    assert summary_of(message).received == 3


def test_a_recording_is_kept_as_it_is() -> None:
    class Tape:
        truncated = True

        def to_json(self) -> dict[str, object]:
            return {"told": [1, "a"]}

    exchange = full_exchange()
    exchange.recorded = Tape()
    document = unpack(pack(exchange))
    assert document == exchange.to_json()
    assert document["recorded"] == {"told": [1, "a"]}


WORDS = st.text(st.sampled_from('abAB01é:# "\\\n\x1b-'), max_size=6)


@given(st.lists(WORDS, min_size=4, max_size=4), WORDS, st.booleans(), st.booleans())
def test_filters_need_not_read_what_is_packed(
    texts: list[str], wanted: str, at_once: bool, as_document: bool
) -> None:
    body, name, value, log = texts
    exchange = full_exchange()
    assert isinstance(exchange.output, HttpOutput)
    for part in [body] if at_once else body:
        exchange.output.body.add(part.encode())
    exchange.output.headers = ((name.encode("latin-1"), value.encode("latin-1")),)
    exchange.writes = [Write("stdout", 0, part.encode()) for part in log]
    exchange.call(name, value, 0, None, {"payload": body})
    document, summary = exchange.to_json(), summary_of(exchange)
    data = pack_document(document) if as_document else pack(exchange)
    quoted = wanted.replace("\\", "\\\\").replace('"', '\\"')
    for field in ("body", "header", "log", "call"):
        for operator in ("~", ":", "!="):
            where = parse_filter(f'{field}{operator}"{quoted}"')
            matches = where.matches(summary, document)
            assert where.matches_unread(summary, Packed(data)) is matches, where.text
