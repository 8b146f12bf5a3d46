"""What an exchange keeps of a request: input, output, calls, output streams, traps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.executor.harness import Running

from spindle.exchange import BODY_LIMIT, LOG_LIMIT, Exchange, HttpInput, HttpOutput


def test_a_request_and_its_response(running: Running) -> None:
    answer = running.request("POST", "/shout", b"abc" * 10, {"x-test": "yes"})
    exchange = running.exchange_of(answer)
    sent, given = exchange.input, exchange.output
    assert isinstance(sent, HttpInput)
    assert isinstance(given, HttpOutput)
    assert (sent.method, sent.path_with_query) == ("POST", "/shout")
    assert (b"x-test", b"yes") in sent.headers
    assert sent.body.data == b"abc" * 10
    assert given.status == 200
    assert (b"content-type", b"text/plain") in given.headers
    assert given.body.data == b"ABC" * 10
    assert (exchange.component, exchange.target, exchange.trigger) == ("root", "/...", "http")
    assert exchange.took is not None
    assert set(exchange.phases) == {"guest", "stream"}
    assert exchange.trap is None


@pytest.mark.parametrize("path", ["/echo", "/shout", "/javascript/echo"])
def test_bodies_are_kept_up_to_a_bound(running: Running, path: str) -> None:
    exchange = running.exchange_of(running.request("POST", path, b"A" * (4 * BODY_LIMIT)))
    for message in (exchange.input, exchange.output):
        assert isinstance(message, HttpInput | HttpOutput)
        assert message.body.size == 4 * BODY_LIMIT
        assert len(message.body.data) == BODY_LIMIT
    assert exchange.truncated == ["input.body", "output.body"]


def test_host_calls_are_kept(running: Running) -> None:
    url = f"http://127.0.0.1:{running.port}/rust-p2"
    answer = running.get(f"/send?url={url}")
    assert answer.body == b"Hello World!"
    exchange = running.exchange_of(answer)
    assert any("http" in call.interface for call in exchange.calls)
    assert all(call.took >= 0 for call in exchange.calls)


@pytest.mark.parametrize("path", ["/log", "/javascript/log"])
def test_what_a_guest_writes_belongs_to_the_request_it_serves(running: Running, path: str) -> None:
    slow = running.begin("/sleep?ms=1000")
    names = [f"text{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda name: running.get(f"{path}?text={name}"), names))
    for name, answer in zip(names, answers, strict=True):
        exchange = running.exchange_of(answer)
        assert written(exchange, "stdout").split() in (["out:", name], [])
        assert name in written(exchange, "stderr") + written(exchange, "stdout")
        assert not any(
            other in written(exchange, stream)
            for other in names
            for stream in ("stdout", "stderr")
            if other != name
        )
    slow.close()


def written(exchange: Exchange, stream: str) -> str:
    return b"".join(write.data for write in exchange.writes if write.stream == stream).decode()


def test_output_is_kept_up_to_a_bound(running: Running) -> None:
    text = "x" * 1000
    answer = running.get(f"/log?text={text}")
    exchange = running.exchange_of(answer)
    assert sum(len(write.data) for write in exchange.writes) <= LOG_LIMIT


def test_a_trap_is_kept_with_where_it_happened(running: Running) -> None:
    assert running.get("/traps").status == 500
    running.wait_for(lambda: running.exchanges[-1].component == "traps")
    exchange = running.exchanges[-1]
    assert exchange.trap is not None
    assert exchange.trap.reason == "wasm `unreachable` instruction executed"
    assert exchange.trap.frames
    assert exchange.output is None


def test_a_command_has_an_exchange_too(running: Running) -> None:
    exchange = running.exchange_of(running.request("POST", "/wagi?mode=stdin", b"input"))
    assert isinstance(exchange.input, HttpInput)
    assert isinstance(exchange.output, HttpOutput)
    assert exchange.input.body.data == b"input"
    assert exchange.output.body.data == b"input"
