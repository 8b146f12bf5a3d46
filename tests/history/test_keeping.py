import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest
from tests.history.exchanges import exchange_of

from spindle.events import Bus, EventKind
from spindle.exchange.filters import parse_filter
from spindle.history import Keeper, Store, keeping

pytestmark = pytest.mark.asyncio


class Told(list[str]):
    """What somebody was told."""

    def tell(self, message: str, hints: tuple[str, ...]) -> None:
        self.append("; ".join((message, *hints)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spindle" / "exchanges.db"


def publish(bus: Bus, *paths: str) -> None:
    for each in paths:
        bus.publish(EventKind.EXCHANGE_FINISHED, exchange_of(each))


async def test_what_has_finished_can_be_read_at_once(path: Path) -> None:
    bus, told = Bus(), Told()
    keeper = Keeper(bus, path, told.tell)
    await keeper.start()
    exchange = exchange_of("/a")
    bus.publish(EventKind.EXCHANGE_STARTED, exchange_of("/not-yet"))
    bus.publish(EventKind.EXCHANGE_FINISHED, exchange)
    assert await keeper.get(exchange.id[:-1]) == exchange.to_json()
    assert [summary.path for summary in await keeper.list()] == ["/a"]
    assert await keeper.count(parse_filter("status:200")) == 1
    await keeper.close()
    assert told == []


async def test_nothing_is_lost_at_the_end(path: Path) -> None:
    bus, told = Bus(), Told()
    keeper = Keeper(bus, path, told.tell)
    await keeper.start()
    publish(bus, *(f"/{number}" for number in range(1234)))
    await keeper.close()
    publish(bus, "/too-late")
    store = Store.read(path)
    assert store.count() == 1234
    store.close()
    assert told == []


async def test_a_keeper_may_be_closed_again(path: Path) -> None:
    keeper = Keeper(Bus(), path, Told().tell)
    await keeper.start()
    await keeper.close()
    await keeper.close()


async def test_documents_from_elsewhere(path: Path) -> None:
    keeper = Keeper(Bus(), path, Told().tell)
    await keeper.start()
    document = exchange_of("/far").to_json()
    await keeper.add([document])
    assert await keeper.get(str(document["id"])) == document
    with pytest.raises(LookupError):
        await keeper.add([{"v": 1}])
    await keeper.close()


async def test_without_a_directory_exchanges_are_kept_in_memory() -> None:
    bus = Bus()
    keeper = Keeper(bus, None, Told().tell)
    await keeper.start()
    publish(bus, "/a")
    assert [summary.path for summary in await keeper.list()] == ["/a"]
    await keeper.close()


async def test_a_file_that_can_not_be_had_is_said_once(path: Path) -> None:
    path.parent.write_text("in the way")
    bus, told = Bus(), Told()
    keeper = Keeper(bus, path, told.tell)
    await keeper.start()
    publish(bus, "/a")
    assert await keeper.count() == 1
    assert keeper.path is None
    await keeper.close()
    (said,) = told
    assert "can't be opened" in said
    assert "kept in memory" in said


async def test_a_locked_file_is_said_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spindle.history.database.BUSY_SECONDS", 0.01)
    bus, told = Bus(), Told()
    keeper = Keeper(bus, path, told.tell)
    await keeper.start()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for number in range(3):
        publish(bus, f"/lost-{number}")
        assert await keeper.count() == 0
    other.execute("ROLLBACK")
    other.close()
    publish(bus, "/kept")
    assert await keeper.count() == 1
    await keeper.close()
    assert keeper.lost == 3
    said, lost = told
    assert "is locked" in said
    assert lost == "3 exchanges could not be kept"


async def test_a_slow_disk_costs_details_and_then_exchanges(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "DETAIL_BYTES", 5_000)
    monkeypatch.setattr(keeping, "MOST_BYTES", 10_000)
    bus, told = Bus(), Told()
    keeper = Keeper(bus, path, told.tell)
    await keeper.start()
    stuck = threading.Event()
    keeper._thread.submit(stuck.wait)
    before, count = asyncio.get_running_loop().time(), 60
    for number in range(count):
        body = b"x" * 1000
        bus.publish(EventKind.EXCHANGE_FINISHED, exchange_of(f"/{number}", body=body))
    assert asyncio.get_running_loop().time() - before < 5
    stuck.set()
    kept = await keeper.list(limit=None)
    await keeper.close()
    assert keeper.lost > 0
    assert keeper.bare > 0
    assert len(kept) == count - keeper.lost
    store = Store.read(path)
    bare = [store.get(summary.id) for summary in kept[: keeper.bare]]
    store.close()
    assert all(document and document["truncated"] == ["output.body"] for document in bare)
    assert told == [
        "exchanges come faster than they can be written: they lose details",
        f"{keeper.lost} exchanges could not be kept,"
        f" and {keeper.bare} only without bodies and output",
    ]


async def test_a_stuck_disk_does_not_keep_a_host_from_ending(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PATIENCE_SECONDS", 0.01)
    bus, told = Bus(), Told()
    keeper = Keeper(bus, path, told.tell)
    await keeper.start()
    store, stuck = keeper._store, threading.Event()
    assert store is not None
    keeper._thread.submit(stuck.wait)
    publish(bus, "/a", "/b")
    await keeper.close()
    assert told == ["2 exchanges could not be kept"]
    stuck.set()
    store.close()


async def test_a_huge_exchange_loses_its_details(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LARGEST", 10_000)
    bus = Bus()
    keeper = Keeper(bus, path, Told().tell)
    await keeper.start()
    exchange = exchange_of(body=b"x" * 20_000)
    bus.publish(EventKind.EXCHANGE_FINISHED, exchange)
    document = await keeper.get(exchange.id)
    assert document is not None
    assert document["truncated"] == ["output.body"]
    await keeper.close()
