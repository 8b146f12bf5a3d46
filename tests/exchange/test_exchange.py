import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import (
    CALL_LIMIT,
    LOG_LIMIT,
    Body,
    Exchange,
    Frame,
    HttpInput,
    HttpOutput,
    Secret,
    Traceback,
    Trap,
    new_id,
    plain_json,
)


def http_exchange() -> Exchange:
    fields = [(b"host", b"a.test"), (b"x", b"\xe9")]
    exchange = Exchange("http", "/a/...", "a", HttpInput("GET", "http", "a.test", "/a/b", fields))
    exchange.output = HttpOutput(200, [(b"content-type", b"text/plain")])
    return exchange


def test_ids_are_unique_sorted_and_hold_the_time() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)
    assert {len(i) for i in ids} == {22}
    assert Exchange("http", "/", "a").started_at > 1_700_000_000


def test_json_has_exactly_the_keys_of_version_1() -> None:
    exchange = http_exchange()
    exchange.finish()
    assert list(exchange.to_json()) == [
        "v", "id", "parent", "replay_of", "build", "component", "instance", "trigger", "input",
        "output", "phases_us", "calls", "logs", "trap", "traceback", "truncated",
    ]  # fmt: skip


def test_an_http_exchange_as_json() -> None:
    exchange = http_exchange()
    assert isinstance(exchange.input, HttpInput)
    exchange.input.body.add(b"hello")
    at = (Frame("main", "a.py", 3, 1),)
    exchange.finish(Trap("unreachable", at, "a:b/c#d", Traceback("Python", "ValueError", at)))
    record = json.loads(json.dumps(exchange.to_json()))
    assert record["v"] == 1
    assert record["trigger"] == {"type": "http", "target": "/a/..."}
    assert record["input"] == {
        "method": "GET",
        "scheme": "http",
        "authority": "a.test",
        "path_with_query": "/a/b",
        "headers": [["host", "a.test"], ["x", "é"]],
        "body": {"size": 5, "kept": 5, "encoding": "utf-8", "data": "hello"},
    }
    assert record["output"]["status"] == 200
    frame = {"function": "main", "file": "a.py", "line": 3, "column": 1}
    assert record["trap"] == {
        "reason": "unreachable",
        "frames": [frame],
        "export": "a:b/c#d",
        "traceback": {"language": "Python", "message": "ValueError", "frames": [frame]},
        "dependency": None,
    }
    assert record["truncated"] == []


@given(st.lists(st.binary(max_size=40)), st.integers(0, 60))
def test_a_body_keeps_a_prefix_and_counts_all(chunks: list[bytes], limit: int) -> None:
    body = Body(limit)
    for chunk in chunks:
        body.add(chunk)
    whole = b"".join(chunks)
    assert body.size == len(whole)
    assert body.data == whole[:limit]
    assert body.truncated == (len(whole) > limit)


@given(st.text(), st.integers(0, 20))
def test_a_cut_body_of_text_stays_text(text: str, limit: int) -> None:
    data = text.encode()
    record = Body.of(data, limit).to_json()
    assert record["encoding"] == "utf-8"
    assert text.startswith(str(record["data"]))
    assert record["kept"] == len(str(record["data"]).encode())


def test_bytes_that_are_no_text_are_base64() -> None:
    record = Body.of(b"\xff\x00").to_json()
    assert record["encoding"] == "base64"
    assert base64.b64decode(str(record["data"])) == b"\xff\x00"


def test_phases_follow_each_other_and_add_up() -> None:
    exchange = http_exchange()
    exchange.mark("instance")
    exchange.mark("guest")
    exchange.mark("guest")
    exchange.finish()
    assert list(exchange.phases) == ["instance", "guest"]
    assert exchange.took is not None
    assert sum(exchange.phases.values()) <= exchange.took


def test_writes_become_lines_of_their_stream() -> None:
    exchange = http_exchange()
    for stream, data in [
        ("stdout", b"one\ntw"),
        ("stderr", b"oops\n"),
        ("stdout", b"o\n\nend"),
    ]:
        exchange.write(stream, data)
    lines = [(line.stream, line.data) for line in exchange.log_lines()]
    assert lines == [
        ("stdout", b"one"),
        ("stderr", b"oops"),
        ("stdout", b"two"),
        ("stdout", b""),
        ("stdout", b"end"),
    ]


def test_what_does_not_fit_is_named() -> None:
    exchange = http_exchange()
    assert isinstance(exchange.output, HttpOutput)
    exchange.output.body = Body.of(b"12345", limit=2)
    exchange.write("stdout", b"x" * (LOG_LIMIT + 1))
    for _ in range(CALL_LIMIT + 1):
        exchange.call("wasi:random/random", "get-random-u64", exchange.now, [], 4)
    assert exchange.truncated == ["calls", "logs", "output.body"]
    assert len(exchange.calls) == CALL_LIMIT


def test_calls_keep_secrets_out() -> None:
    exchange = http_exchange()
    exchange.call("spin:variables", "get", exchange.now, ["token"], Secret("token"))
    record = json.loads(json.dumps(exchange.to_json()))
    assert record["calls"][0]["result"] == {"secret": "token"}


def test_numbers_that_json_has_not_are_texts() -> None:
    assert plain_json([1.5, float("inf"), float("-inf"), float("nan")]) == [
        1.5,
        "inf",
        "-inf",
        "nan",
    ]
