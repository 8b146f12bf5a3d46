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
def new_pool(running: Running) -> Iterator[Pool]:
    """A pool of the build that is served, which serves nobody yet."""
    served = running.ask(lambda: running.executor._pools.http["root"])
    pool = running.ask(lambda: Pool(served.program, served._policy, lambda *_: None))
    try:
        yield pool
    finally:
        running.ask(lambda: pool.close(lambda: ConnectionError("the test is over")))


def live(running: Running, pool: Pool) -> list[LiveGuest]:
    return running.ask(lambda: list(pool.guests))


def test_one_instance_is_started_however_long_that_takes(
    guest: Guest, started: list[Supply]
) -> None:
    policy = Policy(limits=Limits(max_instances=4))
    with serving({"root": guest("wat/starts-slowly")}, policy) as running:
        with new_pool(running) as pool:
            running.call(pool.try_out())
            (kept,) = live(running, pool)
            assert kept.idle
            assert not kept.retired
            assert [each for each in started if each is pool._supply] == [pool._supply]
        assert kept.closed


def test_what_can_not_start_is_refused(guest: Guest) -> None:
    unasked = Policy(spare=False)
    with serving({"root": guest("wat/traps-starting")}, unasked) as running:  # noqa: SIM117
        with new_pool(running) as pool:
            with pytest.raises(Trap, match="unreachable"):
                running.call(pool.try_out())
            assert live(running, pool) == []
            running.ask(lambda: pool.retire(lambda: None))
            assert running.ask(lambda: pool._closed), "something of it is under way"
