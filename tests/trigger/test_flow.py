"""How events wait for one another."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spindle.exchange import Exchange
from spindle.executor import Firing
from spindle.trigger import flow
from spindle.trigger.flow import Flow


def event(number: int) -> Firing:
    return Firing("redis", str(number), "a")


class Handlers:
    """Handlers that end when they are told to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.working: dict[int, asyncio.Future[Exchange]] = {}
        self.most = 0

    def fire(self, firing: Firing) -> asyncio.Future[Exchange]:
        number = int(firing.target)
        self.begun.append(number)
        self.working[number] = asyncio.get_running_loop().create_future()
        self.most = max(self.most, len(self.working))
        return self.working[number]

    def end(self, number: int) -> None:
        self.working.pop(number).set_result(Exchange("redis", str(number), "a"))


@given(
    at_once=st.integers(1, 5),
    many=st.integers(0, 30),
    choices=st.lists(st.integers(0, 4), min_size=30, max_size=30),
)
def test_all_begin_in_order_and_few_at_once(at_once: int, many: int, choices: list[int]) -> None:
    async def check() -> None:
        handlers = Handlers()
        done: list[int] = []
        events = Flow(handlers.fire, at_once)
        for number in range(many):
            events.put(event(number), 1, lambda number=number: done.append(number))  # type: ignore[misc]
        for choice in choices[:many]:
            chosen = sorted(handlers.working)[choice % len(handlers.working)]
            handlers.end(chosen)
            await asyncio.sleep(0)
        await events.wait_empty()
        assert handlers.begun == list(range(many))
        assert handlers.most <= at_once
        assert sorted(done) == list(range(many))

    asyncio.run(check())


@pytest.mark.asyncio
async def test_who_puts_too_much_is_asked_to_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "MOST_BYTES", 100)
    said: list[str] = []
    handlers = Handlers()
    events = Flow(
        handlers.fire, 1, on_full=lambda: said.append("full"), on_room=lambda: said.append("room")
    )
    for number in range(5):
        events.put(event(number), 30)
    assert said == ["full"]
    for number in range(5):
        handlers.end(number)
        await asyncio.sleep(0)
    assert said == ["full", "room"]
    await events.wait_empty()


@pytest.mark.asyncio
async def test_so_is_who_puts_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "MOST_WAITING", 3)
    said: list[str] = []
    events = Flow(Handlers().fire, 1, on_full=lambda: said.append("full"))
    for number in range(3):
        events.put(event(number))
    assert said == []
    events.put(event(3))
    assert said == ["full"]
    events.abort()


@pytest.mark.asyncio
async def test_nothing_is_waited_for_after_an_abort() -> None:
    handlers = Handlers()
    events = Flow(handlers.fire, 2)
    for number in range(4):
        events.put(event(number))
    events.abort()
    await events.wait_empty()
    await asyncio.sleep(0)
    assert handlers.begun == [0, 1]
    assert all(working.cancelled() for working in handlers.working.values())
    assert events.under_way == 0
