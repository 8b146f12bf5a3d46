"""Guests on instances that were restored, most of which serve one request each."""

from __future__ import annotations

import gc
import re
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from tests.conftest import built
from tests.executor.harness import Running, serving

from spindle.component.core.callbacks import stores
from spindle.component.exports import Instance
from spindle.component.instantiation import States
from spindle.component.pages import tells_dirty_pages
from spindle.component.snapshot import RestorableInstance
from spindle.executor import Fixed, Policy
from spindle.executor.supply import GIVE_UP, Supply
from spindle.factors import InstanceState
from spindle.limits import Limits

pytestmark = pytest.mark.skipif(
    not tells_dirty_pages(), reason="only Linux since 6.7 says which pages were written to"
)

ALONE = Policy(reuse_count=Fixed(1), idle_timeout=Fixed(30))


@contextmanager
def alone(guest: str, policy: Policy = ALONE) -> Iterator[Running]:
    """A guest whose second instance, and with it all that is restored from it, is there."""
    with serving({"root": built(guest)}, policy) as running:
        for _ in range(3):
            running.get("/hello")
        running.wait_for(lambda: kept(running) or not policy.restore)
        yield running


def kept(running: Running) -> int:
    """How many instances wait for a request, the spare included."""
    pool = running.executor._pools.http["root"]
    return running.ask(lambda: len(pool._supply._ready) + (pool._spare is not None))


@pytest.mark.parametrize("guest", ["python", "javascript"])
def test_guests_remember_nothing(guest: str) -> None:
    with alone(guest) as running:
        assert {running.get("/count").text for _ in range(8)} == {running.get("/count").text}
        chances = [running.get("/chance").text for _ in range(8)]
        assert len(set(chances)) == 8


@pytest.mark.parametrize("guest", ["python", "javascript", "reflect", "rust-p2", "rust-p3"])
def test_restored_instances_answer_as_new_ones(guest: str) -> None:
    paths = ["/hello", "/reflect?a=b", "/nothing/here", "/hello"]
    with alone(guest, ALONE._replace(restore=False)) as running:
        fresh = [answer_of(running, path) for path in paths]
    with alone(guest) as running:
        for _ in range(5):
            assert [answer_of(running, path) for path in paths] == fresh


def answer_of(running: Running, path: str) -> tuple[int, list[tuple[str, str]], bytes]:
    """What a client sees, but for what differs from one request to another."""
    answer = running.request("POST", path, b"a body", {"host": "example.com"})
    varying = ("spindle-exchange", "date")
    headers = [(name, value) for name, value in answer.headers.items() if name not in varying]
    return answer.status, headers, re.sub(rb"127.0.0.1:\d+", b"client", answer.body)


def test_requests_have_instances_of_their_own() -> None:
    with alone("javascript") as running:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: running.get("/count"), range(40)))
        assert {answer.text for answer in answers} == {"1"}
        numbers = [running.exchange_of(answer).instance for answer in answers]
        assert len(set(numbers)) == 40


def test_output_belongs_to_the_request_under_way() -> None:
    with alone("javascript") as running:
        for number in range(4):
            answer = running.get(f"/log?text={number}")
            exchange = running.exchange_of(answer)
            written = [data for _, _, data, of in running.output if of is exchange]
            assert b"".join(written).count(f"{number}".encode()) == 2


@pytest.mark.parametrize("path", ["/fail", "/allocate"])
def test_a_failure_leaves_no_trace(path: str) -> None:
    with alone(
        "javascript", ALONE._replace(limits=Limits(max_instance_memory=64 << 20))
    ) as running:
        for _ in range(3):
            assert running.get(path).status >= 500
            assert running.get("/count").text == "1"


def test_few_instances_serve_many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Supply] = []
    make = Supply._make

    def counting(
        supply: Supply, state: InstanceState, nested: States
    ) -> Generator[None, None, Instance]:
        made.append(supply)
        return make(supply, state, nested)

    monkeypatch.setattr(Supply, "_make", counting)
    with alone("rust-p2") as running:
        made.clear()
        for _ in range(50):
            running.get("/")
        assert len(made) < 4


def test_instances_that_have_served_all_they_may_begin_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    restored: list[RestorableInstance] = []
    adopt = RestorableInstance.adopt

    def noting(instance: RestorableInstance, *states: Any) -> None:
        restored.append(instance)
        adopt(instance, *states)

    monkeypatch.setattr(RestorableInstance, "adopt", noting)
    policy = Policy(reuse_count=Fixed(3), idle_timeout=Fixed(30))
    with serving({"root": built("python")}, policy) as running:
        for _ in range(1000):
            assert running.get("/count").text in {"1", "2", "3"}
            if len(restored) > 2:
                return
    raise AssertionError("no instance was restored")


def test_instances_that_nobody_needs_are_freed() -> None:
    before = set(stores)
    with alone("rust-p2", ALONE._replace(idle_timeout=Fixed(0))) as running:
        pool = running.executor._pools.http["root"]
        running.wait_for(lambda: not running.ask(lambda: pool._supply.stocked))
    gc.collect()
    assert set(stores) == before


def test_what_cannot_be_restored_is_given_up() -> None:
    policy = ALONE._replace(
        limits=Limits(max_instance_memory=64 << 20)
    )  # under a limit no memory may have grown
    with serving({"root": built("rust-p2")}, policy) as running:
        for _ in range(GIVE_UP + 3):
            assert running.get("/").status == 200
        assert not running.executor._pools.http["root"]._supply._may_restore
        assert running.get("/").status == 200
