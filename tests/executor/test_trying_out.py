"""A new build is started once before it serves, or is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.executor.harness import Running, serving

from spindle.component.trap import Trap
from spindle.executor import Policy
from spindle.executor.guest import Guest as LiveGuest
from spindle.executor.pool import Pool
from spindle.executor.supply import Supply
from spindle.limits import Limits

Guest = Callable[[str], Path]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Supply]:
    """Who was asked for an instance, each time."""
    asked: list[Supply] = []
    take = Supply.take

    def counted(supply: Supply) -> object:
        asked.append(supply)
        return take(supply)

    monkeypatch.setattr(Supply, "take", counted)
    return asked


@contextmanager
def tried_out(running: Running) -> Iterator[tuple[Pool, list[LiveGuest], BaseException | None]]:
    """A new pool of the build that is served, what is alive in it once it was tried out, and why
    it is refused."""

    async def try_out() -> tuple[Pool, list[LiveGuest], BaseException | None]:
        served = running.executor._pools.http["root"]
        pool = Pool(served.program, served._policy, lambda *_: None)
        try:
            await pool.try_out()
        except Trap as error:
            return pool, list(pool.guests), error
        return pool, list(pool.guests), None

    pool, guests, error = running.call(try_out())
    try:
        yield pool, guests, error
    finally:
        running.ask(lambda: pool.close(lambda: ConnectionError("the test is over")))


def test_one_instance_is_started_however_long_that_takes(
    guest: Guest, started: list[Supply]
) -> None:
    policy = Policy(limits=Limits(max_instances=4))
    with serving({"root": guest("wat/starts-slowly")}, policy) as running:
        with tried_out(running) as (pool, (kept,), error):
            assert error is None
            assert kept.idle
            assert [each for each in started if each is pool._supply] == [pool._supply]
        assert kept.closed


def test_what_can_not_start_is_refused(guest: Guest) -> None:
    unasked = Policy(spare=False)
    with (
        serving({"root": guest("wat/traps-starting")}, unasked) as running,
        tried_out(running) as (pool, guests, error),
    ):
        assert "unreachable" in str(error)
        assert guests == []
        running.ask(lambda: pool.retire(lambda: None))
        assert running.ask(lambda: pool._closed), "something of it is under way"
