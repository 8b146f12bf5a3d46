import time

import pytest

from spindle.dev.statistics import Counting, Key, Rate, process_now, together
from spindle.dev.statistics.counting import MOST_KEYS
from spindle.events import Bus, EventKind
from spindle.exchange import Exchange, HttpOutput, Trap


def finished(target: str, *, status: int = 200, trap: str | None = None) -> Exchange:
    exchange = Exchange("http", target, "api")
    exchange.output = HttpOutput(status, [])
    exchange.finish(None if trap is None else Trap(trap))
    return exchange


def test_what_finishes_is_counted_by_target() -> None:
    bus = Bus()
    counting = Counting(bus)
    for exchange in (
        finished("/a"),
        finished("/a", status=404),
        finished("/a", status=503),
        finished("/b", trap="unreachable"),
    ):
        bus.publish(EventKind.EXCHANGE_STARTED, exchange)
        bus.publish(EventKind.EXCHANGE_FINISHED, exchange)
    a, b = (counting.of(Key("http", target, "api")) for target in ("/a", "/b"))
    assert (a.count, a.errors) == (3, 1)
    assert (b.count, b.errors) == (1, 1)
    took, errors = together(counting.of_component("api"))
    assert (took.total, errors) == (4, 2)
    assert a.microseconds(0.5) is not None
    assert counting.of(Key("http", "/c", "api")).microseconds(0.5) is None
    assert counting.counted() == [Key("http", "/a", "api"), Key("http", "/b", "api")]


def test_targets_that_guests_think_up_cost_bounded_memory() -> None:
    bus = Bus()
    counting = Counting(bus)
    for number in range(MOST_KEYS + 10):
        bus.publish(EventKind.EXCHANGE_FINISHED, finished(f"/{number}"))
    assert len(counting.counted()) <= MOST_KEYS
    assert together(counting.all())[0].total == MOST_KEYS + 10


@pytest.mark.parametrize(
    ("seconds", "now", "since", "rate"),
    [
        ([], 100.0, 0.0, 0.0),
        ([100] * 5, 100.9, 100.2, 5.0),
        ([95] * 20, 100.5, 0.0, 2.0),
        ([90] * 20, 100.5, 0.0, 2.0),
        ([89] * 20, 100.5, 0.0, 0.0),
        ([99] * 20 + [100] * 7, 100.5, 0.0, 2.0),
        ([99] * 20, 100.5, 98.7, 10.0),
        ([50] * 20, 1000.0, 0.0, 0.0),
    ],
)
def test_a_rate_is_of_the_last_whole_seconds(
    seconds: list[int], now: float, since: float, rate: float
) -> None:
    counted = Rate()
    for second in seconds:
        counted.add(second)
    assert counted.lately(now, since) == rate


def test_a_process_takes_memory_and_time() -> None:
    before = process_now()
    assert before.rss > 1_000_000
    until = time.process_time() + 0.01
    while time.process_time() < until:
        pass
    assert process_now().cpu_seconds > before.cpu_seconds
