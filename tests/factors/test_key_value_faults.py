"""Key-value stores when things go wrong, or are large."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.labs import LabError, Labs
from tests.services.redis import GuardedRedis, Redis

from spindle.factors.key_value import KeyValueError, SqliteStores, sqlite_file
from spindle.factors.key_value.store import pages_of

Own = Callable[[type[Redis]], Redis]

FILE = '[key_value_store.default]\ntype = "spin"\npath = "{}"\n'
REDIS = '[key_value_store.default]\ntype = "redis"\nurl = "{}"\n'
GET = 'return await (await key_value.open("default")).get("a")'
SET = 'await (await key_value.open("default")).set("a", b"1")'
ROOT = Path(__file__).parents[2]


def writing(file: Path, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.factors.writing", str(file), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def filled(file: Path, statement: str) -> None:
    """Put values into a store's file, as another program would."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL,"
            " value BLOB NOT NULL, PRIMARY KEY (store, key))"
        )
        database.execute(f"INSERT INTO spin_key_value (store, key, value) {statement}")


def test_what_was_kept_survives_a_kill(tmp_path: Path) -> None:
    file, kept = tmp_path / "store.db", set()
    for start in range(0, 100_000, 10_000):
        with writing(file, "set", start, 10_000) as process:
            assert process.stdout is not None
            kept |= {int(process.stdout.readline()) for _ in range(40)}
            process.kill()
            # Of what was on its way, all that was said is kept as well.
            kept |= {int(line) for line in process.stdout.read().split("\n")[:-1]}
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = dict(database.execute("SELECT key, value FROM spin_key_value").fetchall())
    assert {f"key {number}": b"%d" % number * 1000 for number in kept}.items() <= found.items()
    assert all(value == key.removeprefix("key ").encode() * 1000 for key, value in found.items())


def test_two_processes_write_to_one_file(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    with writing(file, "count", "n", 150) as one, writing(file, "count", "n", 150) as other:
        assert (one.wait(), other.wait()) == (0, 0)
    with closing(sqlite3.connect(file)) as database:
        (value,) = database.execute("SELECT value FROM spin_key_value").fetchone()
        assert int.from_bytes(value, "little") == 300
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)


@contextmanager
def locked(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield database


def test_whoever_waits_for_a_lock_holds_up_nobody(tmp_path: Path) -> None:
    async def test() -> None:
        stores = SqliteStores(tmp_path / "store.db")
        store = await stores.open("default")
        await store.set("a", b"1")
        with locked(tmp_path / "store.db") as database:
            reading = asyncio.ensure_future(store.get("a"))
            waiting = asyncio.ensure_future(store.set("a", b"2"))
            for _ in range(10):
                await asyncio.sleep(0)
            assert not reading.done()
            assert not waiting.done()
            database.execute("ROLLBACK")
            assert await reading in (b"1", b"2")
            await waiting
        assert await store.get("a") == b"2"
        await stores.close()

    asyncio.run(test())


def test_a_lock_nobody_gives_back_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.05)
    troubles: list[str] = []

    async def test() -> None:
        stores = SqliteStores(tmp_path / "store.db", troubles.append)
        store = await stores.open("default")
        with locked(tmp_path / "store.db"):
            with pytest.raises(KeyValueError, match="database is locked"):
                await store.set("a", b"1")
            with pytest.raises(KeyValueError, match="database is locked"):
                await store.get("a")
        await store.set("a", b"2")
        assert await store.get("a") == b"2"
        await stores.close()

    asyncio.run(test())
    assert troubles == [f'"{tmp_path / "store.db"}": database is locked'] * 2


def test_one_failure_spoils_no_other_write(tmp_path: Path) -> None:
    async def test() -> None:
        stores = SqliteStores(tmp_path / "store.db")
        store = await stores.open("default")
        await store.set("text", b"no number")
        tries = [
            store.set("a", b"1"),
            store.increment("text", 1),
            store.set_many([("b", b"2"), ("c", b"3")]),
            store.increment("n", 1),
        ]
        results = await asyncio.gather(*tries, return_exceptions=True)
        assert isinstance(results[1], KeyValueError)
        assert [await store.get(key) for key in ("a", "b", "c")] == [b"1", b"2", b"3"]
        assert await store.increment("n", 1) == 2
        await stores.close()

    asyncio.run(test())


def damaged(directory: Path) -> Path:
    path = directory / "damaged.db"
    path.write_bytes(b"this is no database" * 1000)
    return path


def out_of_reach(directory: Path) -> Path:
    (directory / "a file").write_text("")
    return directory / "a file" / "store.db"


def a_folder(directory: Path) -> Path:
    return directory


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (damaged, "file is not a database"),
        (out_of_reach, "File exists: `"),
        (a_folder, "unable to open database file"),
    ],
)
def test_a_file_that_is_none_is_told_of(
    lab: Labs, tmp_path: Path, place: Callable[[Path], Path], why: str
) -> None:
    host = lab(runtime_config=FILE.format(place(tmp_path)), key_value_stores=["default"])
    for _ in range(2):
        with pytest.raises(LabError) as raised:
            host.run(GET)
        assert why in raised.value.value["Error_Other"]
    told = [line for line in host.console.lines if line.startswith("key-value store `default` ")]
    assert len(told) == 1
    assert why in told[0]
    assert host.run("return 1") == 1


