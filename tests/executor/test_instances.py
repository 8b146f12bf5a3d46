"""Which instance serves a request, and how long instances live."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.conftest import Answer
from tests.executor.harness import Running, serving, vanish

from spindle.executor import Fixed, Policy
from spindle.executor.guest import Guest as LiveGuest
from spindle.limits import Limits

Guest = Callable[[str], Path]


def together(running: Running, paths: list[str]) -> list[Answer]:
    """The answers to requests that are sent at the same time."""
    answers: dict[int, Answer] = {}

    def ask(number: int, path: str) -> None:
        answers[number] = running.get(path)

    threads = [threading.Thread(target=ask, args=pair) for pair in enumerate(paths)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(paths))]


def guests(running: Running, component: str = "root") -> set[LiveGuest]:
    """A component's instances."""
    return running.ask(lambda: set(running.executor._pools.http[component]._guests))


def shares(running: Running, clients: ExitStack, count: int) -> list[int]:
    """How many of so many requests that last each busy instance serves, once all are served."""
    for _ in range(count):
        clients.callback(running.begin("/sleep?ms=100000").close)

    def in_flight() -> list[int]:
        return [len(each.in_flight) for each in guests(running) if each.in_flight]

    running.wait_for(lambda: sum(in_flight()) == count)
    return in_flight()


def test_an_instance_serves_so_many_requests(guest: Guest) -> None:
    with serving({"root": guest("python")}, Policy(reuse_count=Fixed(3))) as running:
        served: dict[int | None, list[int]] = {}
        for _ in range(20):
            answer = running.get("/count")
            served.setdefault(running.exchange_of(answer).instance, []).append(int(answer.body))
    assert max(map(len, served.values())) == 3
    for counts in served.values():
        assert counts == list(range(1, len(counts) + 1))


def test_a_request_is_given_to_an_instance_once_that_waits_itself(guest: Guest) -> None:
    one = Policy(limits=Limits(max_instances=1))
    with serving({"root": guest("python")}, one) as running, ExitStack() as clients:
        assert shares(running, clients, 3) == [3]


def test_an_instance_serves_several_requests_at_once(guest: Guest) -> None:
    policy = Policy(concurrent_reuse_count=Fixed(3))
    with serving({"root": guest("python")}, policy) as running, ExitStack() as clients:
        running.get("/hello")
        at_once = shares(running, clients, 9)
        assert len(at_once) < 9
        assert max(at_once) <= 3
        answers = together(running, ["/sleep?ms=30"] * 9)
        assert {answer.body for answer in answers} == {b"slept"}


def test_a_full_instance_does_not_make_others_wait(guest: Guest) -> None:
    policy = Policy(concurrent_reuse_count=Fixed(1))
    with serving({"root": guest("python")}, policy) as running, ExitStack() as clients:
        assert shares(running, clients, 4) == [1] * 4


@pytest.mark.parametrize("name", ["javascript", "rust-p2"])
def test_an_instance_of_wasi_02_serves_one_request(guest: Guest, name: str) -> None:
    with serving({"root": guest(name)}) as running:
        answers = [running.get("/count") for _ in range(3)]
        assert {answer.status for answer in answers} == {200}
        assert len({running.exchange_of(answer).instance for answer in answers}) == 3


def test_an_instance_nobody_needs_is_ended(guest: Guest) -> None:
    with serving({"root": guest("python")}, Policy(idle_timeout=Fixed(0))) as running:
        number = running.exchange_of(running.get("/count")).instance
        running.wait_for(lambda: number not in {g.number for g in guests(running)})
        assert running.get("/count").body == b"1"


def test_an_instance_ends_only_when_its_body_is_sent(guest: Guest) -> None:
    with serving({"root": guest("python")}, Policy(idle_timeout=Fixed(0))) as running:
        answer = running.get("/drip?count=20&ms=20")
        assert answer.body.split() == [b"%d" % number for number in range(20)]


def test_a_body_that_is_passed_on_outlives_the_instance(guest: Guest) -> None:
    with serving({"root": guest("python")}, Policy(idle_timeout=Fixed(0))) as running:
        with running.connect() as client:
            client.sendall(b"POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc")
            received = b""
            while b"abc" not in received:
                received += client.recv(4096)
            running.wait_for(lambda: not any(g.in_flight or g.served for g in guests(running)))
            client.sendall(b"def")
            while not received.endswith(b"0\r\n\r\n"):
                received += client.recv(4096)
        assert b"def" in received


def test_requests_wait_for_an_instance(guest: Guest) -> None:
    components = {"javascript": guest("javascript")}
    with serving(components, Policy(limits=Limits(max_instances=2))) as running:
        answers = together(running, ["/javascript/sleep?ms=30"] * 10)
        assert {(answer.status, answer.body) for answer in answers} == {(200, b"slept")}


def test_a_request_that_waits_too_long_fails(guest: Guest) -> None:
    policy = Policy(limits=Limits(max_instances=1), request_timeout=Fixed(4))
    with serving({"javascript": guest("javascript")}, policy) as running:
        answers = together(running, ["/javascript/never", "/javascript/never"])
        assert {answer.status for answer in answers} == {500}
        assert running.get("/javascript/hello").status == 200


def test_a_client_that_leaves_while_it_waits_gets_no_instance(guest: Guest) -> None:
    policy = Policy(limits=Limits(max_instances=1))
    with serving({"javascript": guest("javascript")}, policy) as running:
        first = running.begin("/javascript/sleep?ms=100000")
        running.wait_for(lambda: any(g.in_flight for g in guests(running, "javascript")))
        waiting = running.executor._pools.http["javascript"]._waiting
        second = running.begin("/javascript/hello")
        running.wait_for(lambda: len(waiting) == 1)
        vanish(second)
        running.wait_for(lambda: any(invocation.finished for invocation, _ in waiting))
        (busy,) = guests(running, "javascript")
        running.ask(lambda: busy.kill(RuntimeError("the test is over")))
        running.wait_for(lambda: not waiting)
        reasons = {e.instance: e.trap.reason for e in running.exchanges if e.trap is not None}
        assert reasons == {busy.number: "the test is over", None: "the client went away"}
        first.close()
