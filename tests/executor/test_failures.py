from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving

from spindle.component.core import wat_to_wasm
from spindle.component.symbols import Symbols
from spindle.component.trap import Trap
from spindle.events import Bus
from spindle.exchange import Exchange
from spindle.executor import Failure, Policy
from spindle.executor.failures import Failures
from spindle.executor.source_tree import SourceTree
from spindle.factors.wasi.http import fields
from spindle.limits import Limits


def told(running: Running, path: str) -> Failure:
    """What the person is told of the request to `path`."""
    running.error_of(path)
    return next(
        failure
        for failure in running.failures
        if any(getattr(e.input, "path_with_query", None) == path for e in failure.exchanges)
    )


def test_a_trap_is_recorded_with_its_export_and_frames(running: Running) -> None:
    assert running.get("/traps").status == 500
    trap = told(running, "/traps").trap
    assert trap.export == "wasi:http/handler@0.3.0#handle"
    assert [frame.function for frame in trap.frames] == ["handle"]
    running.wait_for(lambda: any(exchange.trap is trap for exchange in running.exchanges))


def test_what_a_guests_language_says_is_recorded(running: Running) -> None:
    assert running.get("/fail").status == 500
    traceback = told(running, "/fail").trap.traceback
    assert traceback is not None
    assert (traceback.language, traceback.message) == ("Python", "ValueError: raised by the guest")
    assert traceback.frames[0].function == "fail"
    assert traceback.frames[0].file is not None
    assert traceback.frames[0].file.endswith("app.py")
    lines = Path(__file__).parents[1].joinpath("guests/python/app.py").read_text().splitlines()
    assert "raise ValueError" in lines[(traceback.frames[0].line or 0) - 1]


def test_what_a_guest_says_of_a_failure_it_answers_itself_is_recorded(running: Running) -> None:
    answer = running.get("/admit")
    assert (answer.status, answer.body) == (500, b"sorry")
    exchange = running.exchange_of(answer)
    assert exchange.trap is None
    assert exchange.traceback is not None
    assert exchange.traceback.message == "ValueError: raised by the guest"
    assert [frame.function for frame in exchange.traceback.frames] == ["fail", "admit"]


def test_requests_that_end_together_are_told_of_together() -> None:
    one = Policy(limits=Limits(max_instances=1))
    with serving({"root": built("python")}, one) as running, ExitStack() as clients:
        # Better code brings new instances, which the trap would be one of.
        running.wait_for(lambda: _strategy(running) == "cranelift")
        for number in range(1, 4):
            clients.callback(running.begin("/sleep?ms=100000").close)
            running.wait_for(partial(_are_in_flight, running, number))
        assert running.get("/trap").status == 500
        failure = told(running, "/trap")
        assert len(running.failures) == 1
        assert len(failure.exchanges) == 4
        running.wait_for(lambda: len(running.exchanges) == len(failure.exchanges))
        assert {exchange.trap for exchange in running.exchanges} == {failure.trap}


def _strategy(running: Running) -> str:
    pool = running.executor._pools.http["root"]
    return running.ask(lambda: pool.program.component.engine.strategy)


def _are_in_flight(running: Running, number: int) -> bool:
    return sum(_in_flight(running)) == number


def _in_flight(running: Running) -> list[int]:
    """How many requests each instance has."""
    return running.ask(
        lambda: [len(guest.in_flight) for guest in running.executor._pools.http["root"]._guests]
    )


def test_an_exception_in_a_host_function_arrives_as_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a bug of the host")

    monkeypatch.setattr(fields, "Fields", broken)
    with serving({"text": built("wat/hello")}) as running:
        assert running.get("/text").status == 500
        failure = told(running, "/text")
        assert type(failure.error) is ZeroDivisionError
        assert failure.error.__traceback__ is not None
        assert [frame.function for frame in failure.trap.frames][-1:] == ["handle"]
        monkeypatch.undo()
        assert running.get("/text").status == 200


HOSTILE = '"\\1b[31mred\\1b]0;title\\07\\u{202e}evil"'
FRAME = Path(__file__).parents[1] / "guests" / "wat" / "service.wat"


@pytest.fixture
def hostile(tmp_path: Path) -> Callable[[str], Path]:
    """Call it with a function's name to have a guest that traps in it."""

    def make(name: str) -> Path:
        body = f"""(func ${name} (unreachable))
            (func (export "handle") (param i32) (result i32) (call ${name}) (i32.const 0))
            (func (export "callback") (param i32 i32 i32) (result i32) (unreachable))"""
        path = tmp_path / "hostile.wasm"
        path.write_bytes(wat_to_wasm(FRAME.read_text().replace("(; BODY ;)", body)))
        return path

    return make


@pytest.mark.parametrize("name", [HOSTILE, f'"{"x" * 1_000_000}"', f'"_ZN{"3foo" * 9999}E"'])
def test_names_that_would_harm_a_terminal(hostile: Callable[[str], Path], name: str) -> None:
    with serving({"odd": hostile(name)}) as running:
        assert running.get("/odd").status == 500
        shown = told(running, "/odd").trap.frames[0].function
        assert shown.isprintable()
        assert len(shown) < 5000


def test_failures_that_many_wait_for(hostile: Callable[[str], Path]) -> None:
    with serving({"odd": hostile("often")}) as running:
        threads = [threading.Thread(target=running.get, args=(f"/odd?{n}",)) for n in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        running.wait_for(lambda: len(running.exchanges) == 40)
        running.wait_for(lambda: len(running.failures) == 40)


class Named(NamedTuple):
    id: str
    export: str
    symbols: Symbols


def test_secrets_are_not_told() -> None:
    found: list[Failure] = []
    exchange = Exchange("http", "/...", "app")
    exchange.write("stderr", b"thread 'main' panicked at src/lib.rs:1:1:\nbad key hunter22\n")
    subject = Named("app", "a:b/c#d", Symbols(bytes, ()))

    async def report() -> None:
        secrets = ("hunter22", "", "a")
        failures = Failures(Bus(), SourceTree(Path("/nowhere")), found.append, lambda: secrets)
        failures.report(subject, Trap("the guest named hunter22"), exchange)
        failures.close()

    asyncio.run(report())
    trap = exchange.trap
    assert trap is not None
    assert trap.traceback is not None
    assert trap.reason == "the guest named [redacted]"
    assert trap.traceback.message == "bad key [redacted]"
    assert [failure.exchanges for failure in found] == [(exchange,)]
