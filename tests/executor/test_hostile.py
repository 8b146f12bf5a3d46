"""Guests that break every rule: each costs its own request and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving

from spindle.component.core import Engine
from spindle.executor import Engines, Fixed, Policy

TEXT = b"hello from the text format"
TIMEOUT = "the guest exceeded the request timeout"

BEFORE_THE_RESPONSE = {
    "traps": "wasm `unreachable` instruction executed",
    "never-answers": "the guest's task ended without a result (it never called `task.return`)",
    "forges-handle": "the guest used an unknown handle index 999",
    "overflows": "call stack exhausted",
    "overruns-memory": "the guest gave a result pointer out of bounds of its memory: 0x7ffffff8",
    "loops": TIMEOUT,
    "waits": TIMEOUT,
    "yields": TIMEOUT,
}
"""What each is answered with 500 for."""

AFTER_THE_RESPONSE = {
    "answers-twice": (b"", "the guest returned a result twice"),
    "drops-trailers": (b"", "dropped the writable end of a future before writing to it"),
    "stalls": (TEXT, "the guest ended before the body it was writing"),
}
"""The body each gave before it failed, and why it did."""

HARMLESS = {"hello": TEXT, "empty": b"", "drops-stream": b"", "grows": b"", "loops-late": b""}

POLICY = Policy(
    request_timeout=Fixed(1), idle_timeout=Fixed(0), memory_limit=16 << 20, max_instances=100
)


class BaselineEngines(Engines):
    """Everything is compiled as it is in haste."""

    @cached_property
    def optimised(self) -> Engine:
        """No better than the other."""
        return self.baseline


@pytest.fixture(scope="module", params=[Engines, BaselineEngines], ids=["optimised", "baseline"])
def host(request: pytest.FixtureRequest) -> Iterator[Running]:
    names = (*BEFORE_THE_RESPONSE, *AFTER_THE_RESPONSE, *HARMLESS)
    guests = {name: built(f"wat/{name}") for name in names}
    engines: Engines = request.param()
    with serving(guests, POLICY, engines=engines) as running:
        yield running


@pytest.mark.parametrize("name", BEFORE_THE_RESPONSE)
def test_a_failure_before_the_response_is_500_and_told(host: Running, name: str) -> None:
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (500, b"")
    assert host.error_of(f"/{name}") == BEFORE_THE_RESPONSE[name]
    assert host.get("/hello").body == TEXT


@pytest.mark.parametrize("name", AFTER_THE_RESPONSE)
def test_a_failure_after_the_response_is_told(host: Running, name: str) -> None:
    body, reason = AFTER_THE_RESPONSE[name]
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (200, body)
    assert reason in host.error_of(name)
    assert host.get("/hello").body == TEXT


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_failure(host: Running, name: str) -> None:
    answer = host.get(f"/{name}")
    assert (answer.status, answer.body) == (200, HARMLESS[name])


def test_work_after_the_response_is_stopped_in_the_end(host: Running) -> None:
    exchange = host.exchange_of(host.get("/loops-late"))
    numbers = [exchange.instance]
    host.wait_for(lambda: not numbers_of(host, "loops-late").intersection(numbers))


def numbers_of(running: Running, component: str) -> set[int | None]:
    """The instances of a component there are."""
    return running.ask(lambda: {g.number for g in running.executor._pools[component]._guests})


@pytest.fixture(scope="module")
def languages() -> Iterator[Running]:
    guests = {
        "root": built("python"),
        "javascript": built("javascript"),
        "hello": built("wat/hello"),
    }
    policy = POLICY._replace(request_timeout=Fixed(3), memory_limit=128 << 20)
    with serving(guests, policy, wagi={"wagi": built("wagi")}) as running:
        yield running


@pytest.mark.parametrize(
    "path",
    ["/loop", "/never", "/sleep?ms=100000", "/javascript/loop", "/javascript/sleep?ms=100000"],
)
def test_taking_too_long(languages: Running, path: str) -> None:
    answer = languages.get(path)
    assert answer.status == 500
    assert languages.error_of(path) == TIMEOUT


def test_never_going_on_with_the_response(languages: Running) -> None:
    answer = languages.get("/stall")
    assert (answer.status, answer.body) == (200, b"started")
    assert languages.error_of("root") == TIMEOUT


@pytest.mark.parametrize("path", ["/allocate", "/javascript/allocate"])
def test_allocating_without_end(languages: Running, path: str) -> None:
    assert languages.get(path).status == 500
    assert languages.get("/hello").status == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/trap", "wasm `unreachable` instruction executed"),
        ("/fail", "wasm `unreachable` instruction executed"),
        ("/error", "internal-error: returned by the guest"),
        ("/leave?code=3", "the guest exited with status 1"),
        ("/leave?code=0", "the guest exited with status 0"),
        ("/wagi?mode=trap", "wasm `unreachable` instruction executed"),
    ],
)
def test_failing_in_other_ways(languages: Running, path: str, message: str) -> None:
    assert languages.get(path).status == 500
    assert languages.error_of(path) == message


def test_a_late_trap_ends_the_body_and_is_told(languages: Running) -> None:
    answer = languages.get("/trap-later")
    assert (answer.status, answer.body) == (200, b"before the trap")
    trap = languages.exchange_of(answer).trap
    assert trap is not None
    assert trap.frames
    assert any(str(error) == trap.reason for name, error in languages.errors if name == "root")


def test_an_error_in_place_of_trailers_ends_the_body_and_is_told(languages: Running) -> None:
    answer = languages.get("/cut")
    assert (answer.status, answer.body) == (200, b"half")
    languages.wait_for(lambda: any(str(e) == "internal-error: cut" for _, e in languages.errors))
