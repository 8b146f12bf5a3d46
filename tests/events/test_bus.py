import asyncio

from spindle.events import Bus, Dropped, Event, EventKind, Subscription


def test_nobody_hears_what_is_said_before_subscribing() -> None:
    bus = Bus()
    assert not bus.heard
    bus.publish(EventKind.APP_LOADED)
    subscription = bus.subscribe()
    assert bus.heard
    assert subscription.get_nowait() is None


def test_events_arrive_in_order_and_by_kind() -> None:
    bus = Bus()
    everything, logs = bus.subscribe(), bus.subscribe({EventKind.LOG})
    bus.publish(EventKind.EXCHANGE_STARTED, "a")
    bus.publish(EventKind.LOG, "b")
    assert [e.data for e in drained(everything)] == ["a", "b"]
    assert [e.data for e in drained(logs)] == ["b"]


def test_a_slow_subscriber_loses_the_oldest_and_is_told() -> None:
    bus = Bus()
    slow, fast = bus.subscribe(limit=2), bus.subscribe()
    for number in range(5):
        bus.publish(EventKind.LOG, number)
    first, *rest = drained(slow)
    assert (first.kind, first.data) == (EventKind.DROPPED, Dropped(3))
    assert [e.data for e in rest] == [3, 4]
    assert [e.data for e in drained(fast)] == [0, 1, 2, 3, 4]


def test_a_subscription_is_iterated_until_it_is_closed() -> None:
    async def scenario() -> list[object]:
        bus = Bus()
        subscription = bus.subscribe()

        async def listen() -> list[object]:
            return [event.data async for event in subscription]

        listener = asyncio.create_task(listen())
        await asyncio.sleep(0)
        bus.publish(EventKind.LOG, 1)
        await asyncio.sleep(0)
        bus.publish(EventKind.LOG, 2)
        subscription.close()
        bus.publish(EventKind.LOG, 3)
        assert not bus.heard
        return await listener

    assert asyncio.run(scenario()) == [1, 2]


def drained(subscription: Subscription) -> list[Event]:
    return list(iter(subscription.get_nowait, None))