def test_a_redis_that_goes_and_comes_back(lab: Labs, own_server: Own) -> None:
    server = own_server(Redis)
    host = lab(runtime_config=REDIS.format(server.url), key_value_stores=["default"])
    host.run(SET)
    server.kill()
    with pytest.raises(LabError) as raised:
        host.run(GET)
    assert "Error_Other" in raised.value.value
    assert "key-value store `default` fails: Redis at 127.0.0.1" in host.console.text
    server.start()
    assert host.run(GET) is None


def test_a_redis_that_is_not_there_yet(lab: Labs, own_server: Own) -> None:
    server = own_server(Redis)
    server.stop()
    host = lab(runtime_config=REDIS.format(server.url), key_value_stores=["default"])
    with pytest.raises(LabError) as raised:
        host.run(SET)
    assert "Error_Other" in raised.value.value
    server.start()
    host.run(SET)
    assert host.run(GET) == b"1"


def test_a_redis_that_does_not_know_us(lab: Labs, own_server: Own) -> None:
    server = own_server(GuardedRedis)
    url = server.url.replace("open", "shut")
    host = lab(runtime_config=REDIS.format(url), key_value_stores=["default"])
    with pytest.raises(LabError) as raised:
        host.run(GET)
    assert "WRONGPASS" in raised.value.value["Error_Other"]
    assert "shut" not in host.console.text


def test_what_is_no_value_in_redis_is_an_error(lab: Labs, redis_server: Redis) -> None:
    redis_server.ask(b"RPUSH kv:list 1\r\n", 10)
    host = lab(runtime_config=REDIS.format(redis_server.url), key_value_stores=["default"])
    with pytest.raises(LabError) as raised:
        host.run('return await (await key_value.open("default")).get("kv:list")')
    assert "WRONGTYPE" in raised.value.value["Error_Other"]


LARGE = {
    "lab-python": """
        store = await key_value.open("default")
        await store.set("large", b"x" * (64 << 20))
        value = await store.get("large")
        return len(value), value[-1]
    """,
    "lab-javascript": """
        const store = imported["fermyon:spin/key-value@2.0.0"].Store.open("default");
        store.set("large", new Uint8Array(64 << 20).fill(120));
        const value = store.get("large");
        return [value.length, value.at(-1)];
    """,
}


@pytest.mark.parametrize("guest", LARGE)
def test_a_large_value_is_kept(lab: Labs, guest: str) -> None:
    host = lab([guest], key_value_stores=["default"])
    assert host.run(LARGE[guest]) == [64 << 20, 120]


def test_a_value_too_large_is_an_error(lab: Labs, tmp_path: Path) -> None:
    filled(tmp_path / "large.db", "VALUES ('default', 'a', zeroblob(134217729))")
    host = lab(runtime_config=FILE.format(tmp_path / "large.db"), key_value_stores=["default"])
    with pytest.raises(LabError) as raised:
        host.run(GET)
    assert raised.value.value == {"Error_Other": "query result exceeds limit of 134217728 bytes"}


MANY = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000)
SELECT 'default', printf('%0.40d', n), x'' FROM numbers
"""


def test_a_million_keys_are_streamed(lab: Labs, tmp_path: Path) -> None:
    filled(tmp_path / "many.db", MANY)
    host = lab(runtime_config=FILE.format(tmp_path / "many.db"), key_value_stores=["default"])
    code = """
        stream, outcome = await (await key_value.open("default")).get_keys()
        count, last = 0, ""
        with stream, outcome:
            while not stream.writer_dropped:
                if keys := await stream.read(10_000):
                    count, last = count + len(keys), keys[-1]
            return count, last, (await outcome.read())
    """
    count, last, outcome = host.run(code)
    assert (count, int(last), outcome) == (1_000_000, 1_000_000, {"Ok": None})


def test_a_stream_may_be_left_at_any_key(lab: Labs, tmp_path: Path) -> None:
    filled(tmp_path / "many.db", MANY.replace("1000000", "5000"))
    host = lab(runtime_config=FILE.format(tmp_path / "many.db"), key_value_stores=["default"])
    code = """
        store = await key_value.open("default")
        stream, outcome = await store.get_keys()
        with stream, outcome:
            first = await stream.read(1)
        await store.set("a", b"1")
        return int(first[0]), await store.get("a")
    """
    assert host.run(code) == [1, b"1"]


def test_pages_go_on_where_keys_are_removed(tmp_path: Path) -> None:
    filled(tmp_path / "many.db", MANY.replace("1000000", "3000"))

    async def test() -> None:
        stores = SqliteStores(tmp_path / "many.db")
        store = await stores.open("default")
        seen = 0
        async for page in pages_of(store):
            seen += len(page)
            await store.delete_many(page)
        assert seen == 3000
        await stores.close()

    asyncio.run(test())
